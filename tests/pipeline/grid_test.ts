/** Many processes on one grid in one store. */
import { assert, assertEquals } from "@std/assert";
import { openStore } from "../../pipeline/store/store.ts";
import { attempts, finish, LONG, names, start } from "./survivors.ts";
import { type ToyStage, withFolder } from "./toy_stages.ts";

/** Cells that share a first stage, and one that gathers them all. */
function grid(cells: number, steps: number): Record<string, ToyStage> {
  const stages: Record<string, ToyStage> = { start: { uses: "number" } };
  const all: Record<string, string> = {};
  for (let i = 0; i < cells; i++) {
    stages[`count${i}`] = {
      uses: "count",
      params: { steps: steps + i % 7, every: 100, stepMs: 1 + i / cells },
      inputs: { start: "start.number" },
    };
    stages[`cell${i}`] = {
      uses: "total",
      params: { modulo: 1000 + i },
      inputs: { n: `count${i}.number` },
    };
    all[`c${i}`] = `cell${i}.number`;
  }
  return { ...stages, sum: { uses: "total", inputs: all } };
}

/** Bytes of everything that a store keeps by digest, and how many files. */
function kept(store: string): { files: number; bytes: number } {
  const sum = { files: 0, bytes: 0 };
  for (const kind of ["blobs", "trees"]) {
    for (const shard of names(`${store}/${kind}`)) {
      for (const { name } of Deno.readDirSync(`${store}/${kind}/${shard}`)) {
        sum.files++;
        sum.bytes += Deno.statSync(`${store}/${kind}/${shard}/${name}`).size;
      }
    }
  }
  return sum;
}

async function race(folder: string, cells: number, processes: number, inline: boolean) {
  const stages = grid(cells, 4);
  const alone = await finish(start(`${folder}/alone`, { stages, inline: true, jobs: 8 }));
  const store = `${folder}/store`;
  const runs = await Promise.all(
    Array.from({ length: processes }, () => finish(start(store, { stages, inline, jobs: 2 }))),
  );
  for (const { end } of runs) {
    assertEquals(end.status, "done");
    assertEquals(end.digests, alone.end.digests);
  }
  const counts = [...attempts(store).values()];
  const keys = names(`${store}/actions`).filter((name) => name.endsWith(".json")).length;
  assertEquals(counts.length, keys);
  assertEquals(counts.filter((count) => count !== 1), [], "each key was computed once");
  const started = runs.flatMap((run) => run.started);
  assertEquals(started.length, keys);
  const busy = runs.filter((run) => run.started.length > 0).length;
  assertEquals(kept(store), kept(`${folder}/alone`), "1.0x the disk of one process alone");
  assertEquals(names(`${store}/scratch`), []);
  const opened = await openStore(store);
  for (const name of names(`${store}/actions`)) {
    const record = opened.readAction(name.replace(".json", ""));
    assertEquals(record?.provenance.attempts, 1);
  }
  return { keys, busy };
}

Deno.test("16 processes on one grid compute each key once, and the store holds it once", () =>
  withFolder(async (folder) => {
    const { keys, busy } = await race(folder, 24, 16, true);
    assert(keys > 40, `${keys} keys`);
    assert(busy > 4, `only ${busy} processes did any of the work`);
  }));

Deno.test("two stages of one run that are the same action are computed once", () =>
  withFolder(async (folder) => {
    const same = { uses: "count", params: { steps: 6, stepMs: 15 } };
    const stages = { a: same, b: same, c: same, sum: { uses: "total", inputs: { a: "a.number" } } };
    const { started, end, lines } = await finish(start(`${folder}/store`, { stages, jobs: 4 }));
    assertEquals(end.status, "done");
    assertEquals(started.length, 2);
    assertEquals(Object.values(end.statuses).sort(), ["cached", "cached", "ran", "ran"]);
    assert(lines.every(({ log }) => !String(log).includes("another process")));
  }));

if (LONG) {
  Deno.test("16 processes with children on a grid of 400 cells", () =>
    withFolder(async (folder) => {
      const { keys, busy } = await race(folder, 400, 16, false);
      console.log(`${keys} keys, ${busy} of 16 processes did some of the work, each key once`);
    }));
}
