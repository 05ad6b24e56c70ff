/**
 * The options by which `parity` and `bench` are told what to compute on.
 *
 * @module
 */
import type { Call, VerbOption } from "../../pipeline/verb.ts";

const BACKENDS = ["auto", "cpu", "simd", "webgpu"] as const;

/** What `--backend` may name. */
export type BackendChoice = typeof BACKENDS[number];

/** `--backend` and `--allow-software`. */
export const BACKEND_OPTIONS: Readonly<Record<string, VerbOption>> = {
  backend: {
    kind: "value",
    value: "NAME",
    summary:
      "auto (webgpu on a hardware adapter, else simd: kernels on the CPU), webgpu, simd or cpu",
  },
  "allow-software": { kind: "flag", summary: "Let webgpu use a software adapter (slow)" },
};

/** The value of `--backend` (`auto` where it is not given), or what is wrong with it. */
export function backendChoice(call: Call): { backend: BackendChoice } | { problem: string } {
  const given = call.value("backend") ?? "auto";
  const backend = BACKENDS.find((name) => name === given);
  if (backend !== undefined) return { backend };
  return {
    problem: `--backend: expected ${BACKENDS.join(", ")}, found ${JSON.stringify(given)}`,
  };
}
