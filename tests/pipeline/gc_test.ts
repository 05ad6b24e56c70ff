import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { UnreadableRoots } from "../../pipeline/gc/gc.ts";
import { experimentFiles } from "../../pipeline/gc/gc_experiments.ts";
import { gcText } from "../../pipeline/gc/gc_report.ts";
import { CPU } from "../../pipeline/device.ts";
import { UsageError } from "../../pipeline/usage_error.ts";
import { counts, listing, type ToyGarden, withGarden } from "./toy_garbage.ts";
import { digestOf } from "./toy_stages.ts";

const chain = (value: number, modulo = 1000) => `
name: chain
stages:
  a: { uses: number, params: { value: ${value} } }
  b: { uses: total, params: { modulo: 900 }, inputs: { a: a.number } }
  c: { uses: total, params: { modulo: ${modulo} }, inputs: { b: b.number, a: a.number } }
variants:
  big:
    stages:
      a: { params: { value: 7777 } }
`;

const cached = { a: "cached", b: "cached", c: "cached" } as const;

/** Bytes of all files of a store beside caches and leases, each counted once. */
function bytesOf({ store }: ToyGarden): number {
  const inodes = new Map<number, number>();
  const add = (folder: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(folder)) {
      if (folder === store.root && ["local", "leases"].includes(name)) continue;
      const info = Deno.lstatSync(`${folder}/${name}`);
      if (isDirectory) add(`${folder}/${name}`);
      else inodes.set(info.ino!, info.size);
    }
  };
  add(store.root);
  return [...inodes.values()].reduce((sum, size) => sum + size, 0);
}

Deno.test("gc changes nothing without --delete, and then frees what it said it would", () =>
  withGarden(async (garden) => {
    await garden.write("chain", chain(1500));
    await garden.run("chain");
    await garden.write("chain", chain(1600));
    await garden.run("chain");
    await garden.collect({ delete: false });
    const before = listing(garden.store.root);
    const said = await garden.collect({ delete: false });
    assertEquals(listing(garden.store.root), before);
    assertEquals(said.deleted, false);
    assertEquals(counts(said).superseded, 3);
    assertStringIncludes(gcText(garden.store, said), "would be freed; to do it, add --delete");
    const held = bytesOf(garden);
    const done = await garden.collect();
    assertEquals(done.going, said.going);
    assertEquals(done.failed, []);
    assertEquals(held - bytesOf(garden), done.going.reduce((sum, { bytes }) => sum + bytes, 0));
    await garden.assertSound();
    assertEquals((await garden.collect()).going, []);
    assertEquals((await garden.run("chain")).statuses, cached);
  }));

Deno.test("gc keeps the results of the base, of all variants and of the last runs", () =>
  withGarden(async (garden) => {
    await garden.write("chain", chain(1));
    await garden.run("chain", { variant: "big" });
    for (const value of [4, 3, 2, 1]) {
      await garden.write("chain", chain(value));
      await garden.run("chain");
    }
    const { kept, going } = await garden.collect({ last: 2 });
    assertEquals(going.find(({ reason }) => reason === "superseded")!.count, 6);
    assertEquals(going.find(({ reason }) => reason === "runs")!.count, 4, "two runs, two lists");
    assertEquals(kept.map(({ results }) => results), [3, 3, 3, 3, 3]);
    for (const [value, statuses] of [[1, cached], [2, cached]] as const) {
      await garden.write("chain", chain(value));
      assertEquals((await garden.run("chain")).statuses, statuses);
    }
    assertEquals((await garden.run("chain", { variant: "big" })).statuses, cached);
    await garden.write("chain", chain(3));
    assertEquals((await garden.run("chain")).statuses["a"], "ran");
  }));

Deno.test("bytes of intermediates may go: runs pass over them, and what needs them has them made again", () =>
  withGarden(async (garden) => {
    await garden.write("chain", chain(1950));
    const first = await garden.run("chain");
    const plain = await garden.collect();
    assertEquals(counts(plain).intermediates, undefined);
    const { going, intermediateSeconds } = await garden.collect({ intermediates: true });
    assertEquals(going.map(({ reason, what }) => [reason, what]), [
      ["intermediates", "number.number (1), total.number (1)"],
    ]);
    // A stage that only adds may take no millisecond.
    const seconds = ["a", "b"].map((id) =>
      garden.store.readAction(first.stage(id).key!)!.provenance.seconds
    );
    assertEquals(intermediateSeconds, seconds[0]! + seconds[1]!);
    assert(!garden.store.hasBytes(digestOf(first.stage("b"))));
    assert(garden.store.hasBytes(digestOf(first.stage("c"))));
    await garden.assertSound();
    assertEquals((await garden.run("chain")).statuses, cached);
    await garden.write("chain", chain(1950, 70));
    const again = await garden.run("chain");
    assertEquals(again.statuses, { a: "ran", b: "ran", c: "ran" });
    assertEquals(again.reasons["b"], "its bytes are gone and c needs them");
    assertEquals(digestOf(again.stage("b")), digestOf(first.stage("b")));
    // A stage to be computed still takes them.
    await garden.write("chain", chain(1950, 71));
    assertEquals(counts(await garden.collect({ intermediates: true })).intermediates, undefined);
  }));

