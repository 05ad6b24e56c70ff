/**
 * How two files of tensors differ: `.npy` with one each, `.safetensors` with many by name.
 *
 * @module
 */
import { decodeNpy } from "../formats/npy.ts";
import { decodeSafetensors, type SafeTensor } from "../formats/safetensors.ts";
import { jsonDifference } from "./json_difference.ts";
import { tensorDifference } from "./array_difference.ts";

/**
 * How two `.npy` files differ.
 *
 * @param name What to call them in an error.
 * @throws {NpyError} If either is no sound `.npy` file.
 */
export function npyDifference(name: string, a: Uint8Array, b: Uint8Array): string {
  return tensorDifference(decodeNpy(a, name), decodeNpy(b, name)) ??
    "the same tensor under two headers";
}

/**
 * How two safetensors files differ: the first tensor by name that does, and how many do.
 *
 * @param name What to call them in an error.
 * @throws {SafetensorsError} If either is no sound safetensors file.
 */
export function safetensorsDifference(name: string, a: Uint8Array, b: Uint8Array): string {
  const [first, second] = [decodeSafetensors(a, name), decodeSafetensors(b, name)];
  const names = [...new Set([...first.tensors.keys(), ...second.tensors.keys()])].sort();
  const found = names.flatMap((tensor) => {
    const text = namedDifference(first.tensors.get(tensor), second.tensors.get(tensor));
    return text === undefined ? [] : [`tensor ${JSON.stringify(tensor)}: ${text}`];
  });
  if (found.length > 0) {
    const others = found.length === 1 ? "" : `; ${found.length} of ${names.length} tensors differ`;
    return found[0]! + others;
  }
  const metadata = jsonDifference(first.metadata, second.metadata);
  return metadata === undefined
    ? "the same tensors in two layouts"
    : `the same tensors; metadata: ${metadata}`;
}

function namedDifference(
  a: SafeTensor | undefined,
  b: SafeTensor | undefined,
): string | undefined {
  if (a === undefined || b === undefined) return `only in the ${a ? "first" : "second"}`;
  return tensorDifference({ ...a, type: a.dtype }, { ...b, type: b.dtype });
}
