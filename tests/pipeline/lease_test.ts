import { assert, assertEquals } from "@std/assert";
import { claim, tryClaim } from "../../pipeline/lease.ts";
import { processRealm } from "../../pipeline/store/machine.ts";
import { withStore } from "./toy_stages.ts";

const KEY = "k".repeat(64);

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
    assertEquals([...Deno.readDirSync(`${store.root}/leases`)], []);
  }));

Deno.test("the lease of a process that is gone is taken over by one of many, without help", () =>
  withStore(async (store) => {
    const dead = new Deno.Command(Deno.execPath(), { args: ["eval", "0"] }).spawn();
    await dead.status;
    await Deno.writeTextFile(
      `${store.root}/leases/${KEY}`,
      JSON.stringify({ token: "old", realm: processRealm(), host: "here", pid: dead.pid }),
    );
    const said: string[] = [];
    let held = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        const lease = await claim(store, KEY, {
          settled: () => false,
          onTakeover: (message) => said.push(message),
        });
        most = Math.max(most, ++held);
        await new Promise((resolve) => setTimeout(resolve, 5));
        held--;
        await lease!.release();
      }),
    );
    assertEquals(most, 1);
    assertEquals(said, [
      `The lease of a run that ended (process ${dead.pid} on here) was taken over.`,
    ]);
  }));

Deno.test({
  name: "a dead runner's lease is not taken while its child may still write" +
    (Deno.build.os === "linux" ? "" : " [absent: Linux]"),
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withStore(async (store) => {
      const dead = new Deno.Command(Deno.execPath(), { args: ["eval", "0"] }).spawn();
      await dead.status;
      const child = new Deno.Command("sleep", { args: ["30"] }).spawn();
      await Deno.writeTextFile(
        `${store.root}/leases/${KEY}`,
        JSON.stringify({
          token: "old",
          realm: processRealm(),
          host: "here",
          pid: dead.pid,
          child: { pid: child.pid },
        }),
      );
      const begun = performance.now();
      setTimeout(() => child.kill("SIGKILL"), 500);
      const lease = await claim(store, KEY, { settled: () => false });
      assert(performance.now() - begun > 450);
      await child.status;
      await lease!.release();
    }),
});
