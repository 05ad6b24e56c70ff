/**
 * The splits of NTU RGB+D 60 and 120 (method section 1.1).
 *
 * @module
 */

/** Cross-subject, cross-view and cross-setup. */
export const NTU_PROTOCOLS = ["xsub", "xview", "xset"] as const;

/** One of {@link NTU_PROTOCOLS}. */
export type NtuProtocol = typeof NTU_PROTOCOLS[number];

/** Where a recording was made and of whom; all from 1. */
export interface NtuOrigin {
  readonly subject: number;
  readonly camera: number;
  readonly setup: number;
}

/**
 * The 53 subjects of NTU 120 that train under `xsub`. Those up to 40 are the 20 of NTU 60, so the one
 * list serves both.
 */
export const XSUB_TRAINING_SUBJECTS: readonly number[] = [
  ...[1, 2, 4, 5, 8, 9, 13, 14, 15, 16, 17, 18, 19, 25, 27, 28, 31, 34, 35, 38],
  ...[45, 46, 47, 49, 50, 52, 53, 54, 55, 56, 57, 58, 59, 70, 74, 78, 80, 81, 82, 83, 84, 85, 86],
  ...[89, 91, 92, 93, 94, 95, 97, 98, 100, 103],
];

const trainingSubjects: ReadonlySet<number> = new Set(XSUB_TRAINING_SUBJECTS);

/** Whether a recording trains: by its subject, by camera (2 and 3) or by setup (even). */
export function trainsInNtu(protocol: NtuProtocol, origin: NtuOrigin): boolean {
  switch (protocol) {
    case "xsub":
      return trainingSubjects.has(origin.subject);
    case "xview":
      return origin.camera === 2 || origin.camera === 3;
    case "xset":
      return origin.setup % 2 === 0;
  }
}
