/**
 * Options that several verbs share, so that each is called and explained the same everywhere.
 *
 * @module
 */
import { DEFAULT_STORE } from "../command_line.ts";
import { BACKENDS } from "../device.ts";
import { UsageError } from "../usage_error.ts";
import type { DeviceRequest } from "../types.ts";
import type { Call, VerbOption } from "../verb.ts";
import { didYouMean } from "../suggest.ts";

type Options = Readonly<Record<string, VerbOption>>;

/** Where results are kept. */
export const STORE_OPTION: Options = {
  store: {
    kind: "value",
    value: "DIR",
    summary: `The folder that keeps results (default: SKELRUN_STORE, or ${DEFAULT_STORE})`,
  },
};

/** What is laid over an experiment file. */
export const EXPERIMENT_OPTIONS: Options = {
  set: {
    kind: "list",
    value: "PATH=VALUE",
    summary: "Put a value into the experiment, such as stages.pretrain.params.epochs=3; repeatable",
  },
  variant: { kind: "value", value: "NAME", summary: "Use a variant of the experiment" },
  cell: {
    kind: "list",
    value: "AXIS=LABEL",
    summary: "Use these cells of the matrix alone, such as seed=1; repeatable",
  },
};

/** On what stages compute. */
export const DEVICE_OPTIONS: Options = {
  backend: {
    kind: "value",
    value: "NAME",
    summary:
      "auto (webgpu on a hardware adapter, else simd: kernels on the CPU), webgpu, simd or cpu",
  },
  "allow-software": { kind: "flag", summary: "Let webgpu use a software adapter (slow)" },
};

/** Of which classes of device results count. */
export const CLASS_OPTIONS: Options = {
  device: {
    kind: "value",
    value: "CLASS",
    summary: "Plan for another machine's class of device, such as cpu; nothing can be run so",
  },
  "accept-device": {
    kind: "value",
    value: "any",
    summary: "Take results of any other class of device where those of the own are missing",
  },
};

/** What stages take, before they take it. */
export const MEMORY_OPTION: Options = {
  memory: {
    kind: "flag",
    summary: "Say first how much memory each stage that runs will take at its peak",
  },
};

/** How stages share the cores; {@link sharedCores} reads them. */
export const CORES_OPTIONS: Options = {
  jobs: {
    kind: "value",
    alias: "j",
    value: "N",
    summary: "Cores that stages may use together (default: all)",
  },
  threads: {
    kind: "value",
    value: "N",
    summary: "Cores that one stage may use, such as 1 to run many beside each other (default: " +
      "those of --jobs); results are the same",
  },
};

/** For programs that read the output. */
export const JSON_OPTION: Options = {
  json: { kind: "flag", summary: "Print one JSON document on standard output" },
};

/** Bad input and the wrong Deno are fatal. */
export const STRICT_OPTION: Options = {
  strict: {
    kind: "flag",
    summary: "Refuse bad input that would be listed as excluded, and another Deno than the pinned",
  },
};

/** Trust no remembered digest of a file. */
export const REHASH_OPTION: Options = {
  rehash: { kind: "flag", summary: "Hash the input files anew, trusting no remembered digest" },
};

/**
 * One of a few words.
 *
 * @throws {UsageError} If the option has another value.
 */
export function choice<T extends string>(
  call: Call,
  option: string,
  choices: readonly [T, ...T[]],
): T {
  const given = call.value(option);
  if (given === undefined) return choices[0];
  const found = choices.find((name) => name === given);
  if (found !== undefined) return found;
  throw new UsageError(
    `--${option}: expected ${oneOf(choices)}, found ${JSON.stringify(given)}${
      didYouMean(given, choices)
    }`,
  );
}

/**
 * Cores that stages may use together, and each of them.
 *
 * @throws {UsageError} If either is no whole number from 1, or one stage may use more than all may.
 */
export function sharedCores(
  call: Call,
): { readonly jobs: number | undefined; readonly threads: number | undefined } {
  const jobs = positiveInteger(call, "jobs");
  const threads = positiveInteger(call, "threads") ?? jobs;
  if (jobs !== undefined && threads! > jobs) {
    throw new UsageError(
      `--threads: expected at most the ${jobs} of --jobs, found ${threads}; ask for fewer`,
    );
  }
  return { jobs, threads };
}

/**
 * A whole number of at least 1.
 *
 * @throws {UsageError} If the option has another value.
 */
export function positiveInteger(call: Call, option: string): number | undefined {
  const given = call.value(option);
  if (given === undefined) return undefined;
  if (/^\d+$/.test(given) && Number(given) >= 1) return Number(given);
  throw new UsageError(
    `--${option}: expected a whole number of at least 1, found ${JSON.stringify(given)}`,
  );
}

/**
 * The classes whose results a call takes where the own are missing.
 *
 * @throws {UsageError} If `--accept-device` is not `any`.
 */
export function acceptedDevice(call: Call): "any" | undefined {
  return call.value("accept-device") === undefined
    ? undefined
    : choice<"any">(call, "accept-device", ["any"]);
}

/**
 * Refuses `--device` for a verb that computes.
 *
 * @throws {UsageError} If it is given.
 */
export function computesHere(call: Call): void {
  const given = call.value("device");
  if (given === undefined) return;
  throw new UsageError(
    `--device ${given} plans for another machine, and this one can only compute on its own device; ` +
      `leave it out here, or ask what would run there with: deno task plan ${call.args.FILE} ` +
      `--device ${JSON.stringify(given)}`,
  );
}

/**
 * The device that a call asks for.
 *
 * @throws {UsageError} If `--backend` names none.
 */
export function deviceRequest(call: Call): DeviceRequest {
  return {
    backend: choice(call, "backend", ["auto", ...BACKENDS]),
    allowSoftware: call.flag("allow-software"),
  };
}

/** "a", "a or b", "a, b or c". */
function oneOf(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
