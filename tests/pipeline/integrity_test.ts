import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { integrityLines } from "../../pipeline/verify/integrity_text.ts";
import { setAside } from "../../pipeline/verify/set_aside.ts";
import { checkIntegrity } from "../../pipeline/store/integrity.ts";
import { type Store, StoreError } from "../../pipeline/store/store.ts";
import { compute, flakyExperiment, verifyToy } from "./toy_flaky.ts";
import { digestOf, withStore } from "./toy_stages.ts";

const EXPERIMENT = flakyExperiment({
  a: { uses: "number", params: { value: 2 } },
  b: { uses: "flaky", inputs: { a: "a.number" } },
  sum: { uses: "total", inputs: { a: "a.number" } },
});

/** Writes other bytes into a read-only file. */
async function damage(path: string, text: string): Promise<void> {
  await Deno.chmod(path, 0o644);
  await Deno.writeTextFile(path, text);
}

function blobOf(store: Store, tree: string, name: string): string {
  return store.blobPath(store.readTree(tree)!.find((entry) => entry.name === name)!.digest);
}

/** All that is said of a store. */
async function saidOf(store: Store): Promise<string> {
  return integrityLines(await checkIntegrity(store), new Map()).join("\n");
}

Deno.test("a sound store is said to be sound, with what was counted and its progress", () =>
  withStore(async (store) => {
    await compute(EXPERIMENT, store);
    const progress: [number, number][] = [];
    const found = await checkIntegrity(store, (done, total) => progress.push([done, total]));
    assertEquals(found.damaged, []);
    assertEquals(found.gone, []);
    assertEquals(found.temporary, []);
    assertEquals(found.records, 3);
    assertEquals(progress.length, found.blobs);
    assertEquals(progress.at(-1), [found.bytes, found.bytes]);
    assert(found.bytes > 1024);
    assertStringIncludes(await saidOf(store), "all sound: 3 records, 4 lists of files, ");
  }));

Deno.test("a damaged blob is told by digest, with every stage output and file it is part of", () =>
  withStore(async (store) => {
    const { stage } = await compute(EXPERIMENT, store);
    const path = blobOf(store, digestOf(stage("a")), "number.txt");
    await damage(path, "9\n");
    const { damaged } = await checkIntegrity(store);
    assertEquals(damaged.map(({ kind, path }) => [kind, path]), [["blob", path]]);
    assertEquals(
      damaged[0]!.uses.map(({ stage, output, file }) => `${stage}.${output} ${file}`).sort(),
      ["a.number number.txt", "sum.number number.txt"],
    );
    const said = await saidOf(store);
    assertStringIncludes(said, `DAMAGED blob ${damaged[0]!.name}: bytes; its 2 bytes hash to `);
    assertStringIncludes(said, "  part of number.txt of a.number in toy (key ");
    assertStringIncludes(said, "deno task verify --blobs --repair");
    assertStringIncludes(said, "1 DAMAGED; checked: ");
  }));

Deno.test("set aside, damaged bytes are made again with the digests they had", () =>
  withStore(async (store) => {
    const { stage } = await compute(EXPERIMENT, store);
    const path = blobOf(store, digestOf(stage("a")), "number.txt");
    const sound = await Deno.readTextFile(path);
    await damage(path, "9\n");
    const { damaged } = await checkIntegrity(store);
    const moved = await setAside(store, damaged);
    assertEquals(await Deno.readTextFile(moved.get(path)!), "9\n");
    assertStringIncludes(moved.get(path)!, `${store.root}/damaged/blob-`);
    assertStringIncludes(
      integrityLines(await checkIntegrity(store), moved).join("\n"),
      "gone (no d",
    );
    assertEquals(
      (await checkIntegrity(store)).gone.map(({ stage, output }) => `${stage}.${output}`)
        .sort(),
      ["a.number", "sum.number"],
    );
    const { states } = await verifyToy(EXPERIMENT, { store, repair: true });
    assertEquals(states, { a: "same", b: "same", sum: "same" });
    assertEquals(await Deno.readTextFile(path), sound);
    const healed = await checkIntegrity(store);
    assertEquals([healed.damaged, healed.gone], [[], []]);
  }));

Deno.test("a run makes bytes again that are damaged or too short, where a stage needs them", () =>
  withStore(async (store) => {
    const { stage } = await compute(EXPERIMENT, store);
    const path = blobOf(store, digestOf(stage("a")), "number.txt");
    const sound = await Deno.readTextFile(path);
    await damage(path, "");
    const further = flakyExperiment({
      a: { uses: "number", params: { value: 2 } },
      last: { uses: "total", params: { modulo: 5 }, inputs: { a: "a.number" } },
    });
    const again = await compute(further, store);
    assertEquals(again.statuses, { a: "ran", last: "ran" });
    assertEquals(again.stage("last").metrics["value"], 2);
    assertEquals(await Deno.readTextFile(path), sound);
  }));

