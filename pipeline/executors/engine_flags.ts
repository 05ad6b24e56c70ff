/**
 * Flags with which V8 starts in children that compute with WebAssembly's vectors.
 *
 * V8 can join two vectors of 128 bits that are treated alike in one register of 256, on x86-64 with AVX2. It looks
 * for them only if told, and finds them only where no check of bounds stands between two reads; Deno's V8 has no
 * other way than such checks. In these children runs no other WebAssembly than the kernels, which the tests run with
 * all checks. What they compute is the same to the last bit, so that flags are in no key.
 *
 * @module
 */
import type { Backend } from "../stage.ts";

/** A global function by which code sees that V8 was started so. */
export const MARK = "joinsVectors";

/** For the `simd` backend. */
const SIMD = [
  "--experimental-wasm-revectorize",
  "--no-wasm-bounds-checks",
  `--expose-gc-as=${MARK}`,
];

/** The V8 that these flags are known of: another one might end at once on a flag it does not know. */
const V8 = 15;

/** The environment's word against them, for who would rather have V8 as it is: `SKELRUN_ENGINE=plain`. */
const CHOICE = "SKELRUN_ENGINE";

/** What flags depend on. */
export interface Engine {
  readonly arch?: string;
  readonly v8?: string;
  /** `plain` for no flags. */
  readonly choice?: string | undefined;
}

/** Flags for a child that computes on a backend. */
export function engineFlags(
  backend: Backend | undefined,
  { arch = Deno.build.arch, v8 = Deno.version.v8, choice = Deno.env.get(CHOICE) }: Engine = {},
): readonly string[] {
  if (backend !== "simd" || choice === "plain") return [];
  return arch === "x86_64" && parseInt(v8) === V8 ? SIMD : [];
}
