/**
 * Our own run of a trajectory's steps, and everything of it that files record.
 *
 * @module
 */
import type { SafeTensor } from "../formats/safetensors.ts";
import { disposeStep, type StepOutput } from "../model/model_types.ts";
import type { SkeAttnCLR } from "../model/skeattnclr.ts";
import { clipTensors, filledModel, swapOf } from "./filled_model.ts";
import type { TrajectoryConfig } from "./trajectory_file.ts";

/** A model between two steps, as `SkeAttnCLR.state` gives it. */
export type ModelState = ReadonlyMap<string, SafeTensor>;

/** The quantities of a trajectory, as numbers. */
export interface OwnTrajectory {
  /** By name, a value a step. */
  readonly steps: Readonly<Record<StepQuantity, readonly number[]>>;
  /** Euclidean norms of all parameters after the last step. */
  readonly norms: Readonly<Record<"query" | "key", Readonly<Record<string, number>>>>;
  /** Running statistics of the data's normalisation. */
  readonly dataNorm: Readonly<
    Record<"query" | "key", { readonly mean: readonly number[]; readonly var: readonly number[] }>
  >;
  /** Sums of the queue's keys, all K. */
  readonly queueSums: readonly number[];
  readonly queuePointer: number;
  /** (N, classes), row after row. */
  readonly evalLogits: readonly number[];
}

/** What is recorded of each step. */
export type StepQuantity = LossName | "ema";

type LossName = Extract<keyof StepOutput, "L_z" | "L_s" | "L_ns" | "total">;
const LOSSES: readonly LossName[] = ["L_z", "L_s", "L_ns", "total"];

/** How a run goes, beside its configuration. */
export interface RunOptions {
  /** States to begin steps with, by step; where there is none the run goes on from its own. */
  readonly states?: readonly (ModelState | undefined)[];
  /** Receives the state before each step. */
  readonly onState?: (state: ModelState) => void;
  /** Called after each step with the number of those done. */
  readonly onStep?: (done: number) => void;
}

/** Momentum of the moving average after a step: m = 1 - (1 - base) (cos(pi i / I) + 1) / 2. */
export function trajectoryEma(
  { m, i0, I }: Pick<TrajectoryConfig, "m" | "i0" | "I">,
  step: number,
): number {
  return 1 - (1 - m) * (Math.cos(Math.PI * (i0 + step) / I) + 1) / 2;
}

/** Runs all steps on the backend in use. */
export async function runTrajectory(
  config: TrajectoryConfig,
  { states = [], onState, onStep }: RunOptions = {},
): Promise<OwnTrajectory> {
  const model = filledModel(config);
  try {
    const steps: Record<StepQuantity, number[]> = {
      L_z: [],
      L_s: [],
      L_ns: [],
      total: [],
      ema: [],
    };
    let evalLogits: number[] = [];
    for (let step = 0; step < config.steps; step++) {
      const state = states[step];
      if (state !== undefined) model.restore(state);
      if (onState !== undefined) onState(await model.state());
      const { xq, xk } = clipTensors(config, step);
      const emaMomentum = trajectoryEma(config, step);
      const out = model.step(xq, xk, swapOf(config.swap[step % config.swap.length]!), {
        lr: config.lr,
        emaMomentum,
        dropoutKey: [0, 0],
        weightDecay: config.wd,
      });
      for (const name of LOSSES) steps[name].push((await out[name].data())[0]!);
      steps.ema.push(emaMomentum);
      disposeStep(out);
      if (step === config.steps - 1) {
        const logits = model.logits(xq, "joint");
        evalLogits = [...await logits.data()];
        logits.dispose();
      }
      xq.dispose();
      xk.dispose();
      onStep?.(step + 1);
    }
    return { steps, evalLogits, ...await finalValues(model) };
  } finally {
    model.dispose();
  }
}

async function finalValues(
  model: SkeAttnCLR,
): Promise<Omit<OwnTrajectory, "steps" | "evalLogits">> {
  const of = async (which: "query" | "key") => {
    const weights = await model.exportWeights(which);
    const values = (name: string) => [...weights.get(name)!.data as Float32Array];
    const norms: Record<string, number> = {};
    for (const [name, { dtype, data }] of weights) {
      if (dtype !== "F32" || /\.running_(mean|var)$/.test(name)) continue;
      norms[name] = Math.sqrt(data.reduce((sum, x) => sum + x * x, 0));
    }
    return {
      norms,
      dataNorm: {
        mean: values("backbone.data_bn.running_mean"),
        var: values("backbone.data_bn.running_var"),
      },
    };
  };
  const [query, key] = [await of("query"), await of("key")];
  const state = await model.state();
  const queue = state.get("queue")!;
  const [keys, size] = queue.shape as [number, number];
  const values = queue.data as Float32Array;
  return {
    norms: { query: query.norms, key: key.norms },
    dataNorm: { query: query.dataNorm, key: key.dataNorm },
    queueSums: Array.from(
      { length: keys },
      (_, i) => values.subarray(i * size, (i + 1) * size).reduce((sum, x) => sum + x, 0),
    ),
    queuePointer: Number(state.get("queue_ptr")!.data[0]),
  };
}
