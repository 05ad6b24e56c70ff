import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { writeJson } from "../../../stages/formats/json_text.ts";
import { encodeNpy, encodeNpyStrings } from "../../../stages/formats/npy.ts";
import { subset, subsetParams } from "../../../stages/subset/definition.ts";
import entry from "../../../stages/subset/entry.ts";
import { FakeContext, treeOf } from "../pretrain/fake_context.ts";

/** What the stage reads of 24 clips of three classes, in two folds; class 3 has but two clips. */
class Recordings implements AsyncDisposable {
  private constructor(readonly home: string) {}

  static async make(): Promise<Recordings> {
    const home = await Deno.makeTempDir();
    for (const folder of ["clips", "split"]) await Deno.mkdir(`${home}/${folder}`);
    const labels = Int32Array.from({ length: 24 }, (_, i) => i % 12 === 5 ? 2 : i % 2);
    await Deno.writeFile(`${home}/clips/labels.npy`, encodeNpy(labels, [24]));
    // Clips are in order of their names, and so are lists of them.
    const names = Array.from({ length: 24 }, (_, i) => `clip${String(i).padStart(2, "0")}`);
    await Deno.writeFile(`${home}/clips/names.npy`, encodeNpyStrings(names));
    await writeJson(`${home}/clips/meta.json`, { class_names: ["wave", "nod", "kick"] });
    const clips = Array.from({ length: 24 }, (_, i) => i);
    await writeJson(`${home}/split/split.json`, {
      format: "split/1",
      protocol: "swap",
      clips: 24,
      pretrain: clips.slice(0, 20),
      folds: [
        { name: "one", train: clips.slice(0, 20), test: clips.slice(20, 22) },
        { name: "two", train: clips.slice(2, 20), test: clips.slice(22) },
      ],
    });
    return new Recordings(home);
  }

  async subset(params: Record<string, unknown>, names?: string) {
    const ctx = await FakeContext.begin({
      params: subsetParams.parse(params),
      home: `${this.home}/${JSON.stringify(params)}${names === undefined ? "" : "listed"}`,
      inputs: {
        clips: `${this.home}/clips`,
        split: `${this.home}/split`,
        ...(names === undefined ? {} : { names }),
      },
      outputs: ["subset"],
    });
    await entry(ctx);
    const out = ctx.output("subset");
    const text = await Deno.readTextFile(`${out}/names.txt`);
    return {
      ctx,
      out,
      names: text,
      split: JSON.parse(await Deno.readTextFile(`${out}/split.json`)),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.home, { recursive: true });
  }
}

Deno.test("subset keeps some training clips of each fold and leaves everything else as it is", async () => {
  await using recordings = await Recordings.make();
  const { ctx, split, names } = await recordings.subset({ per_class: 1, seed: 4 });
  assertEquals([split.format, split.protocol, split.clips], ["split/1", "swap", 24]);
  assertEquals(split.pretrain.length, 20);
  assertEquals(split.folds.map((fold: { test: number[] }) => fold.test), [[20, 21], [22, 23]]);
  assertEquals(split.folds.map((fold: { train: number[] }) => fold.train.length), [3, 3]);
  assertEquals(split.subset, {
    per_class: 1,
    rule: "own",
    draw: 0,
    clips_per_class: [{ 0: 1, 1: 1, 2: 1 }, { 0: 1, 1: 1, 2: 1 }],
  });
  const kept = new Set<number>(split.folds.flatMap((fold: { train: number[] }) => fold.train));
  const expected = [...kept].sort((a, b) => a - b).map((i) =>
    `clip${String(i).padStart(2, "0")}\n`
  );
  assertEquals(names, expected.join(""));
  assertEquals(ctx.metrics.get("clips"), kept.size);
  assertEquals(ctx.outputFacts.get("subset"), { pretrain: 20, folds: 2, train: 3, test: 2 });
});

Deno.test("subset takes the released rule for a fraction, and one of its own from draw 1 on", async () => {
  await using recordings = await Recordings.make();
  const first = await recordings.subset({ fraction: 0.5 });
  assertEquals(first.split.subset.rule, "released");
  const other = await recordings.subset({ fraction: 0.5, seed: 9 });
  assertEquals(await treeOf(other.out), await treeOf(first.out), "the seed is Python's 2");
  const second = await recordings.subset({ fraction: 0.5, rule: "released", draw: 1 });
  assertEquals([second.split.subset.rule, second.split.subset.draw], ["own", 1]);
  assert(second.ctx.logs.some(({ message }) => message.includes("draw 1 is one of our own")));
  assert(second.names !== first.names);
});

