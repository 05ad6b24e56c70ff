/**
 * Steps of models whose tiles are wide in part: widths of sixteen and more, and some that nothing divides. Run by
 * itself it prints whether V8 joins vectors, and the state that steps leave. See `wide_test.ts`.
 *
 * @module
 */
import { startSimdBackend } from "../../../stages/tensor/simd/simd_backend_start.ts";
import { vectorsAreWide } from "../../../stages/tensor/simd/wide_vectors.ts";
import { kernels } from "./kernels.ts";
import { type SmallModel, Steps } from "./steps.ts";

const MODELS: readonly SmallModel[] = [
  {
    width: 16,
    hidden_dim: 72,
    feature_dim: 20,
    heads: 2,
    queue: 50,
    batch: 5,
    frames: 16,
    bodies: 2,
  },
  {
    width: 12,
    hidden_dim: 48,
    feature_dim: 16,
    heads: 8,
    queue: 60,
    batch: 3,
    frames: 20,
    bodies: 1,
  },
];

/** The state after two steps of each, on wide tiles or others. */
export async function stateAfterSteps(wide: boolean) {
  await startSimdBackend({ code: await kernels(), threads: 2, wide });
  const states: Readonly<Record<string, string>>[] = [];
  for (const small of MODELS) {
    using run = new Steps(small);
    await run.take(2);
    states.push(await run.bytes());
  }
  return states;
}

if (import.meta.main) {
  const state = await stateAfterSteps(vectorsAreWide());
  console.log(JSON.stringify({ wide: vectorsAreWide(), state }));
  Deno.exit(0);
}
