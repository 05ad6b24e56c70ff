import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { ensemble, type EnsembleParams } from "../../../stages/ensemble/definition.ts";
import runEnsemble from "../../../stages/ensemble/entry.ts";
import { randomStream } from "../../../stages/random.ts";
import { readResult } from "../../../stages/results/result_reader.ts";
import { type ResultInput, writeResult } from "../../../stages/results/result_writer.ts";
import { FakeContext, treeOf } from "../pretrain/fake_context.ts";

const CLIPS = 90, CLASSES = 4;
const STREAMS = ["joint", "bone", "motion"];

/** Logits of noise, with the true class ahead by `lead`. */
function noisy(seed: number, lead: number): Float32Array<ArrayBuffer> {
  const logits = new Float32Array(CLIPS * CLASSES);
  randomStream(seed, "logits").fillNormal(logits);
  for (let i = 0; i < CLIPS; i++) logits[i * CLASSES + i % CLASSES]! += lead;
  return logits;
}

/** A result of two members of the probe `linear`, with best epochs, and of another probe without. */
async function writeStream(folder: string, seed: number, changes: Partial<ResultInput> = {}) {
  await Deno.mkdir(folder, { recursive: true });
  const columns = (of: (i: number) => number) =>
    Int32Array.from({ length: CLIPS }, (_, i) => of(i));
  await writeResult(folder, {
    title: "made up",
    source: "made up",
    protocol: "xsub",
    classes: CLASSES,
    test: {
      clips: columns((i) => 2 * i),
      labels: columns((i) => i % CLASSES),
      subjects: columns((i) => i % 12),
    },
    train: 30,
    varied: ["initialisation"],
    answers: ["a", "b"].flatMap((member, m) => [
      {
        probe: "linear",
        member,
        last: noisy(10 * seed + m, 1 + 0.2 * seed),
        best: { logits: noisy(10 * seed + m + 5, 1.5), epoch: 5 * (seed + m) },
      },
      { probe: "finetune", member, last: noisy(100 * seed + m, 1) },
    ]),
    details: {},
    ...changes,
  });
}

async function run(
  home: string,
  params: object = {},
  inputs: readonly string[] = STREAMS,
): Promise<FakeContext<EnsembleParams>> {
  const ctx = await FakeContext.begin({
    params: ensemble.params.parse(params) as EnsembleParams,
    home: `${home}/ensemble`,
    inputs: Object.fromEntries(inputs.map((name) => [name, `${home}/${name}`])),
    outputs: ["result"],
  });
  await runEnsemble(ctx);
  return ctx;
}

