import { assertAlmostEquals, assertEquals } from "@std/assert";
import { emaMomentum } from "../../../stages/pretrain/ema_schedule.ts";
import { learningRate } from "../../../stages/pretrain/learning_rate.ts";
import { momentOf, timeline } from "../../../stages/pretrain/timeline.ts";

/** The released setting on NTU-60 cross-subject: 40,091 clips in batches of 128. */
const released = timeline(40_091, 128, 300, null);

/** The first step of a 1-based epoch. */
function startOf(epoch: number): number {
  return (epoch - 1) * released.stepsPerEpoch;
}

Deno.test("timeline() drops the last short batch and obeys the cap", () => {
  assertEquals(released, { stepsPerEpoch: 313, epochs: 300, steps: 93_900 });
  assertEquals(timeline(10, 4, 3, 5).steps, 5);
  assertEquals(timeline(10, 4, 3, 50).steps, 6);
});

Deno.test("momentOf() counts epochs from 1 and steps from 0", () => {
  assertEquals(momentOf(0, 313), { epoch: 1, stepInEpoch: 0 });
  assertEquals(momentOf(312, 313), { epoch: 1, stepInEpoch: 312 });
  assertEquals(momentOf(313, 313), { epoch: 2, stepInEpoch: 0 });
});

Deno.test("emaMomentum() has the released values, one epoch ahead", () => {
  const ema = { base: 0.996, schedule: "cosine", phase: "epoch" } as const;
  const at = (step: number) => emaMomentum(ema, step, released);
  assertAlmostEquals(at(0), 0.99600011, 5e-9);
  assertAlmostEquals(at(startOf(2)), 0.99600044, 5e-9);
  assertAlmostEquals(at(startOf(150)), 0.998, 5e-9);
  assertAlmostEquals(at(startOf(250)), 0.99973205, 5e-9);
  assertAlmostEquals(at(startOf(300)), 1, 1e-15);
  assertAlmostEquals(at(released.steps - 1), 0.99999989, 5e-9);
});

Deno.test("emaMomentum() can start at its base or stay there", () => {
  const step = { base: 0.996, schedule: "cosine", phase: "step" } as const;
  assertEquals(emaMomentum(step, 0, released), 0.996);
  assertAlmostEquals(emaMomentum(step, startOf(151), released), 0.998, 1e-12);
  const constant = { base: 0.99, schedule: "constant", phase: "epoch" } as const;
  assertEquals(emaMomentum(constant, 50_000, released), 0.99);
});

Deno.test("learningRate() falls to a tenth after epoch 250, not at it", () => {
  const params = { lr: 0.1, schedule: "step", milestones: [250], warmup_epochs: 0 } as const;
  const at = (step: number) => learningRate(params, step, released);
  assertEquals(at(0), 0.1);
  assertEquals(at(startOf(250)), 0.1);
  assertEquals(at(startOf(251) - 1), 0.1);
  assertEquals(at(startOf(251)), 0.01);
  assertEquals(at(released.steps - 1), 0.01);
});

Deno.test("learningRate() passes several milestones at 60/61 and 100/101", () => {
  const params = { lr: 3, schedule: "step", milestones: [60, 100], warmup_epochs: 0 } as const;
  const rates = [60, 61, 100, 101].map((epoch) => learningRate(params, startOf(epoch), released));
  assertEquals(rates, [3, 0.3, 0.3, 0.03]);
});

Deno.test("learningRate() goes half a cosine from base to zero", () => {
  const params = { lr: 0.2, schedule: "cosine", milestones: [], warmup_epochs: 0 } as const;
  assertEquals(learningRate(params, 0, released), 0.2);
  assertAlmostEquals(learningRate(params, startOf(151), released), 0.1, 1e-12);
  assertAlmostEquals(learningRate(params, released.steps, released), 0, 1e-12);
});

Deno.test("learningRate() warms up linearly and then starts the cosine at its base", () => {
  const params = { lr: 0.2, schedule: "cosine", milestones: [], warmup_epochs: 2 } as const;
  const time = timeline(40, 4, 6, null);
  const rates = [0, 9, 19, 20, 40, 60].map((step) => learningRate(params, step, time));
  [0.01, 0.1, 0.2, 0.2, 0.1, 0].forEach((rate, i) => assertAlmostEquals(rates[i]!, rate, 1e-12));
});
