/**
 * Names of Northwestern-UCLA recordings, `aAA_sSS_eEE_vVV`.
 *
 * @module
 */

/** What a name says. */
export interface NwUclaName {
  /** As the recordings number actions, with gaps: 1 to 6, 8, 9, 11, 12. */
  readonly action: number;
  readonly subject: number;
  /** Which time the subject did it, from 0. */
  readonly episode: number;
  /** Camera, from 1. */
  readonly view: number;
}

/** The form of a name, for messages. */
export const NW_UCLA_NAME_FORM = "aAA_sSS_eEE_vVV, two digits each";

/** Numbers of the actions in file names, by label. */
export const NW_UCLA_ACTIONS: readonly number[] = [1, 2, 3, 4, 5, 6, 8, 9, 11, 12];

/** What the actions are, by label. */
export const NW_UCLA_CLASS_NAMES: readonly string[] = [
  "pick up with one hand",
  "pick up with two hands",
  "drop trash",
  "walk around",
  "sit down",
  "stand up",
  "donning",
  "doffing",
  "throw",
  "carry",
];

/**
 * Reads a name without its extension.
 *
 * @returns `undefined` if it has not {@link NW_UCLA_NAME_FORM}.
 */
export function parseNwUclaName(name: string): NwUclaName | undefined {
  const match = /^a(\d\d)_s(\d\d)_e(\d\d)_v(\d\d)$/.exec(name);
  if (match === null) return undefined;
  const [action, subject, episode, view] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
  ];
  return { action, subject, episode, view };
}
