import { assertEquals } from "@std/assert";
import { SETTLED_MS } from "../../pipeline/file_stamp.ts";
import { sha256 } from "../../pipeline/fingerprint.ts";
import { RecordCache } from "../../pipeline/store/record_cache.ts";
import type { ActionRecord, Store } from "../../pipeline/store/store.ts";
import { runToy, toyExperiment, withStore } from "./toy_stages.ts";

const { inline } = await import("../../pipeline/executors/inline.ts");

/** Paths of files that are opened to read text while something goes on. */
async function opened(work: () => Promise<unknown>): Promise<string[]> {
  const read = Deno.readTextFileSync;
  const paths: string[] = [];
  Deno.readTextFileSync = (path) => {
    paths.push(String(path));
    return read(path);
  };
  try {
    await work();
  } finally {
    Deno.readTextFileSync = read;
  }
  return paths;
}

/** A store with the results of ten stages, all left alone long enough to be remembered. */
async function settled(store: Store) {
  const experiment = toyExperiment(
    Object.fromEntries(
      Array.from({ length: 10 }, (_, i) => [`n${i}`, { uses: "number", params: { value: i } }]),
    ),
  );
  const { summary } = await runToy(experiment, { store, executor: inline });
  await new Promise((resolve) => setTimeout(resolve, SETTLED_MS + 1100));
  return { experiment, keys: summary.stages.map(({ key }) => key!) };
}

function plant(store: Store, key: string, change: (record: ActionRecord) => ActionRecord) {
  const path = store.actionPath(key);
  const { mtime } = Deno.statSync(path);
  Deno.writeTextFileSync(path, JSON.stringify(change(store.readAction(key)!)) + "\n");
  Deno.utimeSync(path, mtime!, mtime!);
}

Deno.test("records that were read before are remembered", (t) =>
  withStore(async (store) => {
    const { experiment, keys } = await settled(store);

    await t.step(
      "a run where all is cached opens no record that the run before it read",
      async () => {
        const records = async (options: { rehash?: boolean } = {}) =>
          (await opened(() => runToy(experiment, { store, ...options })))
            .filter((path) => path.includes("/actions/")).length;
        assertEquals(await records(), 10);
        assertEquals(await records(), 0);
        assertEquals(await records({ rehash: true }), 10);
      },
    );

    await t.step("a file of them that is cut off anywhere gives whole records", () => {
      const cache = new RecordCache(store, "e");
      for (const key of keys) cache.read(key);
      cache.save();
      const file = `${store.local}/records-${sha256("e").slice(0, 16)}.txt`;
      const text = Deno.readTextFileSync(file);
      for (let end = text.length; end > 0; end -= 37) {
        Deno.writeTextFileSync(file, text.slice(0, end));
        const again = new RecordCache(store, "e");
        assertEquals(keys.map((key) => again.read(key)), keys.map((key) => store.readAction(key)));
      }
      Deno.writeTextFileSync(file, text);
    });

    await t.step("one that was removed or edited is seen, its size and time unchanged", () => {
      const [first, second, third] = keys;
      plant(store, first!, (record) => ({ ...record, strict: "xxread" as "unread" }));
      Deno.removeSync(store.actionPath(second!));
      const again = new RecordCache(store, "e");
      assertEquals(again.read(first!)?.strict, "xxread" as string);
      assertEquals(again.read(second!), undefined);
      assertEquals(again.read(third!), store.readAction(third!));
    });
  }));
