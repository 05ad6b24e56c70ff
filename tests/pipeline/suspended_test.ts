/** A runner that is suspended, taken for dead by one on another boot, and woken. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  allEnded,
  assertSound,
  attempts,
  finish,
  LONG,
  names,
  pause,
  start,
  until,
} from "./survivors.ts";
import { withFolder } from "./toy_stages.ts";

const LINUX = Deno.build.os === "linux";
const ABSENT = LINUX ? "" : " [absent: Linux]";

/** Half a second of silence means the end. */
const QUICK = { beatMs: 50, silentBeats: 8, pollMs: 20 };
const ONE = { ...QUICK, realm: "one boot" };
const OTHER = { ...QUICK, realm: "another boot" };

const STAGES = {
  c: { uses: "count", params: { steps: 40, every: 3, stepMs: 15 } },
  t: { uses: "total", inputs: { c: "c.number" } },
};

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Whether a process stands still. */
function isSuspended(pid: number): boolean {
  return /^State:\s+T/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
}

Deno.test({
  name:
    "a runner that wakes up after a takeover corrupts nothing and takes its successor's result" +
    ABSENT,
  ignore: !LINUX,
  fn: () =>
    withFolder(async (folder) => {
      const alone = await finish(start(`${folder}/alone`, { stages: STAGES }));
      const store = `${folder}/store`;
      const sleeper = start(store, { stages: STAGES, leases: ONE });
      const scratch = () => names(`${store}/scratch`).map((key) => `${store}/scratch/${key}`)[0];
      await until("a checkpoint of the first attempt", () =>
        exists(`${store}/scratch`) && scratch() !== undefined &&
        exists(`${scratch()}/attempt-1/checkpoints/checkpoint-3`));
      sleeper.child.kill("SIGSTOP"); // Its child goes on computing and saving checkpoints.
      const next = await finish(start(store, { stages: STAGES, leases: OTHER }));
      assertEquals(next.end.digests, alone.end.digests);
      assertStringIncludes(JSON.stringify(next.lines), "was taken over");
      const taken = names(`${store}/logs`).find((name) =>
        name.endsWith("-2.log")
      );
      const log = Deno.readTextFileSync(`${store}/logs/${taken}`);
      assert(
        / note +The lease of process \d+ on .*, a run that ended, was taken over/.test(log),
        log,
      );
      assertEquals(next.started, ["c", "t"]);
      sleeper.child.kill("SIGCONT");
      const woken = await finish(sleeper);
      assertEquals(woken.end.status, "done");
      assertEquals(woken.end.digests, alone.end.digests);
      assertEquals(woken.end.statuses["c"], "cached");
      await allEnded(store);
      await assertSound(store);
      assertEquals(names(`${store}/scratch`), []);
      assertEquals(Math.max(...attempts(store).values()), 2);
      const logs = names(`${store}/logs`).map((name) =>
        Deno.readTextFileSync(`${store}/logs/${name}`)
      );
      assert(
        logs.some((log) => /end +lost: its runner was suspended/.test(log)),
        logs.join("\n"),
      );
      assert(logs.some((log) => /begins at [1-9]/.test(log)), "the checkpoint was adopted");
    }),
});

Deno.test({
  name: "a live runner on another boot is never taken for dead, however long it takes" + ABSENT,
  ignore: !LINUX,
  fn: () =>
    withFolder(async (folder) => {
      const store = `${folder}/store`;
      const stages = { c: { uses: "count", params: { steps: 50, every: 10, stepMs: 20 } } };
      const both = await Promise.all([
        finish(start(store, { stages, leases: ONE })),
        finish(start(store, { stages, leases: OTHER })),
      ]);
      assertEquals(both.flatMap(({ started }) => started), ["c"]);
      assertEquals([...attempts(store).values()], [1]);
    }),
});

Deno.test({
  name: "a runner that was suspended at any operation of publishing and wakes up corrupts nothing" +
    ABSENT,
  ignore: !LINUX,
  fn: () =>
    withFolder(async (folder) => {
      const stages = { a: { uses: "number", params: { value: 4 } } };
      const alone = await finish(start(`${folder}/alone`, { stages, inline: true }));
      let suspended = 0;
      for (let at = 2; at < 30; at += LONG ? 1 : 5) {
        const store = `${folder}/store-${at}`;
        const accident = { at, when: "before", what: "suspend" } as const;
        const sleeper = start(store, { stages, inline: true, leases: ONE, accident });
        let ended = false;
        void sleeper.child.status.then(() => ended = true);
        await until("it sleeps or ends", () => ended || isSuspended(sleeper.child.pid));
        if (ended) break;
        suspended++;
        const next = await finish(start(store, { stages, inline: true, leases: OTHER }));
        assertEquals(next.end.digests, alone.end.digests);
        sleeper.child.kill("SIGCONT");
        const woken = await finish(sleeper);
        assertEquals([woken.end.status, woken.end.digests], ["done", alone.end.digests]);
        await assertSound(store);
        await pause(1);
      }
      assert(suspended >= (LONG ? 8 : 2), `suspended ${suspended} times`);
    }),
});
