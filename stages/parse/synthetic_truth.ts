/**
 * What synthetic recordings say of themselves, in the `truth.json` beside them.
 *
 * @module
 */

/** The part of `truth.json` that a parse keeps. */
export interface SyntheticTruth {
  /** Names of the actions, by label. */
  readonly names: readonly string[];
  /** What `index.json` says of them, so that no number on them is taken for one on people. */
  readonly marks: {
    readonly synthetic: true;
    /** Labels that two people perform together, 0-based. */
    readonly mutual: readonly number[];
  };
}

/**
 * Reads a `truth.json`.
 *
 * @param bytes Its content, or `undefined` if there is none.
 * @param format The format to expect, such as `synth_truth/1`.
 * @returns `undefined` if it is none: recordings may lie beside a file of that name by chance.
 */
export function syntheticTruth(
  bytes: Uint8Array | undefined,
  format: string,
): SyntheticTruth | undefined {
  if (bytes === undefined) return undefined;
  let truth: {
    format?: unknown;
    actions?: readonly ({ name?: unknown; people?: unknown } | null)[];
  } | null;
  try {
    truth = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
  if (truth?.format !== format || !Array.isArray(truth.actions)) return undefined;
  const { actions } = truth;
  return {
    names: actions.map((action, label) => String(action?.name ?? `action ${label + 1}`)),
    marks: {
      synthetic: true,
      mutual: actions.flatMap((action, label) => action?.people === 2 ? [label] : []),
    },
  };
}
