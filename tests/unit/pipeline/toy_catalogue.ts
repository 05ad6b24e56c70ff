/** A catalogue of small stages, so that the runner's tests need no stage of the project. */
import { z } from "zod";
import type { Catalogue, StageDefinition } from "../../../pipeline/stage.ts";

const resources = { cores: 1, memoryMiB: 64 };
const entry = new URL("./toy_entry.ts", import.meta.url).href;

const numbers: StageDefinition = {
  name: "numbers",
  summary: "Writes numbers",
  params: z.strictObject({
    count: z.int().min(1).default(4).describe("How many numbers"),
    seed: z.int().default(1),
  }),
  inputs: {},
  outputs: { numbers: { type: "numbers", summary: "the numbers" } },
  entry,
  resources,
};

const read: StageDefinition = {
  name: "read_numbers",
  summary: "Reads numbers from a file",
  params: z.strictObject({}),
  inputs: { file: { type: "text", summary: "a text file", external: true } },
  outputs: { numbers: { type: "numbers", summary: "the numbers" } },
  entry,
  resources,
};

const scale: StageDefinition = {
  name: "scale",
  summary: "Multiplies numbers",
  params: z.strictObject({
    factor: z.number().positive().default(2),
    mode: z.enum(["round", "floor", "exact"]).default("exact"),
    optim: z.strictObject({ rate: z.number().min(0).default(0.1) })
      .prefault({}),
    widths: z.array(z.int().multipleOf(8)).min(1).default([8]),
  }),
  inputs: {
    numbers: { type: "numbers", summary: "what is multiplied" },
    weights: { type: "weights", summary: "optional weights", optional: true },
  },
  outputs: { numbers: { type: "numbers", summary: "the products" } },
  entry,
  resources,
  check: ({ factor }) =>
    Number(factor) > 100 ? [{ path: ["factor"], message: "factor: expected at most 100" }] : [],
};

const gather: StageDefinition = {
  name: "gather",
  summary: "Makes a table of numbers",
  params: z.strictObject({ title: z.string() }),
  inputs: { "*": { type: "numbers", summary: "a column" } },
  outputs: { table: { type: "table", summary: "the table" } },
  entry,
  resources,
};

/** Stages that make, read, multiply and gather numbers. */
export const toyCatalogue: Catalogue = { numbers, read_numbers: read, scale, gather };
