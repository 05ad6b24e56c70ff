import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { inline } from "../../pipeline/executors/inline.ts";
import { PlanError } from "../../pipeline/plan_error.ts";
import { disk } from "../../pipeline/store/disk.ts";
import { openStore, StoreError } from "../../pipeline/store/store.ts";
import type { ActionRecord } from "../../pipeline/store/store.ts";
import { digestOf, runToy, toyExperiment, toyStages, withFolder, withStore } from "./toy_stages.ts";

async function write(folder: string, files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const path = `${folder}/${name}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(path, text);
  }
}

Deno.test("a tree comes back as it went in, and its digest does not hang on where or when", () =>
  withStore(async (store, folder) => {
    const files = { "b/two.txt": "two", "a.txt": "one", "b/one.txt": "one" };
    await write(`${folder}/out`, files);
    await write(`${store.root}/scratch/x`, files);
    const first = await store.takeTree(`${store.root}/scratch/x`, "t");
    const second = await store.takeTree(`${folder}/out`, "t");
    assertEquals(first, second);
    assertEquals(first.files, 3);
    assertEquals(store.readTree(first.digest)!.map((e) => e.name), [
      "a.txt",
      "b/one.txt",
      "b/two.txt",
    ]);
    await store.exportTree(first.digest, `${folder}/copy`);
    assertEquals(await Deno.readTextFile(`${folder}/copy/b/two.txt`), "two");
    await Deno.writeTextFile(`${folder}/copy/b/two.txt`, "changed");
    await store.materialise(first.digest, `${folder}/in`);
    assertEquals(await Deno.readTextFile(`${folder}/in/b/two.txt`), "two");
    assertEquals((await Deno.stat(`${folder}/in/b/two.txt`)).mode! & 0o222, 0);
    await assertRejects(
      () => store.exportTree(first.digest, `${folder}/copy`),
      StoreError,
      "not empty",
    );
  }));

Deno.test("a record that is whole JSON and no record is refused with its file, at every reader", () =>
  withStore(async (store) => {
    const experiment = toyExperiment({ n: { uses: "number", params: { value: 3 } } });
    const key = (await runToy(experiment, { store })).stage("n").key!;
    const path = store.actionPath(key);
    const record = JSON.parse(await Deno.readTextFile(path));
    const garbage: unknown[] = [null, 7, "x", [], {}, { a: 1 }, { ...record, key: "0".repeat(64) }];
    for (const part of ["manifest", "outputs", "metrics", "facts", "provenance"]) {
      garbage.push({ ...record, [part]: undefined }, { ...record, [part]: [] });
    }
    garbage.push({ ...record, outputs: { number: null } }, { ...record, manifest: {} });
    for (const value of garbage) {
      await Deno.writeTextFile(path, JSON.stringify(value));
      const error = await assertRejects(() => runToy(experiment, { store }), StoreError);
      assertStringIncludes(error.message, `${path} is damaged: it is `);
      assertStringIncludes(error.message, "deno task verify --blobs --repair");
    }
    await Deno.remove(path);
    assertEquals((await runToy(experiment, { store })).statuses, { n: "ran" });
  }));

Deno.test("what is kept of code to save time may hold anything; damaged listings are named", () =>
  withStore(async (store) => {
    const experiment = toyExperiment({ n: { uses: "number", params: { value: 3 } } });
    const first = await runToy(experiment, { store });
    const code = store.readAction(first.stage("n").key!)!.manifest.code;
    for (const garbage of ["", "null", "[]", '"s"', "{", '{"a": 1, "b": null}']) {
      await Deno.writeTextFile(`${store.local}/closures.json`, garbage);
      assertEquals((await runToy(experiment, { store })).statuses, { n: "cached" }, garbage);
    }
    for (const garbage of ["null", "[]", "{}", '"s"', "{"]) {
      await Deno.writeTextFile(`${store.root}/closures/${code}.json`, garbage);
      assertThrows(() => store.readClosure(code), StoreError, `${code}.json is damaged: `);
    }
  }));

Deno.test("a complaint about code stands at a stage that uses it", () =>
  withStore(async (store, folder) => {
    await write(folder, { "broken.ts": "export default 1 +;\n" });
    const number = toyStages()["number"]!;
    const broken = { ...number, entry: `file://${folder}/broken.ts` };
    const experiment = toyExperiment({
      n: { uses: "number", params: { value: 3 } },
      b: { uses: "broken", params: { value: 3 } },
    }, { number, broken });
    const error = await assertRejects(() => runToy(experiment, { store }), PlanError);
    assertEquals(error.problems.map(({ path }) => path), [["stages", "b"]]);
  }));

