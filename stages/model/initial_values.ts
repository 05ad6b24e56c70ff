/**
 * First weights (method section 5), each tensor from a random stream of its own.
 *
 * @module
 */
import { randomStream } from "../random.ts";
import type { ModelConfig } from "./config.ts";
import { type ParameterSpec, volume } from "./parameters.ts";

/** Standard deviation of the released initialisation. */
const DEVIATION = 0.02;

/**
 * A tensor's first values, in PyTorch's order.
 *
 * `normal02`: weights ~ N(0, 0.02), biases 0, batch normalisation weights ~ N(1, 0.02). `pytorch`:
 * weights and biases ~ U(-1, 1) / sqrt(fan in), as the layers of PyTorch begin (Kaiming's uniform
 * with a = sqrt 5), normalisation weights 1. In both, layer normalisation and edge importance begin
 * at 1, running means at 0, running variances at 1.
 *
 * @param of Whose weights, such as `query`: the stream's purpose.
 */
export function initialValues(
  spec: ParameterSpec,
  init: ModelConfig["init"],
  seed: number,
  of: string,
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(volume(spec.shape));
  const stream = randomStream(seed, `model/${of}/${spec.name}`);
  switch (spec.role === "variance" ? "importance" : spec.kind) {
    case "weight":
      if (init === "normal02") stream.fillNormal(values, 0, DEVIATION);
      else stream.fillUniform(values, ...around0(spec.fanIn));
      break;
    case "bias":
      if (init === "pytorch" && spec.fanIn > 0) stream.fillUniform(values, ...around0(spec.fanIn));
      break;
    case "batch norm weight":
      if (init === "normal02") stream.fillNormal(values, 1, DEVIATION);
      else values.fill(1);
      break;
    case "layer norm weight":
    case "importance":
      values.fill(1);
  }
  return values;
}

function around0(fanIn: number): [number, number] {
  const bound = 1 / Math.sqrt(fanIn);
  return [-bound, bound];
}

/** The queue's first keys: K rows ~ N(0, 1), each of length 1; (K, F). */
export function initialQueue(
  { queue, feature_dim }: ModelConfig,
  seed: number,
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(queue * feature_dim);
  randomStream(seed, "model/queue").fillNormal(values);
  return normalizedRows(values, feature_dim);
}

/** Rows scaled to length 1, in place. */
export function normalizedRows(
  values: Float32Array<ArrayBuffer>,
  size: number,
): Float32Array<ArrayBuffer> {
  for (let at = 0; at < values.length; at += size) {
    const row = values.subarray(at, at + size);
    const length = Math.max(Math.hypot(...row), 1e-12);
    for (let i = 0; i < size; i++) row[i] = row[i]! / length;
  }
  return values;
}
