import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { writeJson } from "../../../stages/formats/json_text.ts";
import {
  encodeNpy,
  encodeNpyStrings,
  readNpy,
  readNpyStrings,
} from "../../../stages/formats/npy.ts";
import { UnusableInput } from "../../../stages/formats/unusable_input.ts";
import {
  shownInputs,
  tsne,
  type TsneParams,
  tsneProblems,
} from "../../../stages/tsne/definition.ts";
import runTsne from "../../../stages/tsne/entry.ts";
import { madeUpFeatures, range } from "../linear_eval/made_up_features.ts";
import { type Ending } from "../pretrain/tiny_run.ts";
import { Ended, FakeContext, treeOf } from "../pretrain/fake_context.ts";

const CLIPS = 240, DIM = 12, CLASSES = 3, TRAIN = 180;

/** Writes features of one or more members. */
async function writeFeatures(
  folder: string,
  members: Readonly<Record<string, number>>,
  broken: { readonly name?: string; readonly value?: number } = {},
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for (const [member, distance] of Object.entries(members)) {
    const { values } = madeUpFeatures(CLIPS, DIM, CLASSES, distance).features;
    if (broken.value !== undefined) values.fill(broken.value, 0, TRAIN * DIM);
    await Deno.writeFile(
      `${folder}/${member}.npy`,
      encodeNpy(values as Float32Array<ArrayBuffer>, [CLIPS, DIM]),
    );
  }
  await writeJson(`${folder}/features.json`, {
    format: "features/1",
    source: "made up",
    members: Object.keys(members),
    dim: DIM,
    classes: CLASSES,
    class_names: ["sit", "stand", "fall & rise"],
    stats: {},
  });
  const column = (of: (i: number) => number) =>
    encodeNpy(Int32Array.from(range(0, CLIPS), of), [CLIPS]);
  await Deno.writeFile(`${folder}/labels.npy`, column((i) => i % CLASSES));
  await Deno.writeFile(`${folder}/subjects.npy`, column((i) => i % 4));
  const names = range(0, CLIPS).map((i) => `clip${i}`);
  if (broken.name !== undefined) names[7] = broken.name;
  await Deno.writeFile(`${folder}/names.npy`, encodeNpyStrings(names));
}

/** Clusters, and the same with noise alone, of two members. */
async function writeInputs(home: string): Promise<Readonly<Record<string, string>>> {
  await writeFeatures(`${home}/trained`, { encoder: 30 });
  await writeFeatures(`${home}/untrained`, { untrained0: 0, untrained1: 0.1 });
  await Deno.mkdir(`${home}/split`);
  await writeJson(`${home}/split/split.json`, {
    format: "split/1",
    protocol: "made_up",
    clips: CLIPS,
    pretrain: range(0, TRAIN),
    folds: [{ name: "a", train: range(0, TRAIN), test: range(TRAIN, CLIPS) }],
  });
  return {
    trained: `${home}/trained`,
    untrained: `${home}/untrained`,
    split: `${home}/split`,
  };
}

async function layOut(
  home: string,
  inputs: Readonly<Record<string, string>>,
  params: Record<string, unknown> = {},
  ending: Ending = {},
) {
  const ctx = await FakeContext.begin({
    params: tsne.params.parse({ seed: 3, share: 0.5, iterations: 300, ...params }) as TsneParams,
    home,
    inputs,
    outputs: ["figure", "points"],
    ...ending,
  });
  await runTsne(ctx);
  return ctx;
}

interface TsneJson {
  readonly clips: number;
  readonly chance_purity: number;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly pictures: readonly {
    readonly input: string;
    readonly member: string;
    readonly file: string;
    readonly features: { readonly purity: Record<string, number>; readonly silhouette: number };
    readonly plane: { readonly purity: Record<string, number>; readonly silhouette: number };
    readonly kl: number;
  }[];
}

