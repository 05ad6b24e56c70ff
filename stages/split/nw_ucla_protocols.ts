/**
 * The splits of Northwestern-UCLA Multiview Action3D.
 *
 * @module
 */

/** Cross-subject, cross-view, and cross-view without the test clip's subject. */
export const NW_UCLA_PROTOCOLS = ["xsub", "xview", "xview_loso"] as const;

/** One of {@link NW_UCLA_PROTOCOLS}. */
export type NwUclaProtocol = typeof NW_UCLA_PROTOCOLS[number];

/** Whether a clip trains: odd subjects under `xsub`, views 1 and 2 under the others. */
export function trainsInNwUcla(
  protocol: NwUclaProtocol,
  origin: { readonly subject: number; readonly camera: number },
): boolean {
  return protocol === "xsub"
    ? origin.subject % 2 === 1
    : origin.camera === 1 || origin.camera === 2;
}
