/**
 * What the kinds of classifier are called in charts and tables.
 *
 * @module
 */

/** The kind of classifier that trains the whole network from nothing. */
export const FROM_SCRATCH = "supervised";

const NAMES: Readonly<Record<string, string>> = {
  linear: "linear, released",
  linear_converged: "linear, converged",
  finetune: "fine-tuned",
  semi_supervised: "semi-supervised",
  supervised: "supervised",
  transfer: "transfer, fine-tuned",
  ensemble: "ensemble",
  nn1: "nearest training clip",
};

/** Shorter names, for columns of tables whose notes say more. */
const SHORT: Readonly<Record<string, string>> = {
  linear: "linear",
  linear_converged: "converged",
  transfer: "transfer",
  nn1: "nearest clip",
};

/** The name of a kind of classifier in a narrow column. */
export function shortProbeName(probe: string): string {
  return SHORT[probe] ?? probeName(probe);
}

/**
 * The name of a kind of classifier for people; `knn5` is "kNN, k = 5", and an ensemble with weights in
 * its name has them behind it.
 */
export function probeName(probe: string): string {
  const weights = /^ensemble_/.test(probe) ? probe.match(/\d+(\.\d+)?/g) : null;
  if (weights !== null) return `ensemble ${weights.join("/")}`;
  const k = /^knn(\d+)$/.exec(probe)?.[1];
  return k === undefined ? NAMES[probe] ?? probe.replaceAll("_", " ") : `kNN, k = ${k}`;
}
