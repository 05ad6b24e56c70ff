/**
 * `accept`: states that what a result's key sees as a change changes nothing.
 *
 * @module
 */
import type { AcceptedStage } from "../acceptance/accept.ts";
import type { ListedAcceptance } from "../acceptance/acceptances.ts";
import { UsageError } from "../usage_error.ts";
import type { Call, Verb } from "../verb.ts";
import {
  CLASS_OPTIONS,
  DEVICE_OPTIONS,
  EXPERIMENT_OPTIONS,
  JSON_OPTION,
  STORE_OPTION,
} from "./options.ts";

/** Hex digits of a key that are shown. */
const SHORT = 12;

function json(body: unknown): string {
  return `${JSON.stringify(body, undefined, 2)}\n`;
}

/** What is done: one of three things. */
function taskOf(call: Call): "accept" | "list" | "revoke" {
  const tasks = [
    ...call.flag("list") ? ["--list" as const] : [],
    ...call.value("revoke") === undefined ? [] : ["--revoke" as const],
    ...call.args.FILE === undefined ? [] : ["FILE" as const],
  ];
  if (tasks.length > 1) {
    throw new UsageError(`${tasks[0]} and ${tasks[1]} contradict each other; give one of them`);
  }
  if (tasks[0] === "--list") return "list";
  if (tasks[0] === "--revoke") return "revoke";
  if (tasks[0] === "FILE") return "accept";
  throw new UsageError("FILE is missing (the experiment file); or give --list, or --revoke KEY");
}

/** Lists the acceptances of the store. */
async function list(call: Call): Promise<number> {
  const { existingStore } = await import("./existing_store.ts");
  const { listAcceptances } = await import("../acceptance/acceptances.ts");
  const found = listAcceptances(await existingStore(call.store, undefined));
  if (call.flag("json")) {
    call.terminal.out(json(found));
    return 0;
  }
  if (found.length === 0) call.terminal.err("accept: the store has no acceptances\n");
  for (const acceptance of found) call.terminal.out(`${acceptanceText(acceptance)}\n`);
  return 0;
}

function acceptanceText(acceptance: ListedAcceptance): string {
  const { key, from, experiment, stage, who, when, why, differences } = acceptance;
  return [
    `${key.slice(0, SHORT)}  ${stage} of ${experiment}: the result of ${from.slice(0, SHORT)}`,
    `  who: ${who}, ${when.slice(0, 16).replace("T", " ")} UTC`,
    `  why: ${why}`,
    ...differences.map((difference) => `  differs: ${difference}`),
  ].join("\n");
}

/** Takes an acceptance back. */
async function revoke(call: Call): Promise<number> {
  const key = call.value("revoke")!;
  if (!/^[0-9a-fA-F]{6,64}$/.test(key)) {
    throw new UsageError(
      `--revoke: expected at least 6 hex digits of a key, found ${JSON.stringify(key)}`,
    );
  }
  const { existingStore } = await import("./existing_store.ts");
  const { revokeAcceptance } = await import("../acceptance/acceptances.ts");
  const revoked = await revokeAcceptance(await existingStore(call.store, undefined), key);
  if (call.flag("json")) call.terminal.out(json(revoked));
  else {
    call.terminal.out(
      `taken back: ${acceptanceText(revoked)}\nThe stage is computed when it is next needed.\n`,
    );
  }
  return 0;
}

/** What a person is to state; asked for before anything is looked up. */
function reasonOf(call: Call): string {
  const why = call.value("why")?.trim();
  if (why !== undefined && why !== "") return why;
  throw new UsageError(
    `--why is missing; say why the change changes nothing: --why "renamed a variable"`,
  );
}

/** Accepts results for stages of an experiment. */
async function accept(call: Call): Promise<number> {
  const why = reasonOf(call);
  const name = call.args.STAGE;
  const all = call.flag("all");
  if (all === (name !== undefined)) {
    throw new UsageError(
      all
        ? "give STAGE or --all, not both"
        : "name the STAGE whose earlier result holds, or give --all for every stage that would run",
    );
  }
  const { openSession, planning } = await import("./session.ts");
  const { stagesNamed } = await import("../stage_reference.ts");
  const { acceptStages } = await import("../acceptance/accept.ts");
  const { Planning } = await import("../planning.ts");
  const { personHere } = await import("../acceptance/person.ts");
  const { experiment, options } = await openSession(call, call.args.FILE!);
  const wanted = name === undefined
    ? undefined
    : new Set(stagesNamed(name, experiment.stages, experiment.name));
  const who = call.value("who") ?? await personHere();
  const stages = await planning(
    experiment,
    async () => await acceptStages(await Planning.begin(experiment, options), { who, why }, wanted),
  );
  if (call.flag("json")) call.terminal.out(json({ experiment: experiment.name, who, why, stages }));
  else tell(call, stages, who);
  return stages.some(({ state }) => state === "refused") ? 1 : 0;
}

function tell({ terminal }: Call, stages: readonly AcceptedStage[], who: string): void {
  const accepted = stages.filter(({ state }) => state === "accepted");
  for (const { id, key, from, differences } of accepted) {
    terminal.out(
      `${id}: the result of ${from!.slice(0, SHORT)} is accepted for ${key!.slice(0, SHORT)}\n` +
        differences.map((difference) => `  differs: ${difference}\n`).join(""),
    );
  }
  const refused = stages.filter(({ state }) => state === "refused");
  for (const { id, reason } of refused) terminal.err(`${id}: not accepted: ${reason}\n`);
  const cached = stages.length - accepted.length - refused.length;
  const counts = [
    ...accepted.length > 0 ? [`${accepted.length} accepted on the word of ${who}`] : [],
    ...refused.length > 0 ? [`${refused.length} not accepted`] : [],
    ...cached > 0 ? [`${cached} cached already`] : [],
  ];
  terminal.err(`${counts.join(", ")}\n`);
}

/** Accepts results, lists acceptances, takes one back. */
export const acceptVerb: Verb = {
  name: "accept",
  summary: "State that an edit, Deno version or driver changes nothing, so that old results hold",
  arguments: [
    { name: "FILE", summary: "the experiment file", optional: true },
    {
      name: "STAGE",
      summary: "the stage's name in it; all its cells, where a matrix has several",
      optional: true,
    },
  ],
  options: {
    why: { kind: "value", value: "TEXT", summary: "Why it changes nothing; kept with the result" },
    who: {
      kind: "value",
      value: "NAME",
      summary: "Who states it (default: git's user, or the account)",
    },
    all: { kind: "flag", summary: "For every stage that would run, in their order" },
    list: { kind: "flag", summary: "Show all acceptances of the store" },
    revoke: { kind: "value", value: "KEY", summary: "Take back the acceptance for a key" },
    ...EXPERIMENT_OPTIONS,
    ...STORE_OPTION,
    ...DEVICE_OPTIONS,
    ...CLASS_OPTIONS,
    ...JSON_OPTION,
  },
  example: `deno task accept experiments/demo.yaml normalize --why "only a log line changed"`,
  run(call) {
    const task = taskOf(call);
    return task === "list" ? list(call) : task === "revoke" ? revoke(call) : accept(call);
  },
};
