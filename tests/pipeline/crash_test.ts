import { assert, assertEquals } from "@std/assert";
import { isHeld } from "../../pipeline/running/lease.ts";
import { openStore } from "../../pipeline/store/store.ts";
import {
  allEnded,
  assertSound,
  finish,
  LONG,
  names,
  pause,
  randomNumbers,
  stageProcesses,
  start,
  type Survivor,
} from "./survivors.ts";
import { withFolder } from "./toy_stages.ts";
import type { Survival } from "./toy_survivor.ts";

const LINUX = Deno.build.os === "linux";
const ABSENT = LINUX ? "" : " [absent: Linux]";

const STAGES = {
  a: { uses: "number", params: { value: 5 } },
  slow: {
    uses: "count",
    params: { steps: 15, every: 2, stepMs: 12 },
    inputs: { start: "a.number" },
  },
  other: { uses: "count", params: { steps: 9, every: 1, stepMs: 12 } },
  sum: { uses: "total", inputs: { s: "slow.number", o: "other.number" } },
  last: { uses: "total", params: { modulo: 77 }, inputs: { s: "sum.number", a: "a.number" } },
};

/** Operations of the store's disk in a whole run, and things that happen in its folder. */
const OPERATIONS = 60;
const EVENTS = 250;
const MILLISECONDS = 700;

function killAll({ child }: Survivor, store: string, group: boolean): void {
  const others = group ? stageProcesses(store) : [];
  try {
    child.kill("SIGKILL");
  } catch {
    return; // It has ended.
  }
  for (const pid of others) {
    try {
      Deno.kill(pid, "SIGKILL");
    } catch {
      continue;
    }
  }
}

/** Kills a run in the midst of the n-th thing that happens in its store. */
async function killAtEvent(run: Survivor, store: string, n: number, group: boolean): Promise<void> {
  await Deno.mkdir(store, { recursive: true });
  using watcher = Deno.watchFs(store);
  void run.child.status.then(() => pause(20)).then(() => {
    try {
      watcher.close();
    } catch {
      return;
    }
  });
  let seen = 0;
  for await (const _ of watcher) {
    if (++seen < n) continue;
    killAll(run, store, group);
    return;
  }
}

Deno.test({
  name: "killed at any point and run again, the store is whole and the digests are the same" +
    ABSENT,
  ignore: !LINUX,
  fn: () =>
    withFolder(async (folder) => {
      const whole = await finish(start(`${folder}/whole`, { stages: STAGES }));
      assertEquals(whole.end.status, "done");
      assertEquals(whole.started.length, 5);
      const random = randomNumbers(7);
      const kills = LONG ? 200 : 12;
      const interrupted = { operation: 0, event: 0, time: 0 };
      let count = 0;
      let killedHere = 0;
      for (let i = 0, stores = 0; count < kills; i++) {
        assert(i < 3 * kills, `only ${count} of ${i} runs were cut short`);
        const store = `${folder}/store-${stores}`;
        const group = i % 2 === 0;
        const way = (["operation", "event", "time"] as const)[Math.floor(i / 2) % 3]!;
        const at = random();
        const when = (["before", "half", "after"] as const)[Math.floor(random() * 3)]!;
        const survival: Survival = { stages: STAGES };
        const run = start(
          store,
          way !== "operation" ? survival : {
            ...survival,
            accident: {
              at: 1 + Math.floor(at * OPERATIONS),
              when,
              what: group ? "kill-group" : "kill",
            },
          },
        );
        if (way === "event") await killAtEvent(run, store, 1 + Math.floor(at * EVENTS), group);
        const timer = way !== "time"
          ? undefined
          : setTimeout(() => killAll(run, store, group), 60 + at * MILLISECONDS);
        const { signal } = await run.child.status;
        clearTimeout(timer);
        await run.lines.catch(() => {}); // Cut off in the middle of one.
        if (signal === "SIGKILL") {
          interrupted[way]++;
          count++;
          killedHere++;
        }
        await allEnded(store);
        if (await Deno.stat(`${store}/format`).catch(() => undefined)) await assertSound(store);
        // Until a run got through between two kills, or four were killed on top of each other.
        if (signal === "SIGKILL" && killedHere < 4 && count < kills) continue;
        stores++;
        killedHere = 0;
        const again = await finish(start(store, { stages: STAGES }));
        assertEquals(again.end.digests, whole.end.digests);
        assertEquals(again.end.status, "done");
        await assertSound(store);
        assertEquals(names(`${store}/scratch`), [], "half-done work is adopted or gone");
        const opened = await openStore(store);
        for (const name of names(`${store}/leases`)) {
          assertEquals(await isHeld(opened, name), false, "nothing is left locked");
        }
      }
      for (const [way, n] of Object.entries(interrupted)) assert(n > 0, `no kill by ${way}`);
      if (LONG) console.log(`${kills} kills; cut short: ${JSON.stringify(interrupted)}`);
    }),
});

Deno.test({
  name: "killed at each write to the store in turn, publishing leaves a record whole or absent" +
    ABSENT,
  ignore: !LINUX,
  fn: () =>
    withFolder(async (folder) => {
      const stages = { a: STAGES.a, t: { uses: "total", inputs: { a: "a.number" } } };
      const whole = await finish(start(`${folder}/whole`, { stages, inline: true }));
      let at = 1;
      for (; at < 200; at += LONG ? 1 : 7) {
        const store = `${folder}/store-${at}`;
        const when = (["before", "half", "after"] as const)[at % 3]!;
        const accident = { at, when, what: "kill" } as const;
        const run = start(store, { stages, inline: true, accident });
        const { signal } = await run.child.status;
        await run.lines.catch(() => {});
        if (signal === null) break;
        if (await Deno.stat(`${store}/format`).catch(() => undefined)) await assertSound(store);
        const again = await finish(start(store, { stages, inline: true }));
        assertEquals(again.end.digests, whole.end.digests);
        await assertSound(store);
      }
      assert(at > 12 && at < 200, `${at} operations`);
      if (LONG) console.log(`killed at each of ${at - 1} operations`);
    }),
});
