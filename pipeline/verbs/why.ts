/**
 * `why`: why one stage runs, what it waits for, or what made it.
 *
 * @module
 */
import type { Explainer } from "../explain/explanation.ts";
import type { Plan } from "../plan.ts";
import type { Verb } from "../verb.ts";
import type { WhyFacts } from "../explain/why_text.ts";
import {
  CLASS_OPTIONS,
  DEVICE_OPTIONS,
  EXPERIMENT_OPTIONS,
  JSON_OPTION,
  REHASH_OPTION,
  STORE_OPTION,
  STRICT_OPTION,
} from "./options.ts";

/** Explains one stage. */
export const why: Verb = {
  name: "why",
  summary: "Say why a stage would run: what differs from its earlier result, value by value",
  arguments: [
    { name: "FILE", summary: "the experiment file" },
    { name: "STAGE", summary: "the stage's name in it; all its cells, where a matrix has several" },
  ],
  options: {
    ...EXPERIMENT_OPTIONS,
    ...STORE_OPTION,
    ...DEVICE_OPTIONS,
    ...CLASS_OPTIONS,
    ...STRICT_OPTION,
    ...REHASH_OPTION,
    ...JSON_OPTION,
  },
  example: "deno task why experiments/demo.yaml pretrain --set stages.normalize.params.frames=64",
  async run(call) {
    const { openSession, planning } = await import("./session.ts");
    const { plan } = await import("../plan.ts");
    const { stagesNamed } = await import("../stage_reference.ts");
    const { experiment, options } = await openSession(call, call.args.FILE!);
    const ids = stagesNamed(call.args.STAGE!, experiment.stages, experiment.name);
    const found = await planning(experiment, () => plan(experiment, options));
    const { Explainer } = await import("../explain/explanation.ts");
    const { estimate } = await import("../explain/estimate.ts");
    const { headLine, whyText } = await import("../explain/why_text.ts");
    const explainer = new Explainer(found);
    const estimates = estimate(found, undefined);
    const { terminal } = call;
    const facts = async (id: string): Promise<WhyFacts> => ({
      experiment: experiment.name,
      record: found.stages.find(({ node }) => node.id === id)!.record,
      estimate: estimates.stages.get(id),
      last: await lastOf(found, explainer, id),
    });
    if (call.flag("json")) {
      const body = [];
      for (const id of ids) {
        const { record, estimate, last } = await facts(id);
        body.push({
          ...explainer.stage(id),
          estimate,
          last,
          provenance: record?.provenance,
          accepted: record?.accepted,
        });
      }
      terminal.out(`${JSON.stringify(body.length === 1 ? body[0] : body, undefined, 2)}\n`);
    } else if (ids.length === 1) {
      terminal.out(whyText(explainer.stage(ids[0]), await facts(ids[0])));
    } else {
      for (const id of ids) terminal.out(`${headLine(explainer.stage(id), experiment.name)}\n`);
    }
    for (const path of found.planning.misses.damaged) {
      terminal.err(`${path} is damaged: what ran earlier is not known from it\n`);
    }
    return 0;
  },
};

/** How a stage fared when the experiment last had it in a run, if it came to no result then. */
async function lastOf(plan: Plan, explainer: Explainer, id: string): Promise<string | undefined> {
  if (explainer.stage(id).state === "cached") return undefined;
  const { lastRun } = await import("../history/last_run.ts");
  const { moment } = await import("../screen/moment.ts");
  const { planning } = plan;
  const run = lastRun(planning.options.store, {
    experiment: planning.graph.experiment.name,
    where: ({ stages }) => stages.some((stage) => stage.id === id),
  });
  const row = run?.stages.find((row) => row.id === id);
  if (!run || !row || row.status === "ran" || row.status === "cached") return undefined;
  const reason = row.reason === undefined ? "" : `: ${row.reason.split("\n")[0]}`;
  return `${row.status}, ${moment(run.started)}${reason}`;
}
