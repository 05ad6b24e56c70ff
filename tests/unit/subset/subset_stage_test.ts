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

  async subset(params: Record<string, unknown>) {
    const ctx = await FakeContext.begin({
      params: subsetParams.parse(params),
      home: `${this.home}/${JSON.stringify(params)}`,
      inputs: { clips: `${this.home}/clips`, split: `${this.home}/split` },
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

Deno.test("subset wants one of fraction and per_class", () => {
  const problems = (params: Record<string, unknown>) =>
    subset.check!(subsetParams.parse(params), {}).map(({ message }) => message);
  assertEquals(problems({}), ["expected one of fraction and per_class, found neither"]);
  assertEquals(problems({ fraction: 0.1, per_class: 1 }), [
    "expected one of fraction and per_class, found both",
  ]);
  assertEquals(problems({ per_class: 1 }), []);
  assertThrows(() => subsetParams.parse({ fraction: 1.5 }));
});

Deno.test("subset tells a plan how many clips train where it can be known", () => {
  const facts = { split: { pretrain: 20, train: 20, test: 2, folds: 1 }, clips: { classes: 3 } };
  const of = (params: Record<string, unknown>) =>
    subset.facts!(subsetParams.parse(params), facts).subset;
  assertEquals(of({ per_class: 5 }), { pretrain: 20, train: 15, test: 2, folds: 1 });
  assertEquals(of({ fraction: 0.1 }), { pretrain: 20, test: 2, folds: 1 });
});
