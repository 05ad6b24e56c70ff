/**
 * Between PyTorch's order of a tensor's values and the order on the device.
 *
 * @module
 */
import type { ParameterSpec } from "./parameters.ts";

/** For each value in device order, its index in PyTorch's order. */
function sources({ from, axes }: NonNullable<ParameterSpec["arrange"]>): Uint32Array {
  const strides = from.map((_, axis) => from.slice(axis + 1).reduce((size, n) => size * n, 1));
  let indices = Uint32Array.of(0);
  for (const axis of axes) {
    const size = from[axis]!;
    const next = new Uint32Array(indices.length * size);
    indices.forEach((index, i) => {
      for (let j = 0; j < size; j++) next[i * size + j] = index + j * strides[axis]!;
    });
    indices = next;
  }
  return indices;
}

/** Values in PyTorch's order, laid out for the device. */
export function toDevice(spec: ParameterSpec, values: Float32Array): Float32Array {
  if (spec.arrange === undefined) return values;
  return Float32Array.from(sources(spec.arrange), (source) => values[source]!);
}

/** Values as they lie on the device, in PyTorch's order. */
export function toTorch(
  spec: ParameterSpec,
  values: Float32Array<ArrayBuffer>,
): Float32Array<ArrayBuffer> {
  if (spec.arrange === undefined) return values;
  const out = new Float32Array(values.length);
  sources(spec.arrange).forEach((source, i) => out[source] = values[i]!);
  return out;
}
