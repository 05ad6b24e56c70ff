import { assertEquals } from "@std/assert";
import { ensemble } from "../../../stages/ensemble/definition.ts";
import { findStreams, streamOrder } from "../../../stages/ensemble/streams.ts";

const WEIGHTS = { joint: 0.5, bone: 0.5, motion: 0.4 };

/** Streams with the inputs and cells found for each. */
function found(names: string[], inputs: string[]) {
  const { inputs: streams, unnamed, ambiguous } = findStreams(names, inputs);
  return {
    streams: [...streams].map(([name, all]) => [name, ...all.map((one) => [one.input, one.cell])]),
    unnamed,
    ambiguous,
  };
}

Deno.test("streams are told as joint, bone, motion, then the others", () => {
  assertEquals(streamOrder(["motion", "b", "joint", "a", "bone"]), [
    ...["joint", "bone", "motion"],
    ...["a", "b"],
  ]);
});

Deno.test("a stream is the input of its name, or the cells that carry it", () => {
  assertEquals(found(["bone", "joint"], ["joint", "bone"]).streams, [
    ["joint", ["joint", ""]],
    ["bone", ["bone", ""]],
  ]);
  assertEquals(
    found(["joint", "bone"], ["joint@seed=2", "joint@seed=1", "bone@seed=1", "bone@seed=2"])
      .streams,
    [
      ["joint", ["joint@seed=1", "seed=1"], ["joint@seed=2", "seed=2"]],
      ["bone", ["bone@seed=1", "seed=1"], ["bone@seed=2", "seed=2"]],
    ],
  );
  for (const names of [["joint", "bone"], ["stream=joint", "stream=bone"]]) {
    assertEquals(
      found(names, ["stream=joint,seed=1", "seed=1,stream=bone"]).streams.map(([, ...all]) => all),
      [[["stream=joint,seed=1", "seed=1"]], [["seed=1,stream=bone", "seed=1"]]],
    );
  }
  assertEquals(found(["joint"], ["linear@stream=joint"]).streams, [
    ["joint", ["linear@stream=joint", "linear"]],
  ]);
});

Deno.test("a plan refuses weights and inputs that do not name the same streams", () => {
  const problems = (params: object, ...inputs: string[]) =>
    ensemble.check!(
      ensemble.params.parse(params),
      Object.fromEntries(inputs.map((input) => [input, undefined])),
    ).map(({ path, message }) => `${path.join(".")}: ${message}`);
  assertEquals(problems({}, "joint", "bone", "motion"), []);
  assertEquals(problems({}, "joint", "bone"), [
    "weights.motion: expected the name of an input (bone, joint), found motion: give the weights " +
    "of the streams that there are",
  ]);
  assertEquals(problems({ weights: { joint: 1, bone: 1 } }, "joint", "bone", "motion"), [
    "weights: expected a weight for the input motion, found weights of joint, bone",
  ]);
  assertEquals(problems({ weights: { joint: 1 } }, "joint"), [
    "weights: expected at least two streams, found joint",
  ]);
  assertEquals(problems({ weights: { joint: 1, bone: 1 } }, "a=joint,b=bone", "joint", "bone"), [
    "weights: expected one stream for the input a=joint,b=bone, found several among joint, bone",
  ]);
  assertEquals(problems({ also: [{ joint: 1, bone: 1 }] }, "joint", "bone", "motion"), [
    "also.0: expected the streams of weights (joint, bone, motion), found bone, joint",
  ]);
  assertEquals(ensemble.params.parse({}).weights, WEIGHTS);
});
