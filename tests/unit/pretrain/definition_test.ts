import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { PortFacts } from "../../../pipeline/stage.ts";
import { pretrain, pretrainParams, pretrainProblems } from "../../../stages/pretrain/definition.ts";
import { untrained, untrainedParams } from "../../../stages/untrained/definition.ts";

/** Paths of the problems that parameters have. */
function paths(params: Record<string, unknown>, inputs: PortFacts = {}): string[] {
  return pretrainProblems(pretrainParams.parse(params), inputs).map(({ path }) => path.join("."));
}

Deno.test("pretrain defaults are the released setting and break no rule", () => {
  const params = pretrainParams.parse({});
  const { batch, epochs, lr, weight_decay, milestones, queue, tau, momentum } = params;
  assertEquals(
    { batch, epochs, lr, weight_decay, milestones, queue, tau, momentum },
    {
      batch: 128,
      epochs: 300,
      lr: 0.1,
      weight_decay: 1e-4,
      milestones: [250],
      queue: 32768,
      tau: 0.2,
      momentum: 0.996,
    },
  );
  assertEquals(paths({}, { clips: { clips: 40_091, frames: 64, bodies: 2 } }), []);
});

Deno.test("pretrain's rules point at the parameter that breaks them", () => {
  assertEquals(paths({ queue: 100 }), ["queue"]);
  assertEquals(paths({ batch: 2, queue: 64 }), ["batch"]);
  assertEquals(paths({ heads: 7 }), ["heads"]);
  assertEquals(paths({ epochs: 3, warmup_epochs: 3 }), ["warmup_epochs"]);
  assertEquals(paths({ milestones: [100, 60] }), ["milestones"]);
});

Deno.test("fewer clips to train on than a batch are found while planning", () => {
  assertEquals(paths({}, { clips: { clips: 100 } }), ["batch"]);
  assertEquals(paths({}, { clips: { clips: 200 }, split: { pretrain: 100 } }), ["batch"]);
  assertEquals(paths({}, { clips: { clips: 200 }, split: { pretrain: 150 } }), []);
  const [problem] = pretrainProblems(pretrainParams.parse({}), { clips: { clips: 100 } });
  assertStringIncludes(problem!.message, "100");
});

Deno.test("a policy for clips of another length is found while planning", () => {
  const problems = pretrainProblems(pretrainParams.parse({}), {
    clips: { frames: 32 },
    policy: { frames: 64 },
  });
  assertStringIncludes(problems[0]!.message, "give augment the same clips");
});

Deno.test("an unknown parameter is an error", () => {
  assert(!pretrainParams.safeParse({ learning_rate: 1 }).success);
  assert(!pretrainParams.safeParse({ knn: { ks: [1] } }).success);
});

Deno.test("pretrain and untrained tell what their encoders are", () => {
  const inputs = { clips: { clips: 200, bodies: 1 } };
  const params = { hidden_dim: 32, heads: 4, stream: "bone" };
  assertEquals(pretrain.facts!(pretrainParams.parse(params), inputs).encoder, {
    dim: 32,
    feature_dim: 128,
    width: 64,
    members: 1,
    stream: "bone",
    bodies: 1,
  });
  assertEquals(untrained.facts!(untrainedParams.parse(params), {}).encoder, {
    dim: 32,
    feature_dim: 128,
    width: 64,
    members: 3,
    stream: "bone",
  });
  assertEquals(
    untrained.check!(untrainedParams.parse({ heads: 3 }), {}).map(({ path }) => path),
    [["heads"]],
  );
});
