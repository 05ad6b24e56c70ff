import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ActionIndex } from "../../pipeline/explain/action_index.ts";
import { traceLineage } from "../../pipeline/explain/lineage.ts";
import type { Lineage } from "../../pipeline/explain/lineage_graph.ts";
import { lineageText } from "../../pipeline/explain/lineage_text.ts";
import { lastRun } from "../../pipeline/history/last_run.ts";
import type { ActionRecord, Provenance } from "../../pipeline/store/record.ts";
import { openStore, type Store } from "../../pipeline/store/store.ts";
import { plainly, withBench } from "./toy_command.ts";
import { withStore } from "./toy_stages.ts";

const FILE = `name: grid
stages:
  number:
    uses: number
    params: { value: 3 }
  lines:
    uses: lines
    inputs: { files: { path: raw } }
  total:
    uses: total
    inputs: { a: number.number, b: lines.number }
  last:
    uses: total
    inputs: { c: total.number, d: number.number }
`;

Deno.test("lineage tells everything behind an artifact, down to raw files, each once", () =>
  withBench(async ({ folder, write, say, json }) => {
    Deno.mkdirSync(`${folder}/raw`);
    write("raw/a.txt", "1\n2\n");
    const file = write("grid.yaml", FILE);
    await say("run", file, "-q");
    const { out, status } = await say("lineage", "last");
    assertEquals(status, 0);
    const text = plainly(out)
      .split("\n").slice(2).map((line) => line.replace(/, code.*|, in TIME.*/, "")).join("\n");
    assertStringIncludes(text, "last.number DIGEST (number, 2 B)\n  made by last of grid (total)");
    assertStringIncludes(text, "\n  from c: total.number DIGEST (number, 2 B)\n");
    assertStringIncludes(text, "\n    from a: number.number DIGEST (number, 10 B)\n");
    assertStringIncludes(text, "\n      with value 3\n");
    assertStringIncludes(out, `from files: ${folder}/raw`);
    assertStringIncludes(out.replaceAll(/\n */g, " "), "(raw folder, ");
    assertStringIncludes(text, "\n  from d: number.number DIGEST (number, 10 B), as above\n");

    const found = await json("lineage", "last.number");
    assertEquals(found.nodes[0].id, found.root);
    const kinds = found.nodes.map(({ kind }: { kind: string }) => kind);
    assertEquals(kinds.filter((kind: string) => kind === "artifact").length, 4);
    assertEquals(kinds.filter((kind: string) => kind === "action").length, 4);
    const raw = found.nodes.find(({ kind }: { kind: string }) => kind === "raw");
    assertEquals(raw.path, `${folder}/raw`);
    const ids = new Set(found.nodes.map(({ id }: { id: string }) => id));
    for (const { from, to } of found.edges) assert(ids.has(from) && ids.has(to));
    assertEquals(found.edges.filter(({ kind }: { kind: string }) => kind === "takes").length, 5);
  }));

Deno.test("an artifact is named by digest, key, exported folder or file, and by stage of any run", () =>
  withBench(async ({ folder, store, write, say, json }) => {
    const file = write(
      "a.yaml",
      "name: a\nstages:\n  n: { uses: number, params: { value: 41 } }\n",
    );
    await say("run", file, "-q");
    const run = lastRun(await openStore(store))!;
    const key = run.stages[0]!.key!;
    const { root } = await json("lineage", "n.number");
    const digest = root.replace(/^artifact:|@.*$/g, "");
    assertEquals(root, `artifact:${digest}@${key}`);
    await say("export", "n", `${folder}/out`);
    await say("run", file, "-q", "--set", "stages.n.params.value=42");
    const named = async (...args: string[]) => (await json("lineage", ...args)).root;
    assertEquals(await named(digest.slice(0, 10)), root);
    assertEquals(await named(`tree:${digest}`), root);
    assertEquals(await named(key), root);
    assertEquals(await named(`${folder}/out`), root);
    assertEquals(await named(`${folder}/out/number.txt`), root);
    assertEquals(await named("n", "--run", "1"), root);
    assertEquals((await named("n", "--experiment", file)) === root, false);
    for (
      const [args, message] of [
        [["m"], 'no artifact "m"'],
        [["n.nothing"], 'stage n has no output "nothing"'],
        [[folder], "is no artifact of the store"],
        [[file], "is in no artifact of the store"],
        [["0000000000"], "nor a digest that the store knows"],
        [["n", "--run", "7"], 'there is no run "7"'],
      ] as const
    ) {
      const { status, err } = await say("lineage", ...args);
      assertEquals(status, 2, args.join(" "));
      assertStringIncludes(err, message);
    }
  }));

Deno.test("where several results yielded the same bytes, that of the run at hand goes first", () =>
  withBench(async ({ write, say, json }) => {
    const text = (value: number) =>
      `name: n${value}\nstages:\n  n: { uses: number, params: { value: ${value} } }\n` +
      "  t: { uses: total, inputs: { a: n.number } }\n" +
      "  u: { uses: total, inputs: { a: t.number } }\n";
    // Both totals are 3 modulo 1000, so that the last stage is the same action (early cutoff); it
    // yields the bytes that it takes.
    for (const value of [3, 1003]) await say("run", write(`${value}.yaml`, text(value)), "-q");
    for (const value of [3, 1003]) {
      const run = value === 3 ? "1" : "2";
      const { nodes } = await json("lineage", "u", "--run", run);
      const total = nodes.find(({ name }: { name?: string }) => name === "t.number");
      assertEquals(total.others.length, 2);
      const numbers = nodes.filter((node: { manifest?: { stage: string } }) =>
        node.manifest?.stage === "number"
      );
      assertEquals(numbers.map((n: ActionRecord) => n.manifest.params["value"]), [value]);
    }
    assertStringIncludes(
      plainly((await say("lineage", "u")).out),
      "(the same bytes also came from DIGEST, DIGEST)",
    );
  }));

