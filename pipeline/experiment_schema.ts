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
]).describe("Another stage's output, as stage.output, or { path: a file or folder of your own }");

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

/** A variant: what it changes in the experiment, in the experiment's own form. */
export const variantSchema = z.strictObject({
  name: nameSchema.optional(),
  seed: seedSchema.optional(),
  stages: z.record(z.string(), partialStageSchema.nullable()).optional(),
  expect: z.record(z.string(), expectationSchema.nullable()).optional(),
}).describe("Changes laid over the experiment by --variant NAME");

/** An experiment after `extends` and a variant are merged and `--set` is applied. */
export const experimentSchema = z.strictObject({
  name: nameSchema,
  extends: z.string().min(1).optional()
    .describe("A file this one is laid over, relative to this file"),
  seed: seedSchema.default(1),
  stages: z.record(z.string(), stageSchema).describe("The stages by name"),
  expect: z.record(z.string(), expectationSchema).default({})
    .describe("What the results should come to, by stage.metric"),
  variants: z.record(z.string(), variantSchema).default({})
    .describe("Named changes, chosen by --variant NAME"),
});

/** What {@link experimentSchema} accepts, after defaults. */
export type ExperimentForm = z.output<typeof experimentSchema>;