Deno.test("well separated clusters stay apart in the plane, noise does not become classes", async () => {
  const home = await Deno.makeTempDir();
  try {
    const ctx = await layOut(`${home}/run`, await writeInputs(home));
    const points = `${home}/run/out/points`;
    const json: TsneJson = JSON.parse(await Deno.readTextFile(`${points}/tsne.json`));
    assertEquals(json.clips, 90);
    assertEquals(json.pictures.map(({ input, member }) => [input, member]), [
      ["trained", "encoder"],
      ["untrained", "untrained0"],
    ]);
    const [trained, untrained] = json.pictures;
    assertEquals(trained!.features.purity, { "5": 100, "20": 100 });
    assertEquals(trained!.plane.purity, { "5": 100, "20": 100 });
    assert(trained!.plane.silhouette > 0.5 && trained!.features.silhouette > 0.5);
    assert(Math.abs(untrained!.plane.purity["5"]! - json.chance_purity) < 12);
    assert(untrained!.kl > 0 && trained!.kl > 0);
    // Few points take smaller steps.
    assertEquals(json.settings.learning_rate, 270);
    assertEquals(ctx.metrics.get("trained_purity5"), 100);
    assertEquals(ctx.metrics.get("untrained_silhouette"), untrained!.features.silhouette);

    // The points are those of the clips that are named, the same in every panel.
    const clips = (await readNpy(`${points}/clips.npy`, "i4", 1)).data;
    const labels = (await readNpy(`${points}/labels.npy`, "i4", 1)).data;
    assertEquals(await readNpyStrings(`${points}/names.npy`), [...clips].map((i) => `clip${i}`));
    assertEquals([...labels], [...clips].map((i) => i % CLASSES));
    assert(clips.every((clip) => clip < TRAIN));
    const { shape, data } = await readNpy(`${points}/${trained!.file}`, "f8", 2);
    assertEquals(shape, [90, 2]);
    assertAlmostEquals(data.reduce((sum, value) => sum + value, 0), 0, 1e-6);

    const svg = await Deno.readTextFile(`${home}/run/out/figure/tsne.svg`);
    assert(svg.includes("3 fall &amp; rise") && svg.includes("no evidence"));
    assert(svg.includes("100.0 % of the 5 nearest are of the own class"));
    assert(ctx.logs.some(({ message }) => message.includes("no evidence")));
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});

Deno.test("the same bytes again, after a stop and after a kill", async () => {
  const home = await Deno.makeTempDir();
  try {
    const inputs = await writeInputs(home);
    const params = { share: 0.2, perplexity: 5, iterations: 60, checkpoint_every: 20 };
    await layOut(`${home}/whole`, inputs, params);
    const whole = await treeOf(`${home}/whole/out`);
    const ends: string[] = [];
    for (const ending of [{ killAfter: 4 }, { stopAfter: 3 }, { killAfter: 6 }, {}]) {
      try {
        const ctx = await layOut(`${home}/broken`, inputs, params, ending);
        assert(ctx.logs.some(({ message }) => message.startsWith("goes on after 1 panels")));
        ends.push("done");
      } catch (error) {
        if (!(error instanceof Ended)) throw error;
        ends.push(error.how);
      }
    }
    assertEquals(ends, ["killed", "stopped", "killed", "done"]);
    assertEquals(await treeOf(`${home}/broken/out`), whole);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});

Deno.test("a panel for every member, with headings, where they are asked for", async () => {
  const home = await Deno.makeTempDir();
  try {
    const inputs = await writeInputs(home);
    await layOut(`${home}/run`, inputs, {
      members: "all",
      panels: [{ input: "untrained", title: "first weights" }, { input: "trained" }],
      perplexity: 5,
      share: 0.2,
      iterations: 5,
      unit_length: true,
      dimensions: 4,
    });
    const svg = await Deno.readTextFile(`${home}/run/out/figure/tsne.svg`);
    const places = ["first weights (untrained0)", "first weights (untrained1)", "trained"]
      .map((title) => svg.indexOf(`>${title}<`));
    assert(places[0]! > 0 && places[1]! > places[0]! && places[2]! > places[1]!, `${places}`);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});

Deno.test("too few clips, other clips and broken features are refused by name", async () => {
  const home = await Deno.makeTempDir();
  try {
    const inputs = await writeInputs(home);
    const refused = (message: string, more: Record<string, string>, params = {}) =>
      assertRejects(
        () => layOut(`${home}/run`, { ...inputs, ...more }, params),
        UnusableInput,
        message,
      );
    await refused("a perplexity of 20 needs at least 60 clips", {}, { share: 0.1 });
    await writeFeatures(`${home}/other`, { raw: 0 }, { name: "another" });
    await refused(
      "features trained and other are not of the same clips: clip 7 is clip7",
      { other: `${home}/other` },
    );
    await writeFeatures(`${home}/diverged`, { raw: 0 }, { value: NaN });
    await refused("is NaN; features must be finite", { diverged: `${home}/diverged` }, {
      iterations: 1,
    });
    await refused("params.learning_rate: the points of trained flew apart", {}, {
      learning_rate: 1e308,
      final_momentum: 0.99,
      exaggeration: 1e200,
    });
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});

Deno.test("what cannot be shown is refused while planning", () => {
  const params = (given: object) => tsne.params.parse({ seed: 1, ...given }) as TsneParams;
  const problems = (given: object, inputs: object) =>
    tsneProblems(params(given), inputs as never).map(({ path, message }) =>
      `${path.join(".")}: ${message}`
    );
  const features = { clips: 255, classes: 10 };
  assertEquals(problems({}, { split: {}, trained: {} }), []);
  assert(problems({}, { split: {} })[0]!.startsWith(": expected at least one input of features"));
  assertEquals(problems({ panels: [{ input: "raw" }] }, { split: {}, trained: {} }), [
    "panels.0.input: expected the name of features among the inputs (trained), found raw",
  ]);
  assertEquals(
    problems({ panels: [{ input: "a" }, { input: "b" }, { input: "a" }] }, {
      split: {},
      "a@seed=1": {},
      "a@seed=2": {},
      b: {},
    }),
    ["panels.2.input: a has an earlier panel already; name it once"],
  );
  assert(problems({ clips: 50 }, { split: {}, a: {} })[0]!.startsWith("perplexity: a perplexity"));
  assertEquals(problems({}, { split: { train: 1000 }, a: features }), []);
  assert(
    problems({}, { split: { train: 127 }, a: features })[0]!.includes("needs at least 60 clips"),
  );
  assertEquals(
    [...shownInputs(
      params({ panels: [{ input: "b", title: "B" }, { input: "a", title: "A" }] }),
      ["a@seed=1", "a@seed=2", "b", "c"],
    )],
    [["b", "B"], ["a@seed=1", "A seed=1"], ["a@seed=2", "A seed=2"]],
  );
  const machine = { backend: undefined, cores: 2, memoryMiB: 1000 };
  const need = (clips: number) =>
    tsne.memory!(params({ share: 1, clips }), { split: { train: 9000 }, a: features }, machine);
  assertEquals(need(2000)!.problem, undefined);
  assert(need(8000)!.problem!.message.startsWith("8000 clips take"));
});
