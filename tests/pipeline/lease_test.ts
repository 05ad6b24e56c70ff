import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { claim, isHeld, tryClaim } from "../../pipeline/running/lease.ts";
import { type LeaseManner, leaseManner } from "../../pipeline/running/lease_owner.ts";
import { processRealm, processStart } from "../../pipeline/store/machine.ts";
import { type Store } from "../../pipeline/store/store.ts";
import { withStore } from "./toy_stages.ts";

const KEY = "k".repeat(64);
const LINUX = Deno.build.os === "linux";
const ABSENT = LINUX ? "" : " [absent: Linux]";

/** Half a second of silence from elsewhere means the end. */
const QUICK = leaseManner({ beatMs: 50, silentBeats: 10, pollMs: 10, orphanMs: 400 });
const FOREIGN: LeaseManner = { ...QUICK, realm: "another boot" };

function plant(store: Store, owner: unknown): void {
  const text = typeof owner === "string" ? owner : JSON.stringify(owner);
  Deno.writeTextFileSync(`${store.root}/leases/${KEY}`, text);
}

async function deadPid(): Promise<number> {
  const dead = new Deno.Command("true").spawn();
  await dead.status;
  return dead.pid;
}

function leases(store: Store): string[] {
  return [...Deno.readDirSync(`${store.root}/leases`)].map(({ name }) => name)
    .filter((name) => name !== ".takeover");
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

Deno.test("a lease is held by one until it is released", () =>
  withStore(async (store) => {
    const claims = await Promise.all(Array.from({ length: 16 }, () => tryClaim(store, KEY)));
    const held = claims.filter((lease) => lease !== undefined);
    assertEquals(held.length, 1);
    let settled = false;
    const waiting = claim(store, KEY, { settled: () => settled });
    await held[0]!.release();
    const next = await waiting;
    assert(next !== undefined);
    settled = true;
    assertEquals(await claim(store, KEY, { settled: () => settled }), undefined);
    await next.release();
    assertEquals(leases(store), []);
  }));

Deno.test("the lease of a process that is gone is taken over by one of many, without help", () =>
  withStore(async (store) => {
    const pid = await deadPid();
    plant(store, { token: "old", realm: processRealm(), host: "here", pid });
    const said: string[] = [];
    let held = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        const lease = await claim(store, KEY, {
          settled: () => false,
          onTakeover: (message) => said.push(message),
        }, QUICK);
        most = Math.max(most, ++held);
        await pause(5);
        assert(lease!.isHeld());
        held--;
        await lease!.release();
      }),
    );
    assertEquals(most, 1);
    assertEquals(said, [`The lease of process ${pid} on here, a run that ended, was taken over.`]);
    assertEquals(leases(store), []);
  }));

Deno.test({
  name: "a process id that was given out again is not its owner" + ABSENT,
  ignore: !LINUX,
  fn: () =>
    withStore(async (store) => {
      const start = `${Number(processStart(Deno.pid)) - 1}`;
      plant(store, { token: "old", realm: processRealm(), host: "here", pid: Deno.pid, start });
      const lease = await claim(store, KEY, { settled: () => false }, QUICK);
      await lease!.release();
      plant(store, {
        token: "old",
        realm: processRealm(),
        host: "here",
        pid: Deno.pid,
        start: processStart(Deno.pid),
      });
      const end = performance.now() + 300;
      const settled = () => performance.now() > end;
      assertEquals(await claim(store, KEY, { settled }, QUICK), undefined, "it lives");
    }),
});

Deno.test("an owner of another boot lives as long as its counter moves, by the waiter's intervals", () =>
  withStore(async (store) => {
    const owner = await tryClaim(store, KEY, FOREIGN);
    const end = performance.now() + 900;
    const settled = () => performance.now() > end;
    assertEquals(await claim(store, KEY, { settled }, QUICK), undefined);
    assert(await isHeld(store, KEY, QUICK));
    assert(owner!.isHeld());
    await owner!.release();
    assertEquals(await isHeld(store, KEY, QUICK), false);
  }));

