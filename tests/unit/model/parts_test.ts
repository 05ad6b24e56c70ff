import { assert, assertEquals } from "@std/assert";
import { toDevice, toTorch } from "../../../stages/model/arrangement.ts";
import { modelConfig, modelProblems } from "../../../stages/model/config.ts";
import { adjacency } from "../../../stages/model/graph.ts";
import { initialQueue, initialValues } from "../../../stages/model/initial_values.ts";
import {
  encoderSpecs,
  type ParameterSpec,
  predictorSpecs,
  volume,
} from "../../../stages/model/parameters.ts";

const DATA = { bodies: 2, frames: 64, classes: 60 };

Deno.test("the adjacency has the sums, entries and empty columns that the method gives", () => {
  const entries = adjacency();
  const of = (partition: number) => entries.filter((entry) => entry.partition === partition);
  const sum = (list: readonly { weight: number }[]) =>
    list.reduce((s, { weight }) => s + weight, 0);
  assertEquals([0, 1, 2].map((k) => of(k).length), [25, 24, 24]);
  assertEquals([0, 1, 2].map((k) => sum(of(k))), [25, 24, 20]);
  const empty = (k: number) =>
    Array.from({ length: 25 }, (_, joint) => joint)
      .filter((joint) => sum(of(k).filter(({ to }) => to === joint)) !== 1);
  assertEquals(empty(1), [20]);
  assertEquals(empty(2), [3, 15, 19, 21, 23]);
  const into = (joint: number) => of(2).filter(({ to }) => to === joint).map(({ from }) => from);
  assertEquals(into(20), [1, 2, 4, 8]);
  assertEquals(into(0), [12, 16]);
});

Deno.test("the released setting has the published numbers of parameters", () => {
  const config = modelConfig({});
  const count = (specs: readonly ParameterSpec[], pattern: RegExp) =>
    specs.filter(({ name, role }) => pattern.test(name) && role !== "mean" && role !== "variance")
      .reduce((sum, { shape }) => sum + volume(shape), 0);
  const encoder = encoderSpecs(config, DATA);
  assertEquals(count(encoder, /^backbone\.(?!fc)/), 3083412);
  assertEquals(count(encoder, /^backbone\.fc/), 15420);
  assertEquals(count(encoder, /^neck\.Attn/), 263168);
  assertEquals(count(encoder, /^neck\.norm0/), 512);
  assertEquals(count(encoder, /^neck\.proj/), 98816);
  assertEquals(count(predictorSpecs(config), /^predictor\./), 66048);
  assertEquals(count(encoderSpecs(modelConfig({ width: 16 }), DATA), /^backbone\.(?!fc)/), 821380);
});

Deno.test("values go to the device's order and back unchanged, and lie where they should", () => {
  for (const spec of encoderSpecs(modelConfig({ width: 2, hidden_dim: 6 }), DATA)) {
    const values = Float32Array.from({ length: volume(spec.shape) }, (_, i) => i);
    const moved = toDevice(spec, values);
    assertEquals(toTorch(spec, Float32Array.from(moved)), values, spec.name);
    assertEquals(volume(spec.inner), values.length);
    if (spec.name === "backbone.st_gcn_networks.4.tcn.2.weight") {
      // PyTorch's (o, c, k) = (3, 1, 2) of (4, 4, 9) is (k, c, o) here.
      assertEquals(moved[(2 * 4 + 1) * 4 + 3], values[(3 * 4 + 1) * 9 + 2]);
    }
    if (spec.name === "backbone.st_gcn_networks.4.gcn.conv.weight") {
      // PyTorch's (k o, c) = (2 4 + 3, 1) of (12, 2) is (k, c, o) here.
      assertEquals(moved[(2 * 2 + 1) * 4 + 3], values[(2 * 4 + 3) * 2 + 1]);
    }
  }
});

Deno.test("first weights have the spreads of their initialisation, by tensor and by seed", () => {
  const specs = encoderSpecs(modelConfig({ width: 16, hidden_dim: 64 }), DATA);
  const spec = (name: string) => specs.find((one) => one.name === name)!;
  const moments = (values: Float32Array) => {
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
    const square = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
    return { mean, deviation: Math.sqrt(square), largest: Math.max(...values.map(Math.abs)) };
  };
  const conv = spec("backbone.st_gcn_networks.9.tcn.2.weight");
  const released = moments(initialValues(conv, "normal02", 1, "query"));
  assert(Math.abs(released.deviation - 0.02) < 5e-4 && Math.abs(released.mean) < 5e-4);
  const pytorch = moments(initialValues(conv, "pytorch", 1, "query"));
  const bound = 1 / Math.sqrt(64 * 9);
  assert(pytorch.largest <= Math.fround(bound) && pytorch.largest > 0.99 * bound);
  const norm = spec("backbone.st_gcn_networks.9.tcn.3.weight");
  assert(Math.abs(moments(initialValues(norm, "normal02", 1, "query")).mean - 1) < 0.01);
  assertEquals(moments(initialValues(norm, "pytorch", 1, "query")).deviation, 0);
  const bias = spec("backbone.st_gcn_networks.9.tcn.2.bias");
  assertEquals(moments(initialValues(bias, "normal02", 1, "query")).largest, 0);
  assert(moments(initialValues(bias, "pytorch", 1, "query")).largest > 0);
  for (const name of ["backbone.edge_importance.3", "neck.norm0.weight"]) {
    assertEquals(new Set(initialValues(spec(name), "normal02", 1, "query")), new Set([1]));
  }
  const draws = [[1, "query"], [1, "key"], [2, "query"]] as const;
  assertEquals(
    new Set(draws.map(([seed, of]) => initialValues(conv, "normal02", seed, of)[0])).size,
    3,
  );
});

Deno.test("the queue starts with keys of length 1", () => {
  const keys = initialQueue({ ...modelConfig({}), queue: 50, feature_dim: 128 }, 3);
  for (let i = 0; i < 50; i++) {
    const length = Math.hypot(...keys.subarray(i * 128, (i + 1) * 128));
    assert(Math.abs(length - 1) < 1e-6);
  }
});

Deno.test("rules between parameters name the field, what was expected and what was found", () => {
  const config = modelConfig({});
  assertEquals(modelProblems(config, 128, { clips: 1000, frames: 64 }), []);
  const of = (...args: Parameters<typeof modelProblems>) =>
    modelProblems(...args).map(({ path, message }) =>
      `${path.join(".")}: ${message.split(":")[0]}`
    );
  assertEquals(of({ ...config, heads: 7 }), [
    "heads: expected a divisor of hidden_dim 256, found 7",
  ]);
  assertEquals(of({ ...config, queue: 100 }, 128), [
    "queue: expected a multiple of batch 128, found 100",
  ]);
  assertEquals(of(config, 2), ["batch: expected at least 3, found 2"]);
  assertEquals(of(config, 128, { clips: 100 }), [
    "batch: expected at most the 100 clips there are, found 128",
  ]);
  assertEquals(of(config, undefined, { frames: 50 }), [
    ": expected clips of a multiple of 4 frames, found 50",
  ]);
});