Deno.test("a symbolic link in an output is refused by name", () =>
  withStore(async (store, folder) => {
    await write(`${folder}/out`, { "a.txt": "x" });
    await Deno.symlink(`${folder}/out/a.txt`, `${folder}/out/link.txt`);
    await assertRejects(
      () => store.takeTree(`${folder}/out`, "t"),
      Error,
      "link.txt is a symbolic",
    );
  }));

Deno.test("a folder that says it is something else is no store, nor is one that has other files", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/format`, "skelrun store 99\n");
    await assertRejects(() => openStore(folder), StoreError, "no store of this version");
    await write(`${folder}/mine`, { "thesis.txt": "" });
    await assertRejects(() => openStore(`${folder}/mine`), StoreError, "it has thesis.txt");
  }));

Deno.test("a store that cannot be made is refused with the reason and what to do", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    const error = await assertRejects(() => openStore(`${folder}/file/store`), StoreError);
    assertEquals(
      error.message,
      `Cannot use ${folder}/file/store as a store: a part of its path is a file, not a folder. ` +
        "Choose another folder with --store or SKELRUN_STORE.",
    );
    const store = await openStore(`${folder}/store`);
    await store.assertWritable();
    assertEquals(await Array.fromAsync(Deno.readDir(`${store.root}/scratch`)), []);
    await Deno.remove(`${store.root}/scratch`, { recursive: true });
    await assertRejects(() => store.assertWritable(), StoreError, "Cannot use");
  }));

Deno.test("publishing the same result twice changes nothing; other bytes are kept and named", () =>
  withStore(async (store) => {
    const record = (digest: string): ActionRecord => ({
      format: "action-record/1",
      key: "k".repeat(64),
      manifest: { inputs: {} },
      provenance: {},
      outputs: { n: { type: "t", digest, bytes: 1, files: 1 } },
      metrics: {},
      facts: {},
      strict: "unread",
    } as unknown as ActionRecord);
    await store.writeAction(record("a".repeat(64)));
    await store.writeAction(record("a".repeat(64)));
    const error = await assertRejects(
      () => store.writeAction(record("b".repeat(64))),
      StoreError,
    );
    assertStringIncludes(error.message, "n aaaaaaaaaaaa / bbbbbbbbbbbb");
    const names = [...Deno.readDirSync(`${store.root}/actions`)].map((e) => e.name);
    assertEquals(names.length, 2);
    assertEquals(store.readAction("k".repeat(64))!.outputs["n"]!.digest, "a".repeat(64));
  }));

Deno.test("a disk that fills up at any write of a run leaves no broken record, and the next run heals", () =>
  withFolder(async (folder) => {
    const experiment = toyExperiment({
      a: { uses: "number", params: { value: 2 } },
      sum: { uses: "total", inputs: { a: "a.number" } },
    });
    let left = 0;
    const full = () => {
      if (left-- > 0) return;
      throw Object.assign(new Error("No space left on device"), { code: "ENOSPC" });
    };
    const leaky = {
      write: async (path: string, data: Uint8Array | string) => {
        full();
        await disk.write(path, data);
      },
      rename: disk.rename,
      flush: async (path: string) => {
        full();
        await disk.flush(path);
      },
    };
    let failures = 0;
    for (let room = 0;; room++) {
      const root = `${folder}/store-${room}`;
      await openStore(root);
      left = room;
      const local = `${folder}/local`;
      const store = await openStore(root, { disk: leaky, local });
      const outcome = await runToy(experiment, { store, executor: inline }).catch((error: Error) =>
        error
      );
      if (outcome instanceof Error) assertStringIncludes(outcome.message, "is full");
      else if (outcome.summary.status === "failed") {
        failures++;
        const reason = outcome.summary.stages.find((s) => s.status === "failed")!.reason!;
        assertStringIncludes(reason, "is full. Nothing recorded so far is harmed");
      }
      for (const { name } of Deno.readDirSync(`${root}/actions`)) {
        if (name.endsWith(".json")) JSON.parse(Deno.readTextFileSync(`${root}/actions/${name}`));
      }
      const healed = await runToy(experiment, {
        store: await openStore(root, { local }),
        executor: inline,
      });
      assertEquals(healed.summary.status, "done");
      assertEquals(healed.stage("sum").metrics["value"], 2);
      assert(store.hasBytes(digestOf(healed.stage("sum"))));
      if (left > 0) break;
    }
    assert(failures >= 8, `only ${failures} runs met the full disk inside a stage`);
  }));
