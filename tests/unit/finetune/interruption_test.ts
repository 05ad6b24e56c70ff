/** Stages that train classifiers, stopped and killed: what they go on from, and the bytes at the end. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { fineTune } from "../../../stages/finetune/fine_tuning.ts";
import { onCpu } from "../../../stages/finetune/on_cpu.ts";
import type { TrainerOptions } from "../../../stages/finetune/trainer.ts";
import { supervised } from "../../../stages/supervised/supervised.ts";
import { Ended } from "../pretrain/fake_context.ts";
import { FakeClassifier } from "./fake_classifier.ts";
import { LabelledRun, type RunSettings } from "./labelled_run.ts";

/** Checkpoints after every step, and none that nobody asked for. */
const ALWAYS = { checkpointInterval: -1 };
const NEVER = { checkpointInterval: Infinity };
const FAKE = { create: FakeClassifier.create };

/** The stages with other options than their entries give. */
const MAINS = {
  finetune: (options: TrainerOptions) =>
    onCpu((ctx) =>
      fineTune(ctx, { probe: "finetune", title: () => "tuned", source: () => "tiny" }, options)
    ),
  supervised: (options: TrainerOptions) => onCpu((ctx) => supervised(ctx, options)),
};

/** A step moves the fake classifier's answers, which are asked for after two epochs and the last. */
const FAST = { epochs: 3, batch: 4, lr: 0.2, milestones: [2], evaluate_every: 2 };

const PARAMS = { finetune: { ...FAST, trainMode: "train" }, supervised: FAST };

/** Breaths of an attempt. */
const EVERY = [1, 2, 5];

/** Two folds; two steps an epoch in the one, one in the other. */
async function twoFolds(members = 1): Promise<LabelledRun> {
  const run = await LabelledRun.make({}, members);
  const clips = Array.from({ length: 15 }, (_, i) => i);
  await run.changeSplit({
    folds: [
      { name: "one", train: clips.slice(0, 10), test: clips.slice(10, 12) },
      { name: "two", train: clips.slice(4, 10), test: clips.slice(12) },
    ],
  });
  return run;
}

/** Runs a stage again and again, each attempt with the same ending, until one gets to its end. */
async function attempts(begin: (settings: RunSettings) => Promise<unknown>, ending: RunSettings) {
  for (let count = 1;; count++) {
    if (count > 500) throw new Error(`${JSON.stringify(ending)}: no headway`);
    try {
      await begin(ending);
      return count;
    } catch (error) {
      if (!(error instanceof Ended)) throw error;
    }
  }
}

for (const stage of ["finetune", "supervised"] as const) {
  Deno.test(`${stage}, killed at any breath, goes on after the last step saved, to the same bytes`, async () => {
    await using run = await twoFolds();
    const params = PARAMS[stage];
    const whole = await run.train(stage, "whole", params, { main: MAINS[stage](FAKE) });
    const expected = await run.outputs("whole");
    const main = MAINS[stage]({ ...FAKE, ...ALWAYS });
    assert(whole.breaths > 20);
    // The loop is the same for both stages; the second is looked at here and there.
    const stride = stage === "finetune" ? 1 : 4;
    for (let killAfter = 1; killAfter <= whole.breaths; killAfter += stride) {
      const name = `killed ${killAfter}`;
      const killed = await run.begin(stage, name, params, { main, killAfter });
      await assertRejects(killed.run, Ended, "killed");
      const { progressed, logs } = await run.train(stage, name, params, { main });
      assertEquals(progressed[0], killed.ctx.progressed.at(-1), "no step is taken twice");
      assert(logs.some(({ message }) => message.startsWith("goes on with ")));
      assertEquals(await run.outputs(name), expected, name);
    }
  });
}

Deno.test("checkpoints come by the clock, and without one a killed training begins afresh", async () => {
  await using run = await twoFolds();
  const params = PARAMS.finetune;
  for (const [interval, first] of [[NEVER, 0], [ALWAYS, 3 * 4]] as const) {
    const main = MAINS.finetune({ ...FAKE, ...interval });
    const name = `interval ${first}`;
    await assertRejects(
      () => run.train("finetune", name, params, { main, killAfter: 3 + 4 }),
      Ended,
      "killed",
    );
    const { progressed } = await run.train("finetune", name, params, { main });
    assert(first === 0 ? progressed[0]![0] === 0 : progressed[0]![0] >= first);
  }
  assertEquals(await run.outputs("interval 0"), await run.outputs("interval 12"));
});

for (const stage of ["finetune", "supervised"] as const) {
  Deno.test(`${stage} of two members and folds, stopped or killed again and again, has the same bytes`, async () => {
    await using run = await twoFolds(2);
    const params = { ...PARAMS[stage], ...(stage === "supervised" ? { members: 2 } : {}) };
    const whole = await run.train(stage, "whole", params, { main: MAINS[stage](FAKE) });
    const expected = await run.outputs("whole");
    for (const every of EVERY) {
      for (const [how, options] of [["stopAfter", NEVER], ["killAfter", ALWAYS]] as const) {
        const name = `${how} ${every}`;
        const main = MAINS[stage]({ ...FAKE, ...options });
        const count = await attempts(
          (settings) => run.train(stage, name, params, { main, ...settings }),
          { [how]: every },
        );
        assert(count >= whole.breaths / every, `${count} attempts`);
        assertEquals(await run.outputs(name), expected, name);
      }
    }
  });

  Deno.test(`${stage} with its real classifier ends with the same bytes when killed and stopped`, async () => {
    await using run = await LabelledRun.make();
    const params = {
      epochs: 2,
      milestones: [1],
      evaluate_every: 1,
      ...(stage === "supervised" ? {} : { trainMode: "train", clip: 1, lr: 0.1 }),
    };
    await run.train(stage, "whole", params, { main: MAINS[stage]({}) });
    const main = MAINS[stage](ALWAYS);
    for (const ending of [{ killAfter: 3 }, { stopAfter: 4 }, { killAfter: 3 }]) {
      await assertRejects(() => run.train(stage, "parts", params, { main, ...ending }), Ended);
    }
    const { progressed } = await run.train(stage, "parts", params, { main });
    assert(progressed[0]![0] > 0);
    assertEquals(await run.outputs("parts"), await run.outputs("whole"));
  });
}