Deno.test("an owner of another boot that was killed is taken over when its counter stands still", () =>
  withStore(async (store) => {
    // The process id is a live one here, and that of a stranger: it must not be asked after.
    plant(store, { token: "old", realm: "another boot", host: "far", pid: Deno.pid, beat: 7 });
    const begun = performance.now();
    const said: string[] = [];
    const lease = await claim(
      store,
      KEY,
      { settled: () => false, onTakeover: (message) => said.push(message) },
      QUICK,
    );
    const waited = performance.now() - begun;
    assert(waited > 450 && waited < 5000, `${waited} ms`);
    assertStringIncludes(said.join(), "on far");
    await lease!.release();
    assertEquals(leases(store), []);
  }));

Deno.test("a waiter that slept itself counts no silence while it slept", () =>
  withStore(async (store) => {
    plant(store, { token: "old", realm: "another boot", host: "far", pid: 1, beat: 7 });
    let looks = 0;
    const lease = claim(store, KEY, {
      settled() {
        // All threads of this process stand still here, as when the machine is suspended.
        if (++looks === 3) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700);
        return looks > 12;
      },
    }, QUICK);
    assertEquals(await lease, undefined);
  }));

Deno.test("a damaged lease is taken over after the time of silence", () =>
  withStore(async (store) => {
    for (const text of ["", '{"token":"x","rea', "null", '{"token":"x","realm":"r","pid":-1}']) {
      plant(store, text);
      const said: string[] = [];
      const quick = { ...QUICK, silentBeats: 3 };
      const lease = await claim(
        store,
        KEY,
        { settled: () => false, onTakeover: (message) => said.push(message) },
        quick,
      );
      assertStringIncludes(said.join(), "whose file is damaged");
      await lease!.release();
    }
    assertEquals(leases(store), []);
  }));

Deno.test("an owner that slept through a takeover finds its lease lost and leaves its successor's alone", () =>
  withStore(async (store) => {
    const sleeper = (await tryClaim(store, KEY, { ...FOREIGN, beatMs: 300 }))!;
    let lost = 0;
    sleeper.onLost(() => lost++);
    const impatient = { ...QUICK, beatMs: 20, silentBeats: 3 };
    const next = (await claim(store, KEY, { settled: () => false }, impatient))!;
    await sleeper.setChild(Deno.pid);
    assertEquals([sleeper.isHeld(), next.isHeld(), lost], [false, true, 1]);
    await sleeper.release();
    assertEquals([next.isHeld(), await isHeld(store, KEY, QUICK)], [true, true]);
    await next.release();
    assertEquals(leases(store), []);
  }));

Deno.test({
  name: "a dead runner's lease is not taken while its child may still write" + ABSENT,
  ignore: !LINUX,
  fn: () =>
    withStore(async (store) => {
      const pid = await deadPid();
      const child = new Deno.Command("sleep", { args: ["30"] }).spawn();
      plant(store, {
        token: "old",
        realm: processRealm(),
        host: "here",
        pid,
        child: { pid: child.pid },
      });
      const begun = performance.now();
      setTimeout(() => child.kill("SIGKILL"), 500);
      const lease = await claim(store, KEY, { settled: () => false }, QUICK);
      assert(performance.now() - begun > 450);
      await child.status;
      await lease!.release();
    }),
});

Deno.test({
  name: "a dead runner's child that is suspended and so cannot end is ended" + ABSENT,
  ignore: !LINUX,
  fn: () =>
    withStore(async (store) => {
      const pid = await deadPid();
      const child = new Deno.Command("sleep", { args: ["30"], detached: true }).spawn();
      child.kill("SIGSTOP");
      const start = processStart(child.pid);
      plant(store, {
        token: "old",
        realm: processRealm(),
        host: "here",
        pid,
        child: { pid: child.pid, start },
      });
      const lease = await claim(store, KEY, { settled: () => false }, QUICK);
      assertEquals((await child.status).signal, "SIGKILL");
      await lease!.release();
    }),
});
