import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { readContents } from "../../pipeline/gc/gc_contents.ts";
import { planCollection } from "../../pipeline/gc/gc_plan.ts";
import { leaseManner } from "../../pipeline/running/lease_owner.ts";
import { isHeld, tryClaim } from "../../pipeline/running/lease.ts";
import { RunJournal } from "../../pipeline/history/run_journal.ts";
import { storedScratch } from "../../pipeline/store/work_inventory.ts";
import { openStore, StoreError } from "../../pipeline/store/store.ts";
import { beginUse, whileCollecting, whileUsing } from "../../pipeline/store_guard.ts";
import { counts, listing, ToyGarden, withGarden } from "./toy_garbage.ts";
import { toyExperiment } from "./toy_stages.ts";

const LONG = Deno.env.get("SKELRUN_LONG") !== undefined;

const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));

const CHAIN = `
name: chain
stages:
  a: { uses: number, params: { value: 1950 } }
  b: { uses: total, params: { modulo: 900 }, inputs: { a: a.number } }
  c: { uses: count, params: { steps: 4 }, inputs: { start: b.number } }
`;

/** Starts a toy experiment in a process of its own. */
function start(store: string, stages: unknown): Deno.ChildProcess {
  const runner = new URL("./toy_runner.ts", import.meta.url).pathname;
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", runner, store, JSON.stringify(stages)],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

Deno.test("beside a run in another process gc takes nothing that the run has made or found", () =>
  withGarden(async (garden) => {
    const { store } = garden;
    await garden.write("chain", CHAIN);
    await garden.run("chain");
    const child = start(store.root, {
      a: { uses: "number", params: { value: 1950 } },
      slow: {
        uses: "count",
        params: { steps: 30, every: 5, stepMs: 30 },
        inputs: { start: "a.number" },
      },
      other: { uses: "count", params: { steps: 12, every: 3, stepMs: 30 } },
      sum: { uses: "total", inputs: { s: "slow.number", o: "other.number", a: "a.number" } },
      last: { uses: "total", params: { modulo: 77 }, inputs: { s: "sum.number", a: "a.number" } },
    });
    let ended = false;
    const output = new Response(child.stdout).text().then((text) => {
      ended = true;
      return text.trim().split("\n").map((line) => JSON.parse(line));
    });
    let collections = 0;
    let removed = 0;
    while (!ended) {
      const summary = await garden.collect({ files: [], intermediates: true });
      collections++;
      removed += counts(summary).superseded ?? 0;
      await sleep(20);
    }
    const lines = await output;
    await child.status;
    const end = lines.at(-1)!;
    assertEquals([end.status, end.reasons], ["done", []]);
    const started = lines.slice(0, -1).map(({ started }) => started).sort();
    // A collection before the run's journal may take its first result; the run then makes it again.
    assertEquals(started.filter((id) => id !== "a"), ["last", "other", "slow", "sum"]);
    assert(collections > 3, `only ${collections} collections`);
    assert(removed >= 2, "what the first run alone needed went meanwhile");
    await garden.assertSound();
    // Now that it has ended, no root needs its results.
    await garden.collect({ files: [] });
    assertEquals(listing(`${store.root}/blobs`), []);
    assertEquals(listing(`${store.root}/runs`), []);
  }));

Deno.test("two runs that need bytes which gc took have them made again once", () =>
  withGarden(async (garden) => {
    await garden.write("chain", CHAIN);
    await garden.run("chain");
    assertEquals(counts(await garden.collect({ intermediates: true })).intermediates, 2);
    const runs = await Promise.all([5, 6].map(async (modulo) => {
      const child = start(garden.store.root, {
        a: { uses: "number", params: { value: 1950 } },
        b: { uses: "total", params: { modulo: 900 }, inputs: { a: "a.number" } },
        c: { uses: "total", params: { modulo }, inputs: { b: "b.number" } },
      });
      const text = await new Response(child.stdout).text();
      await child.status;
      return text.trim().split("\n").map((line) => JSON.parse(line));
    }));
    assertEquals(runs.map((lines) => lines.at(-1).status), ["done", "done"]);
    const started = runs.flatMap((lines) => lines.slice(0, -1).map(({ started }) => started));
    assertEquals(started.sort(), ["a", "b", "c", "c"]);
    await garden.assertSound();
  }));

Deno.test("a collection waits for uses under way, and what would begin one waits for it", () =>
  withGarden(async ({ store }) => {
    const said: string[] = [];
    const use = await beginUse(store);
    const collecting = whileCollecting(store, async () => {
      said.push("collection begins");
      await sleep(150);
      said.push("collection ends");
    }, (message) => said.push(message));
    await sleep(150);
    assertEquals(said, ["waiting for runs to finish what they take or publish just now"]);
    said.push("use ends");
    await use[Symbol.asyncDispose]();
    const later = whileUsing(store, () => Promise.resolve(said.push("later use")));
    await Promise.all([collecting, later]);
    assertEquals(said.slice(1), [
      "use ends",
      "collection begins",
      "collection ends",
      "later use",
    ]);
    assertEquals(listing(`${store.root}/leases`), []);
  }));

Deno.test("one collection at a time; marks of dead processes stop nobody", () =>
  withGarden(async (garden) => {
    const { store } = garden;
    await whileCollecting(store, async () => {
      const error = await assertRejects(() => garden.collect(), StoreError);
      assertStringIncludes(error.message, `Another gc is at work in ${store.root} (process `);
    });
    const dead = new Deno.Command(Deno.execPath(), { args: ["eval", ""] }).spawn();
    await dead.status;
    for (const name of ["gc", "use-1", "run-1"]) {
      const lease = (await tryClaim(store, name))!;
      const path = `${store.root}/leases/${name}`;
      const owner = JSON.parse(await Deno.readTextFile(path));
      await lease.release();
      delete owner.start;
      await Deno.writeTextFile(path, JSON.stringify({ ...owner, pid: dead.pid }));
    }
    assertEquals((await garden.collect()).failed, []);
    assertEquals(listing(`${store.root}/leases`), []);
  }));

Deno.test("the mark of a use on another machine is waited for while its counter moves", () =>
  withGarden(async ({ store }) => {
    const foreign = leaseManner({ realm: "another machine", beatMs: 40 });
    const use = (await tryClaim(store, "use-elsewhere", foreign))!;
    let begun = false;
    const collecting = whileCollecting(store, () => Promise.resolve(begun = true));
    await sleep(400);
    assertEquals(begun, false);
    await use.release();
    await collecting;
    assertEquals(begun, true);
  }));

Deno.test("what a killed run left counts as a run of its experiment: results, checkpoints and logs", () =>
  withGarden(async (garden) => {
    const { store } = garden;
    const stages = {
      a: { uses: "number", params: { value: 3 } },
      slow: {
        uses: "count",
        params: { steps: 400, every: 1, stepMs: 20 },
        inputs: { start: "a.number" },
      },
    };
    const child = start(store.root, stages);
    const reading = new Response(child.stdout).text();
    const current = () => storedScratch(store).some(({ checkpoints }) => checkpoints.length > 0);
    while (!current()) await sleep(20);
    child.kill("SIGKILL");
    await child.status;
    await reading;
    // The stage's own process ends by itself a moment after its runner.
    for (const { name } of storedScratch(store)) {
      while (await isHeld(store, name)) await sleep(20);
    }
    const kept = await garden.collect({ files: [], last: 1 });
    assertStringIncludes(kept.kept[0]!.root, "of toy that was cut short");
    assertEquals(counts(kept).superseded, undefined);
    assert(current());
    const gone = await garden.collect({ files: [] });
    assertEquals(
      [counts(gone).superseded, counts(gone).checkpoints, counts(gone).logs],
      [1, 1, 2],
    );
    assertEquals(listing(`${store.root}/scratch`), []);
  }));

Deno.test("cut off at any point, gc leaves a sound store that the next run and the next gc put right", () =>
  withGarden(async (garden) => {
    await garden.write("chain", CHAIN);
    await garden.run("chain");
    await garden.write("chain", CHAIN.replace("modulo: 900", "modulo: 901"));
    await garden.run("chain");
    await Deno.writeTextFile(`${garden.store.root}/blobs/orphan`, "");
    const { removals } = planCollection({
      store: garden.store,
      contents: readContents(garden.store),
      roots: [],
      oldRuns: [],
      intermediates: true,
      now: Date.now(),
    });
    assert(removals.length > 15);
    for (let cut = 0; cut <= removals.length; cut += LONG ? 1 : 3) {
      const folder = `${garden.folder}/cut-${cut}`;
      await copy(garden.store.root, `${folder}/store`);
      const twin = new ToyGarden(await openStore(`${folder}/store`), folder);
      for (const { path } of removals.slice(0, cut)) {
        await Deno.remove(path.replace(garden.store.root, twin.store.root), { recursive: true });
      }
      await twin.assertSound();
      await twin.write("chain", CHAIN.replace("modulo: 900", "modulo: 901").replace("4", "5"));
      const { summary } = await twin.run("chain");
      assertEquals(summary.status, "done");
      await twin.collect();
      await twin.assertSound();
      const { contents } = { contents: readContents(twin.store) };
      assertEquals(contents.results.size, 3);
      const blobs = new Set([...contents.trees.values()].flatMap((tree) => tree.blobs));
      assertEquals([...contents.blobs.keys()].sort(), [...blobs].sort());
    }
  }));

Deno.test("temporary files go only when they have been left alone for long", () =>
  withGarden(async (garden) => {
    const { store } = garden;
    const [fresh, old] = [`${store.root}/actions/a.tmp`, `${store.root}/actions/b.tmp`];
    await Deno.writeTextFile(fresh, "half");
    await Deno.writeTextFile(old, "half");
    const hours = Date.now() / 1000 - 7200;
    await Deno.utime(old, hours, hours);
    assertEquals(counts(await garden.collect()), { temporary: 1 });
    assertEquals(listing(`${store.root}/actions`), [`${fresh} 4`]);
  }));

Deno.test("a journal keeps what is found and made, and goes when the run has been written down", () =>
  withGarden(async ({ store }) => {
    const journal = await RunJournal.begin(store, toyExperiment({ a: { uses: "number" } }));
    const key = "k".repeat(64);
    journal.hear({ type: "stage-start", id: "a", uses: "n", key, reason: "", resumed: false });
    const [line] = listing(`${store.root}/runs`);
    const text = await Deno.readTextFile(line!.split(" ")[0]!);
    assertEquals(text.split("\n")[1], key);
    await journal.end();
    assertEquals(listing(`${store.root}/runs`), []);
    assertEquals(listing(`${store.root}/leases`), []);
  }));

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copy(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}
