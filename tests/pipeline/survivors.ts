/**
 * Starts toy experiments as processes and looks at what they leave behind.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { checkIntegrity } from "../../pipeline/store/integrity.ts";
import { openStore } from "../../pipeline/store/store.ts";
import type { Survival, Survived } from "./toy_survivor.ts";

/** Whether full counts are asked for. */
export const LONG = Deno.env.get("SKELRUN_LONG") !== undefined;

/** A process that runs a toy experiment. */
export interface Survivor {
  readonly child: Deno.ChildProcess;
  /** What it said until it ended. */
  readonly lines: Promise<readonly Record<string, unknown>[]>;
}

/** Starts a process on a store. */
export function start(store: string, survival: Survival): Survivor {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-check",
      new URL("./toy_survivor.ts", import.meta.url).pathname,
      store,
      JSON.stringify(survival),
    ],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = new Response(child.stdout).text().then((text) =>
    text.split("\n").slice(0, -1).map((line) => JSON.parse(line) as Record<string, unknown>)
  );
  return { child, lines };
}

/** Waits for a process that is to come to its end. */
export async function finish({ child, lines }: Survivor) {
  const all = await lines;
  assertEquals((await child.status).code, 0);
  return {
    started: all.flatMap(({ started }) => started === undefined ? [] : [String(started)]),
    lines: all,
    end: all.at(-1) as unknown as Survived,
  };
}

/** Process ids of the stages' processes of a store. */
export function stageProcesses(store: string): number[] {
  return processesOf(`${store}/scratch/`);
}

/** Ids of processes whose command line has a text. */
export function processesOf(text: string): number[] {
  const found: number[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const line = Deno.readTextFileSync(`/proc/${name}/cmdline`);
      if (line.includes(text)) found.push(Number(name));
    } catch {
      continue;
    }
  }
  return found;
}

/** Waits until no stage's process of a store is left, which must not take long. */
export async function allEnded(store: string): Promise<void> {
  for (let i = 0; i < 150 && stageProcesses(store).length > 0; i++) await pause(20);
  assertEquals(stageProcesses(store), [], "processes that did not end by themselves");
}

/** Every record is whole, every blob is what its name says, and no result lacks bytes. */
export async function assertSound(folder: string): Promise<void> {
  const { damaged, gone } = await checkIntegrity(await openStore(folder));
  assertEquals({ damaged, gone }, { damaged: [], gone: [] });
}

/** The names in a folder of a store, without those of temporary files. */
export function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => !name.endsWith(".tmp") && !name.startsWith(".")).sort();
}

/** Attempts by key, from the logs that each leaves. */
export function attempts(store: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names(`${store}/logs`)) {
    const key = name.replace(/-\d+\.log$/, "");
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** Numbers in [0, 1) that look random and are the same in every run of a test. */
export function randomNumbers(seed: number): () => number {
  let x = seed;
  return () => {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    return x / 2 ** 32;
  };
}

/** Waits. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until something holds. */
export async function until(what: string, holds: () => boolean, seconds = 20): Promise<void> {
  for (let i = 0; !holds(); i++) {
    if (i > seconds * 100) throw new Error(`not within ${seconds} s: ${what}`);
    await pause(10);
  }
}