async function withStreams(body: (home: string) => Promise<void>): Promise<void> {
  const home = await Deno.makeTempDir();
  try {
    for (const [seed, name] of STREAMS.entries()) await writeStream(`${home}/${name}`, seed + 1);
    await body(home);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

/** Percent of clips whose true class has the largest sum, in plain words. */
function accuracy(sums: ArrayLike<number>): number {
  let right = 0;
  for (let i = 0; i < CLIPS; i++) {
    const row = Array.from({ length: CLASSES }, (_, c) => sums[i * CLASSES + c]!);
    if (row.indexOf(Math.max(...row)) === i % CLASSES) right++;
  }
  return 100 * right / CLIPS;
}

Deno.test("logits are summed with the weights, member by member, at the last and the best epoch", () =>
  withStreams(async (home) => {
    const ctx = await run(home);
    const out = await readResult(ctx.output("result"));
    const streams = await Promise.all(STREAMS.map((name) => readResult(`${home}/${name}`)));
    assertEquals(out.membersOf("ensemble"), ["a", "b"]);
    const all = [["ensemble", [0.5, 0.5, 0.4]], [
      "ensemble_joint_0.5_bone_0.5_motion_0.5",
      [0.5, 0.5, 0.5],
    ]] as const;
    assertEquals(Object.keys(out.file.summary), all.map(([probe]) => probe));
    for (const [probe, weights] of all) {
      for (const member of ["a", "b"]) {
        for (const at of ["last", "best"] as const) {
          const parts = streams.map((stream) => stream.logits("linear", member, at)!);
          const sums = Array.from(
            parts[0]!,
            (_, i) => weights.reduce<number>((sum, weight, s) => sum + weight * parts[s]![i]!, 0),
          );
          const found = out.logits(probe, member, at)!;
          sums.forEach((sum, i) => assertAlmostEquals(found[i]!, sum, 1e-6));
          const row = out.file.rows.find((one) => one.probe === probe && one.member === member)!;
          assertAlmostEquals(at === "last" ? row.top1_last : row.top1_best!, accuracy(sums), 1e-9);
        }
      }
    }
    assertEquals(out.file.rows[0]!.best_epoch, 15);
    assertEquals(
      (out.file.details.streams as Record<string, { best_epochs: number[] }>).bone!.best_epochs,
      [10, 15],
    );
  }));

Deno.test("the gain is the paired one over the single stream that is best on the test set", () =>
  withStreams(async (home) => {
    for (const epoch of ["last", "best"] as const) {
      const ctx = await run(home, { epoch });
      const { file } = await readResult(ctx.output("result"));
      const streams = file.details.streams as Record<
        string,
        { top1_last: number; top1_best: number }
      >;
      const gain = file.details.gain as { over: string; difference: number; of: string };
      const figure = (name: string) => streams[name]![`top1_${epoch}`];
      for (const name of STREAMS) assert(figure(gain.over) >= figure(name));
      const whole = file.summary.ensemble![`top1_${epoch}`]!.mean;
      assertAlmostEquals(gain.difference, whole - figure(gain.over), 1e-9);
      assertEquals(gain.of.includes("chosen on the test set"), epoch === "best");
      const said = ctx.logs.map(({ message }) => message).join("\n");
      assert(said.includes("0.5 joint + 0.5 bone + 0.4 motion"), said);
      assert(
        said.includes(`points over ${gain.over}, the best single stream on the test set`),
        said,
      );
      assertAlmostEquals(ctx.metrics.get("top1_joint")!, streams.joint!.top1_last, 1e-9);
    }
  }));

Deno.test("a probe without best epochs has no column of them, and none can be asked for", () =>
  withStreams(async (home) => {
    const ctx = await run(home, {
      probe: "finetune",
      also: [{ joint: 0.6, bone: 0.6, motion: 0.4 }],
    });
    const { file } = await readResult(ctx.output("result"));
    assertEquals(file.planes.map(({ at }) => at), ["last", "last", "last", "last"]);
    assertEquals(Object.keys(file.summary), ["ensemble", "ensemble_joint_0.6_bone_0.6_motion_0.4"]);
    assertEquals(ctx.metrics.get("top1_best"), undefined);
    await assertRejects(
      () => run(home, { probe: "finetune", epoch: "best" }),
      Error,
      "params.epoch: expected last, found best: finetune has no answers at a best epoch",
    );
    await assertRejects(
      () => run(home, { probe: "supervised" }),
      Error,
      "joint: expected answers by supervised, found linear, finetune: set probe to one of them",
    );
  }));

Deno.test("cells of a grid are paired by what is left of their names", () =>
  withStreams(async (home) => {
    const inputs: string[] = [];
    for (const [s, name] of STREAMS.entries()) {
      for (const seed of [1, 2]) {
        inputs.push(`seed=${seed},stream=${name}`);
        await writeStream(`${home}/${inputs.at(-1)}`, 10 * seed + s);
      }
    }
    const out = await readResult((await run(home, {}, inputs)).output("result"));
    assertEquals(out.membersOf("ensemble"), ["seed=1/a", "seed=1/b", "seed=2/a", "seed=2/b"]);
    const members = out.file.details.members as { parts: { input: string }[] }[];
    assertEquals(members[2]!.parts.map(({ input }) => input), [
      "seed=2,stream=joint",
      "seed=2,stream=bone",
      "seed=2,stream=motion",
    ]);
    await assertRejects(
      () => run(home, {}, inputs.slice(0, -1)),
      Error,
      "motion: expected the cells of joint (seed=1; seed=2), each once, found seed=1",
    );
  }));

Deno.test("streams of other test clips or with other members are refused", () =>
  withStreams(async (home) => {
    const { test } = await readResult(`${home}/joint`);
    const bone = `${home}/bone`;
    const rewrite = async (changes: Partial<ResultInput>) => {
      await Deno.remove(bone, { recursive: true });
      await writeStream(bone, 2, changes);
    };
    const refused = (message: string) => assertRejects(() => run(home), Error, message);
    await rewrite({
      test: { ...test, clips: test.clips.map((clip, i) => i < 40 ? clip : clip + 1) },
    });
    await refused(
      "bone: test clip 41 of 90, its number: expected 80 as in joint, found 81; streams are summed",
    );
    await rewrite({
      test: { ...test, labels: test.labels.map((label, i) => i === 7 ? 0 : label) },
    });
    await refused("bone: test clip 8 of 90, its class: expected 3 as in joint, found 0");
    await rewrite({
      answers: [{ probe: "linear", member: "a", last: noisy(1, 1) }],
    });
    await refused("bone has 1 members by linear and joint has 2; members are paired");
  }));

Deno.test("the order of weights in the file changes no byte", () =>
  withStreams(async (home) => {
    const first = await treeOf((await run(home)).output("result"));
    const other = await run(home, { weights: { motion: 0.4, joint: 0.5, bone: 0.5 } });
    assertEquals(await treeOf(other.output("result")), first);
  }));
