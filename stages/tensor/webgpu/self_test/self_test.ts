/**
 * The self-test of the kernels: before a stage begins, the operations that it uses run on small inputs,
 * forward and backward, and what comes out is held against values that their definitions gave on the CPU.
 * Drivers have computed wrong numbers in silence before.
 *
 * The cases have the model's own sizes, so that they compile what the stage needs anyway; all run in one
 * submission, and all is read back at once.
 *
 * @module
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import { dispose, env } from "@tensorflow/tfjs-core";
import { kernelNames } from "../device_watch.ts";
import { gpuBackend } from "../gpu_backend.ts";
import { distance, share } from "./digest.ts";
import type { ModelSizes } from "./model_sizes.ts";
import { runCase, type SelfTestCase } from "./self_test_case.ts";
import { casesOf, type SelfTestNeeds, storedSizes } from "./self_test_cases.ts";
import { SELF_TEST_VALUES } from "./self_test_values.ts";

/** A kernel gave wrong numbers; the message says which, how wrong, where and what to do. */
export class SelfTestError extends Error {
  override readonly name = "SelfTestError";
  /** The message says all there is to say. */
  readonly forUser = true;
}

/** What a self-test came to. */
export interface SelfTestReport {
  /** The model whose sizes the cases had. */
  readonly sizes: ModelSizes;
  /** Tensors that were compared. */
  readonly tensors: number;
  /** Kernels that ran. */
  readonly kernels: ReadonlySet<string>;
  readonly calls: number;
  readonly submissions: number;
  readonly readbacks: number;
  /** Milliseconds in all, those of compiling included. */
  readonly ms: number;
}

/** A tensor that came out. */
interface Outcome {
  readonly test: string;
  readonly name: string;
  readonly tensor: Tensor;
  /** Kernels that ran since the one before. */
  readonly kernels: readonly string[];
}

/** Calls that are recorded before a submission, at most: those of all cases. */
const CALLS = 4096;

/** The library's own flag for that. */
const LIBRARY_CALLS = "WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE";

/** Wrong tensors that a message names at most. */
const MOST_WRONG = 3;

/**
 * Tests the kernels of some parts. Pipelines stay, for the stage.
 *
 * @param driver Of the adapter, for the message.
 * @throws {SelfTestError} If any gives wrong numbers.
 */
export async function selfTest(
  { parts, sizes: model }: SelfTestNeeds,
  driver?: string,
): Promise<SelfTestReport> {
  const sizes = storedSizes(model);
  return { sizes, ...await testCases(casesOf(parts, sizes), driver) };
}

/**
 * Tests the kernels of some cases.
 *
 * @param driver Of the adapter, for the message.
 * @throws {SelfTestError} If any gives wrong numbers.
 */
export async function testCases(
  cases: readonly SelfTestCase[],
  driver = "of unknown version",
): Promise<Omit<SelfTestReport, "sizes">> {
  const begun = performance.now();
  const backend = gpuBackend();
  const { profile, callsInSubmission, submissions, readbacks } = backend;
  backend.submit();
  backend.callsInSubmission = CALLS;
  const flag = env().getNumber(LIBRARY_CALLS);
  env().set(LIBRARY_CALLS, CALLS);
  const out: Outcome[] = [];
  let calls = 0;
  try {
    for (const test of cases) {
      backend.profile = new Map();
      runCase(test, (name, tensor) => {
        const ran = backend.profile!;
        for (const count of ran.values()) calls += count.calls;
        out.push({ test: test.name, name, tensor, kernels: [...ran.keys()] });
        backend.profile = new Map();
      });
    }
    const values = await backend.readAll(out.map(({ tensor }) => tensor));
    judge(out, values, `${backend.watch.name} (driver ${driver})`);
  } finally {
    backend.profile = profile;
    backend.callsInSubmission = callsInSubmission;
    env().set(LIBRARY_CALLS, flag);
    dispose(out.map(({ tensor }) => tensor));
  }
  return {
    tensors: out.length,
    kernels: new Set(out.flatMap(({ kernels }) => kernels)),
    calls,
    submissions: backend.submissions - submissions,
    readbacks: backend.readbacks - readbacks,
    ms: performance.now() - begun,
  };
}

function judge(out: readonly Outcome[], values: readonly Float32Array[], where: string): void {
  const right = new Set<string>();
  const wrong: { readonly outcome: Outcome; readonly by: number }[] = [];
  out.forEach((outcome, i) => {
    const by = distance(values[i]!, digestFor(outcome));
    if (by > 1) wrong.push({ outcome, by });
    else for (const kernel of outcome.kernels) right.add(kernel);
  });
  if (wrong.length === 0) return;
  // What went wrong first in a case is to blame; kernels that did well elsewhere less than others.
  const firsts = wrong.filter(({ outcome: { test } }, i) => wrong[i - 1]?.outcome.test !== test);
  const said = firsts.slice(0, MOST_WRONG).map(({ outcome: { test, name, kernels }, by }) => {
    const suspects = kernels.filter((kernel) => !right.has(kernel));
    const names = suspects.length > 0 ? suspects : kernels;
    const how = Number.isFinite(by) ? `off by ${percent(by)} of its size` : "not a number";
    return `${test}: ${name} is ${how}${names.length === 0 ? "" : ` (${kernelNames(names)})`}`;
  });
  const more = firsts.length > said.length ? `; ${firsts.length - said.length} more cases` : "";
  throw new SelfTestError(
    `the self-test of the GPU's kernels failed on ${where}, in ${wrong.length} of ${out.length} ` +
      `tensors: ${said.join("; ")}${more}. Results would be wrong: use another driver, or ` +
      "--backend simd; deno task doctor says what this machine has",
  );
}

function digestFor({ test, name }: Outcome): Float32Array {
  const text = SELF_TEST_VALUES[test]?.[name];
  if (text === undefined) {
    throw new Error(`${test}: ${name}: no value is stored; run write_values.ts`);
  }
  return new Float32Array(Uint8Array.fromBase64(text).buffer);
}

function percent(by: number): string {
  return `${(100 * share(by)).toPrecision(2)} %`;
}
