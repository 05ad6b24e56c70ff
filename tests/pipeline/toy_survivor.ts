/**
 * Runs a toy experiment as a process of its own that meets with an accident on the way:
 * `toy_survivor.ts STORE PLAN-AS-JSON`. Prints a line of JSON for each stage that starts, for each
 * log line of the run, and one with the digests at the end.
 *
 * @module
 */
import process from "node:process";
import type { LeaseManner } from "../../pipeline/running/lease.ts";
import { inline } from "../../pipeline/executors/inline.ts";
import { type Disk, disk } from "../../pipeline/store/disk.ts";
import { openStore } from "../../pipeline/store/store.ts";
import { run } from "../../pipeline/run.ts";
import { toyExperiment, type ToyStage } from "./toy_stages.ts";

/** What the process is to do. */
export interface Survival {
  readonly stages: Readonly<Record<string, ToyStage>>;
  readonly jobs?: number;
  /** Stages run in this process. */
  readonly inline?: boolean;
  readonly leases?: Partial<LeaseManner>;
  /** The device class that stages compute on. */
  readonly device?: string;
  /** What happens at an operation of the store's disk, counted from 1. */
  readonly accident?: {
    readonly at: number;
    /** Before the operation, in the middle of a write, or after it. */
    readonly when: "before" | "half" | "after";
    /** Kill this process alone or its children too, or suspend it until it is woken. */
    readonly what: "kill" | "kill-group" | "suspend";
  };
}

/** The last line that the process prints. */
export interface Survived {
  readonly status: string;
  readonly statuses: Readonly<Record<string, string>>;
  readonly digests: Readonly<Record<string, string | undefined>>;
  readonly reasons: readonly string[];
}

function children(): number[] {
  return Deno.readTextFileSync(`/proc/self/task/${Deno.pid}/children`).trim().split(" ")
    .filter((pid) => pid !== "").map(Number);
}

function accidentalDisk({ at, when, what }: NonNullable<Survival["accident"]>): Disk {
  let count = 0;
  const happen = () => {
    if (what === "kill-group") { for (const pid of children()) process.kill(pid, "SIGKILL"); }
    process.kill(Deno.pid, what === "suspend" ? "SIGSTOP" : "SIGKILL");
  };
  const around = async (operation: () => Promise<void>, half: () => Promise<void>) => {
    const now = ++count === at;
    if (now && when === "before") happen();
    if (now && when === "half") {
      await half();
      happen();
    }
    await operation();
    if (now && when === "after") happen();
  };
  const nothing = () => Promise.resolve();
  return {
    ...disk,
    write: (path, data) =>
      around(
        () => disk.write(path, data),
        () => Deno.writeTextFile(path, String(data).slice(0, Math.ceil(String(data).length / 2))),
      ),
    rename: (from, to) => around(() => disk.rename(from, to), nothing),
    flush: (path) => around(() => disk.flush(path), nothing),
  };
}

if (import.meta.main) {
  const survival = JSON.parse(Deno.args[1]!) as Survival;
  const { stages, jobs = 2, leases, device, accident } = survival;
  const store = await openStore(
    Deno.args[0]!,
    accident ? { disk: accidentalDisk(accident) } : {},
  );
  const say = (what: unknown) => console.log(JSON.stringify(what));
  const summary = await run(toyExperiment(stages), {
    store,
    jobs,
    ...(leases ? { leases } : {}),
    ...(survival.inline ? { executor: inline } : {}),
    ...(device
      ? { device: () => Promise.resolve({ backend: "webgpu" as const, class: device }) }
      : {}),
  }, (event) => {
    if (event.type === "stage-start") say({ started: event.id, at: Date.now() });
    if (event.type === "stage-done") say({ done: event.stage.id, at: Date.now() });
    if (event.type === "log" && event.id !== "run") say({ log: event.message });
  });
  say(
    {
      status: summary.status,
      statuses: Object.fromEntries(summary.stages.map((s) => [s.id, s.status])),
      digests: Object.fromEntries(summary.stages.map((s) => [s.id, s.outputs[0]?.digest])),
      reasons: summary.stages.flatMap(({ reason }) => reason ? [reason] : []),
    } satisfies Survived,
  );
}
