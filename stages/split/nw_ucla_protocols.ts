/**
 * The splits of Northwestern-UCLA Multiview Action3D.
 *
 * @module
 */

import { VIEW_SWAPS, type ViewSwap } from "./view_swap.ts";

/** Cross-subject, cross-view, cross-view without the test clip's subject; and two for selection. */
export const NW_UCLA_PROTOCOLS = ["xsub", "xview", "xview_loso", ...VIEW_SWAPS] as const;

/** One of {@link NW_UCLA_PROTOCOLS}. */
export type NwUclaProtocol = typeof NW_UCLA_PROTOCOLS[number];

/** Whether a clip trains: odd subjects under `xsub`, views 1 and 2 under the others. */
export function trainsInNwUcla(
  protocol: Exclude<NwUclaProtocol, ViewSwap>,
  origin: { readonly subject: number; readonly camera: number },
): boolean {
  return protocol === "xsub"
    ? origin.subject % 2 === 1
    : origin.camera === 1 || origin.camera === 2;
}