Deno.test("subset names a class that has too few clips, and one that is left without any", async () => {
  await using recordings = await Recordings.make();
  await assertRejects(
    () => recordings.subset({ per_class: 3 }),
    Error,
    "params.per_class: class 3 (kick) has 2 training clips in fold one, expected at least 3: ask " +
      "for at most 2 labels per class",
  );
  const { ctx } = await recordings.subset({ fraction: 0.1 });
  const warnings = ctx.logs.filter(({ level }) => level === "warn").map(({ message }) => message);
  assertEquals(warnings[0], "fold one: no clip is left of class 3 (kick), which has 2");
});

Deno.test("a subset of no clip at all is an error that says what would leave one", async () => {
  await using recordings = await Recordings.make();
  await assertRejects(
    () => recordings.subset({ fraction: 0.01 }),
    Error,
    "params.fraction: 0.01 of the 20 training clips of fold one is nothing: the largest of its 3 " +
      "classes has 10 clips, of which 0.1 round to 0; ask for more than 0.05, or for per_class: 1",
  );
});

Deno.test("a list of names, as file or folder, keeps the same clips again", async () => {
  await using recordings = await Recordings.make();
  // One fold, so that a list says all.
  const file = `${recordings.home}/split/split.json`;
  const { folds: [fold], ...rest } = JSON.parse(await Deno.readTextFile(file));
  await writeJson(file, { ...rest, folds: [fold] });
  const first = await recordings.subset({ per_class: 2, seed: 4 });
  for (const path of [first.out, `${first.out}/names.txt`]) {
    const again = await recordings.subset({}, path);
    assertEquals(again.split.folds, first.split.folds);
    assertEquals(again.names, first.names);
    assertEquals(again.split.subset, { rule: "listed", clips_per_class: [{ 0: 2, 1: 2, 2: 2 }] });
    assertEquals(again.ctx.logs, []);
  }
});

Deno.test("in each fold a list keeps what trains there", async () => {
  await using recordings = await Recordings.make();
  const path = `${recordings.home}/list.txt`;
  await Deno.writeTextFile(path, "clip01\r\n\n  clip08\nclip05");
  const { split, names, ctx } = await recordings.subset({}, path);
  assertEquals(split.folds.map((fold: { train: number[] }) => fold.train), [[1, 5, 8], [5, 8]]);
  assertEquals(names, "clip01\nclip05\nclip08\n");
  assertEquals(ctx.logs.map(({ message }) => message), [
    "fold two: no clip is left of class 2 (nod), which has 7",
  ]);
});

Deno.test("what is wrong with a list is told by line and name", async () => {
  await using recordings = await Recordings.make();
  const path = `${recordings.home}/list.txt`;
  const fails = async (text: string, message: string) => {
    await Deno.writeTextFile(path, text);
    await assertRejects(() => recordings.subset({}, path), Error, message);
  };
  await fails("clip01\nclip02\nclip01\n", "input names, line 3: clip01 is on line 1 already");
  await fails("\n", "input names: expected names of clips, found none");
  await fails(
    "clip01\nclip99\n",
    "input names: no clip is called clip99 (the first is clip00): the list must be of the same " +
      "recordings",
  );
  await fails(
    "clip01\nclip22\n",
    "input names: clip clip22 trains in no fold: the list must be of the same split",
  );
  await fails("clip01\n", "input names: no clip of the list trains in fold two");
  await assertRejects(
    () => recordings.subset({}, recordings.home),
    Error,
    "input names: expected a file, or a folder with names.txt, found a folder without it",
  );
});

Deno.test("subset wants one of fraction and per_class", () => {
  const problems = (params: Record<string, unknown>, inputs = {}) =>
    subset.check!(subsetParams.parse(params), inputs).map(({ message }) => message);
  assertEquals(problems({}), [
    "expected one of fraction, per_class and the input names, found none",
  ]);
  assertEquals(problems({ fraction: 0.1, per_class: 1 }), [
    "expected one of fraction and per_class, found both",
  ]);
  assertEquals(problems({ per_class: 1 }), []);
  const listed = { names: undefined };
  assertEquals(problems({ seed: 3 }, listed), []);
  assertEquals(subset.check!(subsetParams.parse({ fraction: 0.1 }), listed), [{
    path: ["fraction"],
    message:
      "expected nothing beside the input names, which lists the clips that are kept, found 0.1: leave " +
      "out one of the two",
  }]);
  assertEquals(problems({ draw: 2 }, listed).length, 1);
  assertThrows(() => subsetParams.parse({ fraction: 1.5 }));
});

Deno.test("subset tells a plan how many clips train where it can be known", () => {
  const facts = { split: { pretrain: 20, train: 20, test: 2, folds: 1 }, clips: { classes: 3 } };
  const of = (params: Record<string, unknown>) =>
    subset.facts!(subsetParams.parse(params), facts).subset;
  assertEquals(of({ per_class: 5 }), { pretrain: 20, train: 15, test: 2, folds: 1 });
  assertEquals(of({ fraction: 0.1 }), { pretrain: 20, test: 2, folds: 1 });
});