Deno.test("bytes that several artifacts have count once, and stay while one of them does", () =>
  withGarden(async (garden) => {
    await garden.write("chain", chain(5));
    await garden.run("chain");
    const first = (await garden.run("chain")).stage("a");
    // 5 and total 5 have the same bytes: one blob for a and b.
    await garden.write("chain", chain(5).replace("modulo: 900", "modulo: 901"));
    await garden.run("chain");
    const { kept, going } = await garden.collect();
    assertEquals(going.find(({ reason }) => reason === "superseded")!.what, "total (1)");
    const blob = garden.store.readTree(digestOf(first))![0]!;
    const blobs = listing(`${garden.store.root}/blobs`).map((line) => Number(line.split(" ")[1]));
    assert(blobs.includes(blob.size));
    const records = listing(`${garden.store.root}/actions`).map((line) => +line.split(" ")[1]!);
    const trees = listing(`${garden.store.root}/trees`).map((line) => +line.split(" ")[1]!);
    const sum = [...blobs, ...records, ...trees].reduce((a, b) => a + b, 0);
    assertEquals(kept[0]!.bytes, sum);
  }));

Deno.test("an experiment that cannot be planned keeps all that it computed, and is named", () =>
  withGarden(async (garden) => {
    const data = `${garden.folder}/data.txt`;
    await Deno.writeTextFile(data, "one\ntwo\n");
    const text = (value: number) => `
name: lines
stages:
  a: { uses: number, params: { value: ${value} } }
  l: { uses: lines, inputs: { files: { path: "\${SKELRUN_TEST_LINES}" } } }
`;
    Deno.env.set("SKELRUN_TEST_LINES", data);
    try {
      for (const value of [1, 2]) {
        await garden.write("lines", text(value));
        await garden.run("lines");
      }
    } finally {
      Deno.env.delete("SKELRUN_TEST_LINES");
    }
    const summary = await garden.collect();
    assertEquals(summary.going, []);
    assertEquals(summary.unreadable.map(({ name }) => name), ["lines"]);
    const report = gcText(garden.store, summary);
    assertStringIncludes(report, "SKELRUN_TEST_LINES is not set");
    assertStringIncludes(report, "cannot be planned, so all of lines");
    Deno.env.set("SKELRUN_TEST_LINES", data);
    try {
      assertEquals(counts(await garden.collect()).superseded, 1);
    } finally {
      Deno.env.delete("SKELRUN_TEST_LINES");
    }
  }));

Deno.test("an experiment whose name cannot be read stops gc --delete; a part of others does not", () =>
  withGarden(async (garden) => {
    await garden.write("chain", chain(1));
    await garden.run("chain");
    await garden.write("part", "stages: { a: { uses: number } }\n");
    await garden.write("broken", "name: [unclosed\n");
    const before = listing(garden.store.root);
    const error = await assertRejects(() => garden.collect(), UnreadableRoots);
    assertStringIncludes(error.message, "broken.yaml");
    assertEquals(listing(garden.store.root), before);
    assertEquals((await garden.collect({ delete: false })).unreadable.length, 1);
    await Deno.remove(`${garden.experiments}/broken.yaml`);
    assertEquals((await garden.collect()).unreadable, []);
  }));

Deno.test("gc finds experiment files in folders, and says where there are none", () =>
  withGarden(async (garden) => {
    const file = await garden.write("chain", chain(1));
    await Deno.mkdir(`${garden.experiments}/deep/empty`, { recursive: true });
    await Deno.writeTextFile(`${garden.experiments}/deep/x.yml`, "");
    await Deno.writeTextFile(`${garden.experiments}/deep/notes.txt`, "");
    assertEquals(experimentFiles([`${garden.experiments}/`, file]), [
      file,
      `${garden.experiments}/deep/x.yml`,
    ]);
    for (const place of [`${garden.experiments}/deep/empty`, `${garden.folder}/nowhere`]) {
      const error = await assertRejects(
        () => Promise.resolve().then(() => experimentFiles([place])),
        UsageError,
      );
      assertStringIncludes(error.message, place);
    }
  }));

Deno.test("results of another class of device are kept with all that follows from them", () =>
  withGarden(async (garden) => {
    const text = `
name: device
stages:
  g: { uses: gpu }
  t: { uses: count, inputs: { start: g.number } }
`;
    await garden.write("device", text);
    const gpu = { backend: "webgpu", class: "webgpu:other" } as const;
    const ran = await garden.run("device", { device: () => Promise.resolve(gpu) });
    assertEquals(ran.summary.stages.flatMap(({ reason }) => reason ?? []), []);
    await garden.run("device", { device: () => Promise.resolve(CPU) });
    const { going, kept } = await garden.collect();
    assertEquals(going.map(({ reason }) => reason), ["runs"]);
    assertEquals(kept.map(({ results }) => results), [4]);
    const again = await garden.run("device", { device: () => Promise.resolve(gpu) });
    assertEquals(again.statuses, { g: "cached", t: "cached" });
  }));

Deno.test("an empty store has nothing to remove", () =>
  withGarden(async (garden) => {
    const summary = await garden.collect();
    assertEquals([summary.going, summary.kept], [[], []]);
    assertStringIncludes(gcText(garden.store, summary), "nothing to remove");
  }));
