import { assertEquals } from "@std/assert";
import type { StageDefinition } from "../../pipeline/stage.ts";
import { withSupplied } from "../../pipeline/supplied_inputs.ts";
import { digestOf, runToy, toyExperiment, toyStages, withStore } from "./toy_stages.ts";

const TOYS = toyStages();
const counts: StageDefinition = {
  ...TOYS.total,
  name: "counts",
  inputs: {
    kernels: {
      type: "number",
      summary: "Supplied",
      optional: true,
      supplied: { by: TOYS.number, output: "number", on: ["simd"] },
    },
  },
  entry: { cpu: TOYS.total.entry as string, simd: TOYS.total.entry as string },
};
const catalogue = { ...TOYS, counts };
const device = (backend: "cpu" | "simd" | "webgpu") => () =>
  Promise.resolve({ backend, class: backend === "cpu" ? "cpu" : `${backend}:toy` });

Deno.test("an input is supplied on the backends that need it, by one stage for all that take it", () => {
  const experiment = toyExperiment({ a: { uses: "counts" }, b: { uses: "counts" } }, catalogue);
  assertEquals(withSupplied(experiment, undefined), experiment);
  assertEquals(withSupplied(experiment, "cpu"), experiment);
  const { stages } = withSupplied(experiment, "simd");
  assertEquals(stages.map(({ id }) => id), ["number", "a", "b"]);
  const from = { kind: "output", stage: "number", output: "number" } as const;
  assertEquals(stages.slice(1).map(({ inputs }) => inputs), [{ kernels: from }, { kernels: from }]);
});

Deno.test("a stage of the file's own supplies it where there is one; names do not collide", () => {
  const own = toyExperiment({ mine: { uses: "number" }, a: { uses: "counts" } }, catalogue);
  const bound = withSupplied(own, "simd");
  assertEquals(bound.stages.map(({ id }) => id), ["mine", "a"]);
  assertEquals(bound.stages[1]!.inputs.kernels, {
    kind: "output",
    stage: "mine",
    output: "number",
  });
  const taken = toyExperiment({ number: { uses: "counts" } }, catalogue);
  assertEquals(withSupplied(taken, "simd").stages.map(({ id }) => id), ["number_", "number"]);
});

Deno.test("a run computes what it supplies, and a stage without an entry for the device runs on the CPU", () =>
  withStore(async (store) => {
    const experiment = toyExperiment({ a: { uses: "counts" } }, catalogue);
    const on = async (backend: "cpu" | "simd" | "webgpu") => {
      const { stage, statuses } = await runToy(experiment, { store, device: device(backend) });
      return { statuses, digest: digestOf(stage("a")) };
    };
    const cpu = await on("cpu");
    assertEquals(cpu.statuses, { a: "ran" });
    // No entry for webgpu: the same action as on the CPU.
    assertEquals(await on("webgpu"), { ...cpu, statuses: { a: "cached" } });
    const simd = await on("simd");
    assertEquals(simd.statuses, { number: "ran", a: "ran" });
    assertEquals(simd.digest === cpu.digest, false);
  }));
