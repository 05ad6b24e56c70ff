/**
 * `verify`: recomputes what was computed and compares, or hashes the store's bytes anew.
 *
 * @module
 */
import type { Experiment } from "../types.ts";
import { UsageError } from "../usage_error.ts";
import type { Verification } from "../verify/verification.ts";
import type { Call, Verb } from "../verb.ts";
import {
  CLASS_OPTIONS,
  CORES_OPTIONS,
  DEVICE_OPTIONS,
  EXPERIMENT_OPTIONS,
  JSON_OPTION,
  positiveInteger,
  REHASH_OPTION,
  sharedCores,
  STORE_OPTION,
  STRICT_OPTION,
} from "./options.ts";

/** Recomputes results and compares, or checks the store's bytes. */
export const verifyVerb: Verb = {
  name: "verify",
  summary:
    "Recompute results and compare them bit by bit, or hash the store's bytes anew (--blobs)",
  arguments: [
    { name: "FILE", summary: "the experiment file; not needed with --blobs", optional: true },
    {
      name: "STAGE",
      summary: "the stage to recompute, all its matrix cells (default: all stages)",
      optional: true,
    },
  ],
  options: {
    blobs: {
      kind: "flag",
      summary: "Recompute nothing: hash all bytes in the store and check its records",
    },
    repair: {
      kind: "flag",
      summary: "With FILE: put bytes that are gone back; with --blobs: set aside what is damaged",
    },
    times: { kind: "value", value: "N", summary: "Recompute each stage so often (default: once)" },
    ...EXPERIMENT_OPTIONS,
    ...STORE_OPTION,
    ...DEVICE_OPTIONS,
    "accept-device": CLASS_OPTIONS["accept-device"]!,
    ...CORES_OPTIONS,
    ...STRICT_OPTION,
    ...REHASH_OPTION,
    quiet: { kind: "flag", alias: "q", summary: "Show no progress; only what differs" },
    ...JSON_OPTION,
  },
  example: "deno task verify experiments/demo.yaml normalize",
  async run(call) {
    const file = call.args.FILE;
    if (call.flag("blobs")) {
      if (file !== undefined) {
        throw new UsageError(
          "--blobs checks the whole store and takes no FILE; leave out one of the two",
        );
      }
      return (await import("./verify_blobs.ts")).verifyBlobs(call);
    }
    if (file === undefined) {
      throw new UsageError(
        "expected an experiment FILE whose results to recompute, or --blobs for the whole store",
      );
    }
    return await verifyExperiment(call, file);
  },
};

/** The ids that STAGE stands for: an id, or the name of a stage that a matrix multiplies. */
async function chosen(
  { stages, name }: Experiment,
  word: string | undefined,
): Promise<readonly string[] | undefined> {
  if (word === undefined) return undefined;
  const ids = stages.filter(({ id, base }) => id === word || base === word).map(({ id }) => id);
  if (ids.length > 0) return ids;
  const { didYouMean, listed } = await import("../suggest.ts");
  const known = [
    ...new Set(stages.flatMap(({ id, base }) => base === undefined ? [id] : [base, id])),
  ];
  throw new UsageError(
    `no stage ${JSON.stringify(word)} in ${name}${didYouMean(word, known) || "."} ` +
      `Its stages: ${listed(known)}`,
  );
}

async function verifyExperiment(call: Call, file: string): Promise<number> {
  const cores = sharedCores(call);
  const times = positiveInteger(call, "times");
  const { openSession, planning } = await import("./session.ts");
  const { verify } = await import("../verify/verify.ts");
  const { RunControl } = await import("../running/run_control.ts");
  const { shown } = await import("./shown.ts");
  const { experiment, store, device, options } = await openSession(call, file);
  const only = await chosen(experiment, call.args.STAGE);
  await store.assertWritable();
  const { terminal, compareFiles } = call;
  if (device !== undefined && !call.flag("quiet")) {
    terminal.err(`device: ${device.backend} (${device.why})\n`);
  }
  const control = new RunControl();
  const verification = await shown(
    call,
    control,
    (onEvent) =>
      planning(experiment, () =>
        verify(experiment, {
          ...options,
          only,
          ...cores,
          times,
          repair: call.flag("repair"),
          compareFiles,
          control,
        }, onEvent)),
  );
  if (call.flag("json")) {
    terminal.out(`${JSON.stringify({ ...verification, device }, undefined, 2)}\n`);
    return exitStatus(verification);
  }
  const { verificationCounts, verificationTable } = await import("../verify/verification_text.ts");
  const { duration } = await import("../screen/duration.ts");
  terminal.out(verificationTable(verification));
  terminal.err(
    `${verification.experiment}: ${verificationCounts(verification)}, in ${
      duration(verification.seconds)
    }\n`,
  );
  if (verification.stages.every(({ recomputed }) => recomputed === 0)) {
    terminal.err("verify: nothing was compared\n");
  }
  return exitStatus(verification);
}

/** Failed if anything differs or could not run, and if nothing at all was compared. */
function exitStatus({ stages, stopped }: Verification): number {
  if (stopped) return 130;
  if (stages.some(({ state }) => state === "differs" || state === "could not run")) return 1;
  return stages.some(({ state }) => state === "same") ? 0 : 1;
}
