/**
 * How large the paper's data sets are, whole (method sections 1.1 and 1.4).
 *
 * @module
 */

/** A split of a whole data set. */
export interface FullSplit {
  /** All usable clips. */
  readonly clips: number;
  /** Those that test. */
  readonly test: number;
}

/** NTU RGB+D without the clips of the published lists of missing skeletons, by classes and split. */
const NTU: Readonly<Record<string, FullSplit>> = {
  "60 xsub": { clips: 56_578, test: 16_487 },
  "60 xview": { clips: 56_578, test: 18_932 },
  "120 xsub": { clips: 113_945, test: 50_919 },
  "120 xset": { clips: 113_945, test: 59_477 },
};

/**
 * The size of a whole data set and of a split of it.
 *
 * PKU-MMD has no entry: how many clips its parts have depends on how the videos are cut, and no count of
 * the released preparation is known; so no number on it is ever called reproduced.
 *
 * @param data What data set it is.
 * @param protocol Of the split.
 */
export function fullSplit(
  data: { readonly dataset: string; readonly classes: number },
  protocol: string,
): FullSplit | undefined {
  return data.dataset === "ntu" ? NTU[`${data.classes} ${protocol}`] : undefined;
}

/**
 * Whether a split of NTU 120 is the one by camera, which the released code calls xview and which is no
 * xset (method section 11, row 7).
 */
export function isCameraSplit(
  data: { readonly dataset: string; readonly classes: number } | undefined,
  protocol: string,
): boolean {
  return data?.dataset === "ntu" && data.classes > 60 &&
    (protocol === "xview" || protocol === "camera");
}

/** Whether a split is NTU 120's cross-setup. */
export function isSetupSplit(
  data: { readonly dataset: string; readonly classes: number } | undefined,
  protocol: string,
): boolean {
  return data?.dataset === "ntu" && data.classes > 60 && protocol === "xset";
}

/** The name of a split for people: that of NTU 120 by camera is not to be taken for xview of NTU 60. */
export function splitName(
  data: { readonly dataset: string; readonly classes: number } | undefined,
  protocol: string,
): string {
  return isCameraSplit(data, protocol) ? "camera" : protocol;
}
