/**
 * `plan`: what a run would do with each stage, why, and how long it would take.
 *
 * @module
 */
import type { Causes } from "../explain/causes.ts";
import type { PlanEstimate } from "../explain/estimate.ts";
import { memoryOf, memoryText } from "../explain/memory_text.ts";
import type { Plan } from "../plan.ts";
import type { Device } from "../types.ts";
import type { Verb } from "../verb.ts";
import {
  CLASS_OPTIONS,
  CORES_OPTIONS,
  DEVICE_OPTIONS,
  EXPERIMENT_OPTIONS,
  JSON_OPTION,
  MEMORY_OPTION,
  REHASH_OPTION,
  sharedCores,
  STORE_OPTION,
  STRICT_OPTION,
} from "./options.ts";

/** Stages whose causes are looked for, unless all are asked for. */
const EXPLAINED = 200;

/** The plan as one JSON document. */
function planJson(
  plan: Plan,
  { causes }: Causes,
  estimate: PlanEstimate,
  device: Device | undefined,
): string {
  const { planning, stages } = plan;
  const place = new Map(estimate.schedule.order.map((id, i) => [id, i + 1]));
  const { wallSeconds, workSeconds, chain, chainSeconds } = estimate.schedule;
  const body = {
    experiment: planning.graph.experiment.name,
    device,
    causes,
    estimate: { wallSeconds, workSeconds, chain, chainSeconds, unknown: estimate.unknown },
    stages: stages.map((stage) => ({
      id: stage.node.id,
      uses: stage.node.instance.definition.name,
      state: stage.state,
      order: place.get(stage.node.id),
      reason: stage.reason,
      bytesNeededBy: estimate.again.get(stage.node.id),
      causes: stage.causes,
      key: stage.resolved?.key,
      otherDevice: stage.record && planning.otherDevice(stage.node, stage.record),
      estimate: estimate.stages.get(stage.node.id),
      memory: memoryOf(plan, stage),
      outputs: stage.record === undefined
        ? undefined
        : Object.entries(stage.record.outputs).map(([name, { type, digest, bytes }]) => ({
          name,
          type,
          digest,
          bytes,
        })),
    })),
  };
  return `${JSON.stringify(body, undefined, 2)}\n`;
}

/** Says what a run would do, and does none of it. */
export const planVerb: Verb = {
  name: "plan",
  summary: "Say what a run would do with each stage, why, and how long it takes; runs nothing",
  arguments: [{ name: "FILE", summary: "the experiment file" }],
  options: {
    ...EXPERIMENT_OPTIONS,
    ...STORE_OPTION,
    ...DEVICE_OPTIONS,
    ...CLASS_OPTIONS,
    ...CORES_OPTIONS,
    ...MEMORY_OPTION,
    all: { kind: "flag", summary: "Show every stage and every cause, however many" },
    ...STRICT_OPTION,
    ...REHASH_OPTION,
    ...JSON_OPTION,
  },
  example: "deno task plan experiments/demo.yaml --set stages.pretrain.params.epochs=3",
  async run(call) {
    const cores = sharedCores(call);
    const { openSession, planning } = await import("./session.ts");
    const { plan } = await import("../plan.ts");
    const { experiment, device, options } = await openSession(call, call.args.FILE!);
    const found = await planning(
      experiment,
      () => plan(experiment, { ...options, threads: cores.threads }),
    );
    const { Explainer } = await import("../explain/explanation.ts");
    const { causesOf } = await import("../explain/causes.ts");
    const { estimate } = await import("../explain/estimate.ts");
    const { json, all } = { json: call.flag("json"), all: call.flag("all") };
    const causes = causesOf(found, new Explainer(found), json || all ? Infinity : EXPLAINED);
    const estimated = estimate(found, cores.jobs);
    const { terminal } = call;
    for (const path of found.planning.misses.damaged) {
      terminal.err(`${path} is damaged: what ran earlier is not known from it\n`);
    }
    if (json) {
      terminal.out(planJson(found, causes, estimated, device));
      return 0;
    }
    const { planText } = await import("../explain/plan_text.ts");
    terminal.out(planText(found, causes, estimated, {
      columns: terminal.outLive === true ? terminal.columns : undefined,
      cores: cores.jobs ?? navigator.hardwareConcurrency,
      all,
    }));
    if (call.flag("memory")) {
      const { stagesMemoryMiB } = await import("../running/capacity.ts");
      terminal.out(`${memoryText(found, stagesMemoryMiB())}\n`);
    }
    if (device !== undefined) terminal.out(`device: ${device.backend} (${device.why})\n`);
    return 0;
  },
};
