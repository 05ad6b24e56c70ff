/**
 * Which classes of a data set two people perform together.
 *
 * @module
 */

/** What has to be known of a data set. */
export interface LabelledSet {
  /** Such as `ntu`. */
  readonly dataset: string;
  readonly classes: number;
  /** Made by a program; its classes are not those of the data set whose form it has. */
  readonly synthetic?: true | undefined;
  /** Classes of two people as the recordings themselves state them, 0-based. */
  readonly mutual?: readonly number[] | undefined;
}

/** NTU RGB+D: actions A50 to A60, and A106 to A120 of NTU 120; first and last label, 0-based. */
const NTU_RANGES = [[49, 59], [105, 119]] as const;

/**
 * Labels of PKU-MMD whose action is done to or with another person: giving something, shaking hands,
 * hugging, kicking, patting the back, pointing at, punching and pushing somebody.
 */
const PKU_LABELS = [11, 13, 15, 17, 20, 23, 25, 26] as const;

/**
 * The classes of two people, 0-based and ascending.
 *
 * @returns `undefined` where nobody says, or where the set has but one kind of classes.
 */
export function mutualClasses(set: LabelledSet): readonly number[] | undefined {
  const stated = set.mutual ?? (set.synthetic ? [] : known(set.dataset));
  const found = stated.filter((label) => label < set.classes);
  return found.length === 0 || found.length === set.classes ? undefined : found;
}

function known(dataset: string): readonly number[] {
  if (dataset === "pku") return PKU_LABELS;
  if (dataset !== "ntu") return [];
  return NTU_RANGES.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, i) => first + i)
  );
}
