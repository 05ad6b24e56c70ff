/**
 * `plan`: what a run would do with each stage, and why.
 *
 * @module
 */
import type { Plan } from "../plan.ts";
import type { Device } from "../types.ts";
import type { Verb } from "../verb.ts";
import {
  DEVICE_OPTIONS,
  EXPERIMENT_OPTIONS,
  JSON_OPTION,
  REHASH_OPTION,
  STORE_OPTION,
  STRICT_OPTION,
} from "./options.ts";

/** The plan as one JSON document. */
function planJson(name: string, { stages }: Plan, device: Device | undefined): string {
  const body = {
    experiment: name,
    device,
    stages: stages.map(({ node, state, resolved, record, reason, causes }) => ({
      id: node.id,
      uses: node.instance.definition.name,
      state,
      reason,
      causes,
      key: resolved?.key,
      outputs: record === undefined
        ? undefined
        : Object.entries(record.outputs).map(([name, { type, digest, bytes }]) => ({
          name,
          type,
          digest,
          bytes,
        })),
    })),
  };
  return `${JSON.stringify(body, undefined, 2)}\n`;
}

/** How many stages are in each state, in words. */
function counts({ stages }: Plan): string {
  const count = (state: string) => stages.filter((stage) => stage.state === state).length;
  const parts = [`${count("cached")} cached`, `${count("runs")} to run`];
  if (count("waits") > 0) parts.push(`${count("waits")} waiting for those`);
  return `${stages.length} ${stages.length === 1 ? "stage" : "stages"}: ${parts.join(", ")}`;
}

/** Says what a run would do, and does none of it. */
export const planVerb: Verb = {
  name: "plan",
  summary: "Say what a run would do with each stage, and why; runs nothing",
  arguments: [{ name: "FILE", summary: "the experiment file" }],
  options: {
    ...EXPERIMENT_OPTIONS,
    ...STORE_OPTION,
    ...DEVICE_OPTIONS,
    ...STRICT_OPTION,
    ...REHASH_OPTION,
    ...JSON_OPTION,
  },
  example: "deno task plan experiments/demo.yaml --set stages.pretrain.params.epochs=3",
  async run(call) {
    const { openSession, planning } = await import("./session.ts");
    const { plan } = await import("../plan.ts");
    const { experiment, device, options } = await openSession(call, call.args.FILE!);
    const found = await planning(experiment, () => plan(experiment, options));
    if (call.flag("json")) {
      call.terminal.out(planJson(experiment.name, found, device));
      return 0;
    }
    const { plainTable } = await import("../plain_table.ts");
    const rows = found.stages.map(({ node, state, reason }) => [node.id, state, reason]);
    call.terminal.out(`${plainTable([["stage", "state", "why"], ...rows])}\n`);
    call.terminal.out(`${counts(found)}\n`);
    if (device !== undefined) call.terminal.out(`device: ${device.backend} (${device.why})\n`);
    return 0;
  },
};
