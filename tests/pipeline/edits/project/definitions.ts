import { z } from "zod";

const clips = { clips: { type: "clips", summary: "Clips" } };
const resources = { cores: 1, memoryMiB: 100 };
const here = (file: string) => new URL(file, import.meta.url).href;

/** The stages of this project. */
export const catalogue = {
  parse: {
    name: "parse",
    summary: "Reads clips",
    params: z.strictObject({ skip: z.number().default(0) }),
    inputs: { raw: { type: "raw", summary: "Recordings", external: true } },
    outputs: clips,
    entry: here("./parse.ts"),
    resources,
  },
  normalize: {
    name: "normalize",
    summary: "Normalizes clips",
    params: z.strictObject({ frames: z.number().default(50) }),
    inputs: clips,
    outputs: clips,
    entry: here("./normalize.ts"),
    resources,
  },
  center: {
    name: "center",
    summary: "Centers clips",
    params: z.strictObject({ frames: z.number().default(50) }),
    inputs: clips,
    outputs: clips,
    entry: here("./center.ts"),
    resources,
  },
  pretrain: {
    name: "pretrain",
    summary: "Trains a model",
    params: z.strictObject({
      seed: z.number(),
      tau: z.number().default(0.1),
      epochs: z.number().default(2),
      crop: z.strictObject({ ratio: z.number().default(0.5) }).prefault({}),
    }),
    inputs: clips,
    outputs: { model: { type: "model", summary: "A model" } },
    entry: { cpu: here("./pretrain_cpu.ts"), webgpu: here("./pretrain_webgpu.ts") },
    roots: [here("./worker.ts"), here("./rates.txt")],
    resources,
  },
  evaluate: {
    name: "evaluate",
    summary: "Evaluates a model",
    params: z.strictObject({ k: z.number().default(5) }),
    inputs: { ...clips, model: { type: "model", summary: "A model" } },
    outputs: { metrics: { type: "metrics", summary: "Figures" } },
    entry: here("./evaluate.ts"),
    resources,
  },
  report: {
    name: "report",
    summary: "Writes a table",
    params: z.strictObject({ title: z.string().default("Results") }),
    inputs: {
      metrics: { type: "metrics", summary: "Figures" },
      notes: { type: "notes", summary: "Notes", external: true, optional: true },
    },
    outputs: { table: { type: "table", summary: "A table" } },
    entry: here("./report.ts"),
    resources,
  },
};