Deno.test("bytes of the wrong size are never used, and the message says what to do", () =>
  withStore(async (store, folder) => {
    const { stage } = await compute(EXPERIMENT, store);
    const digest = digestOf(stage("a"));
    const path = blobOf(store, digest, "number.txt");
    await damage(path, "12345");
    const error = await assertRejects(() => store.exportTree(digest, `${folder}/out`), StoreError);
    assertStringIncludes(error.message, `${path} should have 2 bytes and has 5`);
    assertStringIncludes(error.message, "deno task verify --blobs --repair");
  }));

Deno.test("damaged trees, records and listings of code are told, set aside and made again", () =>
  withStore(async (store, folder) => {
    const { stage } = await compute(EXPERIMENT, store);
    const tree = digestOf(stage("a"));
    const treePath = `${store.root}/trees/${tree.slice(0, 2)}/${tree}`;
    await damage(treePath, '{"format":"tree/1","files":[]}\n');
    await assertRejects(() => store.exportTree(tree, `${folder}/out`), StoreError, "is damaged");
    const record = (id: string) => `${store.root}/actions/${stage(id).key}.json`;
    await Deno.writeTextFile(record("b"), '{"format":"action-record/1", "key"');
    await Deno.copyFile(record("sum"), `${store.root}/actions/${"0".repeat(64)}.json`);
    const changed = JSON.parse(await Deno.readTextFile(record("sum")));
    changed.manifest.params.modulo++;
    await Deno.writeTextFile(record("sum"), JSON.stringify(changed));
    const [closure] = [...Deno.readDirSync(`${store.root}/closures`)];
    await Deno.writeTextFile(`${store.root}/closures/${closure!.name}`, "{}");

    const { damaged } = await checkIntegrity(store);
    const problems = Object.fromEntries(damaged.map(({ path, problem }) => [path, problem]));
    assertEquals(Object.keys(problems).length, 5);
    assertStringIncludes(problems[treePath]!, "bytes hash to");
    assertEquals(problems[record("b")], "it is no JSON");
    assertStringIncludes(problems[record("sum")]!, "its manifest is that of another key");
    assertStringIncludes(
      problems[`${store.root}/actions/${"0".repeat(64)}.json`]!,
      `it is the record of another key, ${stage("sum").key}`,
    );
    assertEquals(problems[`${store.root}/closures/${closure!.name}`], "it lists other code");
    const used = damaged.find(({ kind }) => kind === "tree")!.uses;
    assertEquals(used.map(({ stage, output, file }) => [stage, output, file]), [
      ["a", "number", undefined],
    ]);

    assertEquals((await setAside(store, damaged)).size, 5);
    const again = await compute(EXPERIMENT, store);
    assertEquals(again.statuses, { a: "ran", b: "ran", sum: "ran" });
    assertEquals((await checkIntegrity(store)).damaged, []);
    assertEquals(digestOf(again.stage("a")), tree);
  }));

Deno.test("what somebody has mended since is not set aside", () =>
  withStore(async (store) => {
    const { stage } = await compute(EXPERIMENT, store);
    const path = blobOf(store, digestOf(stage("a")), "number.txt");
    const sound = await Deno.readTextFile(path);
    await damage(path, "9\n");
    const { damaged } = await checkIntegrity(store);
    await damage(path, sound);
    assertEquals((await setAside(store, damaged)).size, 0);
    assertEquals(await Deno.readTextFile(path), sound);
  }));

Deno.test("bytes that are gone and files that killed writers left are told apart from damage", () =>
  withStore(async (store) => {
    const { stage } = await compute(EXPERIMENT, store);
    const tree = digestOf(stage("a"));
    await Deno.remove(blobOf(store, tree, "number.txt"));
    const table = stage("b").outputs.find(({ name }) => name === "table")!.digest;
    await Deno.remove(`${store.root}/trees/${table.slice(0, 2)}/${table}`);
    const left = `${store.root}/actions/x.json.999999999-0-abcdef01.tmp`;
    await Deno.writeTextFile(left, "{");
    await Deno.utime(left, 0, 0);
    await Deno.writeTextFile(`${store.root}/actions/y.json.${Deno.pid}-0-abcdef01.tmp`, "{");
    await Deno.utime(`${store.root}/actions/y.json.${Deno.pid}-0-abcdef01.tmp`, 0, 0);
    await Deno.writeTextFile(`${store.root}/actions/z.json.999999999-0-abcdef01.tmp`, "{");
    const found = await checkIntegrity(store);
    assertEquals(found.damaged, []);
    assertEquals(found.temporary.map(({ path }) => path), [left]);
    const gone = found.gone.map(({ stage, output, files, tree }) => [stage, output, files, tree]);
    assertEquals(gone.sort(), [
      ["a", "number", 1, false],
      ["b", "table", 2, true],
      ["sum", "number", 1, false],
    ]);
    const said = await saidOf(store);
    assertStringIncludes(said, "gone (no damage: a result outlives its bytes): 3 outputs");
    assertStringIncludes(said, "  b/table".replace("b/", "b.") + " in toy");
    assertStringIncludes(said, `left by writers that were killed: 1 temporary file, 1 B`);
    assertStringIncludes(said, "all sound: ");
  }));
