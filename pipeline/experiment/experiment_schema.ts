/**
 * The form of an experiment file, as a schema: the part that is the same whatever stages exist.
 * Parameters have the schema of their stage's definition.
 *
 * @module
 */
import { z } from "zod";

/** How a stage of an experiment may be called. */
export const STAGE_ID = /^[A-Za-z][A-Za-z0-9_-]*$/;

const inputSchema = z.union([
  z.string(),
  z.strictObject({ path: z.string() }),
  z.strictObject({ all: z.string(), over: z.array(z.string()).min(1).optional() }),
]).describe(
  "Another stage's output, as stage.output, or { path: a file or folder of your own }, or { all: " +
    "stage.output } for that output of every cell of the matrix",
);

const inputsSchema = z.record(z.string(), inputSchema)
  .describe("Where each input comes from, by the input's name");

const paramsSchema = z.record(z.string(), z.unknown())
  .describe("Parameters of the stage type; those left out take their defaults");

const usesSchema = z.string().describe("The stage type");

const stageSchema = z.strictObject({
  uses: usesSchema,
  inputs: inputsSchema.default({}),
  params: paramsSchema.default({}),
}).describe("One stage: its type, where its inputs come from, its parameters");

const partialStageSchema = z.strictObject({
  uses: usesSchema.optional(),
  inputs: z.record(z.string(), inputSchema.nullable()).optional(),
  params: paramsSchema.optional(),
});

const expectationSchema = z.strictObject({
  min: z.number().optional().describe("The least value that passes"),
  max: z.number().optional().describe("The greatest value that passes"),
}).describe("Bounds of a metric, checked after a run");

const seedSchema = z.int().min(0).max(2 ** 32 - 1)
  .describe("Seed of every stage that has a parameter `seed` and does not give it");

const nameSchema = z.string().min(1).max(100).describe("What the experiment is called");

const changes = {
  seed: seedSchema.optional(),
  stages: z.record(z.string(), partialStageSchema.nullable()).optional(),
  expect: z.record(z.string(), expectationSchema.nullable()).optional(),
};

const caseSchema = z.strictObject(changes).nullable()
  .describe("What this value changes in the experiment, in the experiment's own form");

const setSchema = z.string().describe("What is set, such as stages.pretrain.params.tau");

const listAxis = z.array(z.unknown()).min(1)
  .describe("Seeds, for the axis that is called seed; names of variants for any other");

const settingAxis = z.strictObject({
  set: z.union([setSchema, z.array(setSchema).min(1)])
    .describe("The path that the values are put at, or several"),
  values: z.union([z.array(z.unknown()).min(1), z.record(z.string(), z.unknown())])
    .describe("The values, or the values by the labels that stand for them"),
});

const casesAxis = z.strictObject({
  cases: z.record(z.string(), caseSchema).describe("Changes by the labels that stand for them"),
});

const axisSchema = z.union([listAxis, settingAxis, casesAxis])
  .describe("An axis: what differs along it");

const selectionSchema = z.record(z.string(), z.unknown());

const matrixSchema = z.strictObject({
  axes: z.record(z.string(), axisSchema)
    .describe("The axes by name; the cells are all combinations of their values"),
  zip: z.array(z.array(z.string()).min(2)).optional()
    .describe("Axes that go side by side: the first value of each, the second of each, ..."),
  exclude: z.array(selectionSchema).optional()
    .describe("Cells that are left out, each by one or more axes"),
  include: z.array(selectionSchema).optional()
    .describe("Cells that are added; an axis that is not named takes all its values"),
}).describe("A grid: the stages that an axis reaches exist once for each of its values");

/** A part of a matrix, as a variant may hold one. */
const partialMatrixSchema = z.strictObject({
  ...matrixSchema.shape,
  axes: z.record(
    z.string(),
    z.union([listAxis, settingAxis.partial(), casesAxis]).nullable(),
  ).optional(),
});

/** A variant: what it changes in the experiment, in the experiment's own form. */
const variantSchema = z.strictObject({
  name: nameSchema.optional(),
  ...changes,
  matrix: partialMatrixSchema.nullable().optional(),
}).describe("Changes laid over the experiment by --variant NAME");

/** An experiment after `extends` and a variant are merged and `--set` is applied. */
export const experimentSchema = z.strictObject({
  name: nameSchema,
  extends: z.string().min(1).optional()
    .describe("A file this one is laid over, relative to this file"),
  seed: seedSchema.default(1),
  stages: z.record(z.string(), stageSchema).describe("The stages by name"),
  matrix: matrixSchema.partial({ axes: true }).optional(),
  expect: z.record(z.string(), expectationSchema).default({})
    .describe("What the results should come to, by stage.metric"),
  variants: z.record(z.string(), variantSchema.nullable()).default({})
    .describe("Named changes, chosen by --variant NAME"),
});

/** What {@link experimentSchema} accepts, after defaults. */
export type ExperimentForm = z.output<typeof experimentSchema>;
