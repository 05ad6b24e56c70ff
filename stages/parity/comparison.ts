/**
 * Our own trajectory beside the recorded one.
 *
 * @module
 */
import type { OwnTrajectory, StepQuantity } from "./own_trajectory.ts";
import type { TrajectoryCase } from "./trajectory_file.ts";

/** One recorded quantity beside ours. */
export interface Comparison {
  /** Such as `L_z` or `final_param_norms_key`. */
  readonly quantity: string;
  /** max|a - b| / max|b|, b being the record; 0 or infinite for whole numbers. */
  readonly difference: number;
  /** Where it is largest: a step, an index, a parameter's name. */
  readonly where: string;
}

/** Tensors of modules that exist in some implementations and take no part. */
const DEAD = /^neck\.proj_obj\./;

const STEP_QUANTITIES: readonly StepQuantity[] = ["L_z", "L_s", "L_ns", "total", "ema"];

/** All recorded quantities beside ours. */
export function compareTrajectory(own: OwnTrajectory, recorded: TrajectoryCase): Comparison[] {
  const { classes } = recorded.config;
  const sums = recorded.queue_col_sums_first;
  return [
    ...STEP_QUANTITIES.map((name) =>
      compare(name, own.steps[name], recorded.steps.map((s) => s[name]), (i) => `step ${i}`)
    ),
    ...(["query", "key"] as const).map((of) =>
      compareNorms(`final_param_norms_${of}`, own.norms[of], recorded[`final_param_norms_${of}`])
    ),
    ...(["query", "key"] as const).flatMap((of) => {
      const field = `final_data_bn_${of}` as const;
      return (["mean", "var"] as const).map((part) => {
        const values = recorded[field][part];
        return compare(`${field}.${part}`, own.dataNorm[of][part].slice(0, values.length), values);
      });
    }),
    compare("queue_col_sums_first", own.queueSums.slice(0, sums.length), sums),
    {
      quantity: "queue_ptr",
      difference: own.queuePointer === recorded.queue_ptr ? 0 : Infinity,
      where: `${own.queuePointer}, recorded ${recorded.queue_ptr}`,
    },
    compare(
      "eval_logits",
      own.evalLogits,
      recorded.eval_logits.flat(),
      (i) => `[${Math.floor(i / classes)}][${i % classes}]`,
    ),
  ];
}

/** A parameter that only one side has makes the norms infinitely different. */
function compareNorms(
  quantity: string,
  own: Readonly<Record<string, number>>,
  recorded: Readonly<Record<string, number>>,
): Comparison {
  const names = Object.keys(recorded).filter((name) => !DEAD.test(name));
  const stranger = names.find((name) => !(name in own)) ??
    Object.keys(own).find((name) => !(name in recorded));
  if (stranger !== undefined) {
    const problem = stranger in own ? "is not recorded" : "is none of the model's parameters";
    return { quantity, difference: Infinity, where: `${stranger} ${problem}` };
  }
  return compare(
    quantity,
    names.map((name) => own[name]!),
    names.map((name) => recorded[name]!),
    (i) => names[i]!,
  );
}

/**
 * max|a - b| / max|b|, and where |a - b| is largest; infinite if a value is no number, or if there
 * are more or fewer of them.
 *
 * @param own a.
 * @param recorded b.
 * @param place The name of an index.
 */
export function compare(
  quantity: string,
  own: readonly number[],
  recorded: readonly number[],
  place: (index: number) => string = (i) => `[${i}]`,
): Comparison {
  if (own.length !== recorded.length) {
    const where = `${own.length} values, recorded ${recorded.length}`;
    return { quantity, difference: Infinity, where };
  }
  let largest = 0;
  let at = 0;
  let scale = 0;
  recorded.forEach((b, i) => {
    const gap = Math.abs(own[i]! - b);
    scale = Math.max(scale, Math.abs(b));
    if (!(gap <= largest)) {
      largest = Number.isNaN(gap) ? Infinity : gap;
      at = i;
    }
  });
  const difference = largest === 0 ? 0 : largest / scale;
  return { quantity, difference, where: recorded.length === 0 ? "" : place(at) };
}