const PROVENANCE: Provenance = {
  deno: "2.9.6",
  v8: "1",
  platform: "linux x86_64",
  host: "here",
  started: "2026-07-01T10:00:00.000Z",
  ended: "2026-07-01T10:00:02.000Z",
  seconds: 2,
  attempts: 1,
  experiment: "made up",
  stage: "pretrain",
};

/** Writes a result that nobody computed; its one output has the digest of its key's letter. */
async function put(
  store: Store,
  letter: string,
  change: Partial<Omit<ActionRecord, "manifest">> & {
    readonly manifest?: Partial<ActionRecord["manifest"]>;
  },
): Promise<void> {
  await store.writeAction({
    format: "action-record/1",
    key: letter.repeat(64),
    outputs: { out: { type: "number", digest: letter.repeat(64), bytes: 2, files: 1 } },
    metrics: {},
    facts: {},
    strict: "unread",
    provenance: PROVENANCE,
    ...change,
    manifest: {
      format: "action/1",
      stage: "pretrain",
      params: {},
      inputs: {},
      outputs: { out: "number" },
      code: "c".repeat(64),
      deno: "2.9.6",
      salt: "s",
      ...change.manifest,
    },
  });
}

function trace(store: Store, letter: string): Lineage {
  return traceLineage(store, ActionIndex.read(store), { digest: letter.repeat(64) });
}

Deno.test("an accepted result says by whom and why, and leads to what was really computed", () =>
  withStore(async (store) => {
    await put(store, "a", { manifest: { params: { epochs: 2 } } });
    await put(store, "b", {
      outputs: { out: { type: "number", digest: "a".repeat(64), bytes: 2, files: 1 } },
      manifest: { params: { epochs: 3 } },
      provenance: { ...PROVENANCE, stage: "accepting", started: "2026-07-02T10:00:00.000Z" },
      accepted: {
        from: "a".repeat(64),
        who: "Ada <ada@example.org>",
        when: "2026-07-02T10:00:00.000Z",
        why: "only the log changed",
        differences: ["epochs 2 -> 3"],
      },
    });
    const lineage = traceLineage(store, ActionIndex.read(store), {
      digest: "a".repeat(64),
      run: new Set(["b".repeat(64)]),
    });
    const [root] = lineage.edges.get(lineage.root)!;
    assertEquals(root?.to, `action:${"b".repeat(64)}`);
    assertEquals(lineage.edges.get(root!.to)?.map(({ kind, to }) => [kind, to]), [
      ["accepted", `action:${"a".repeat(64)}`],
    ]);
    const text = lineageText(lineage, 200);
    assertStringIncludes(text, "accepted by Ada <ada@example.org>, 2026-07-02");
    assertStringIncludes(text, "because: only the log changed");
    assert(!text.includes("the same bytes also came from"), text);
    assertStringIncludes(text, "epochs 2 -> 3)\n");
    assertStringIncludes(text, "with epochs 2\n");
  }));

Deno.test("a result that was taken from another class of device is told as such", () =>
  withStore(async (store) => {
    await put(store, "a", { manifest: { device: "webgpu:big" } });
    await put(store, "b", {
      manifest: { device: "cpu", inputs: { encoder: `tree:${"a".repeat(64)}` } },
    });
    const lineage = trace(store, "b");
    const taken = lineage.nodes.get(`action:${"a".repeat(64)}`);
    assert(taken?.kind === "action");
    assertEquals(taken.takenBy, "cpu");
    assertStringIncludes(lineageText(lineage, 200), "webgpu:big, accepted on cpu");
  }));

Deno.test("what no record tells is said; a damaged record counts as none and is named", () =>
  withStore(async (store) => {
    await put(store, "b", {
      manifest: { inputs: { clips: `tree:${"e".repeat(64)}`, file: `file:${"f".repeat(64)}` } },
      provenance: {
        ...PROVENANCE,
        sources: { clips: { kind: "output", stage: "normalize", output: "clips" } },
      },
    });
    await Deno.writeTextFile(`${store.root}/actions/${"d".repeat(64)}.json`, "{");
    const text = lineageText(trace(store, "b"), 80);
    assertStringIncludes(text, `from clips: ${"e".repeat(12)}, of which no record here says how`);
    assertStringIncludes(text, `from file: a raw file ${"f".repeat(12)}`);
    assertEquals(ActionIndex.read(store).damaged, [
      `${store.root}/actions/${"d".repeat(64)}.json`,
    ]);
  }));

Deno.test("the index of results reads what is new, and forgets what is gone", () =>
  withStore(async (store) => {
    await put(store, "a", {});
    assertEquals(ActionIndex.read(store).actions.length, 1);
    await put(store, "b", {});
    await Deno.remove(`${store.root}/actions/${"a".repeat(64)}.json`);
    const index = ActionIndex.read(store);
    assertEquals(index.actions.map(({ key }) => key), ["b".repeat(64)]);
    assertEquals(index.yielding("a".repeat(64)), []);
    await Deno.writeTextFile(`${store.local}/actions.ndjson`, "no JSON");
    assertEquals(ActionIndex.read(store).using("pretrain").length, 1);
  }));
