/**
 * The `table` stage: several results side by side, with chance and with how much was trained.
 *
 * @module
 */
import { z } from "zod";
import type { PortFacts, Problem, StageDefinition } from "../../pipeline/stage.ts";
import { inputsOfRow } from "./rows.ts";

const reference = z.strictObject({
  value: z.number().min(0).max(100).describe("The published number, top-1 in percent"),
  source: z.string().min(1).describe("Where it was read"),
  probe: z.string().min(1).optional().describe(
    "Kind of classifier that it is of; the first one that the row shows if unset",
  ),
  split: z.string().min(1).optional().describe(
    "Split that it is of, such as xset; a row of another split is refused",
  ),
  frames: z.int().min(1).optional().describe("Frames of the published run's clips"),
  width: z.int().min(1).optional().describe("Channels of its backbone's first block"),
  hidden_dim: z.int().min(1).optional().describe("Channels that its backbone ends with"),
  graph: z.string().min(1).optional().describe("Partition of its graph"),
  epoch: z.enum(["last", "best"]).optional().describe("Whether it is best on test or of the end"),
  ensemble: z.enum(["fixed", "chosen on test"]).optional().describe(
    "How the weights of its streams were chosen",
  ),
});

/** A published number beside a row; what is left out is unknown. */
export type Reference = z.output<typeof reference>;

const row = z.strictObject({
  input: z.string().min(1).describe(
    "Name of the input that holds the row's result, or under which cells of a grid were gathered",
  ),
  title: z.string().min(1).optional().describe("First column; the result's own title if unset"),
  mean: z.boolean().default(false).describe(
    "One row for all gathered cells, the mean over them, in place of a row for each",
  ),
  control: z.boolean().default(false).describe(
    "The row shows what there is without pre-training: a trained row must beat it",
  ),
  probes: z.array(z.string().min(1)).min(1).optional().describe(
    "Kinds of classifier that the long layout shows; all of the result if unset",
  ),
  reference: reference.optional().describe("A published number to show beside the row"),
});

/** Parameters of `table`. */
export const tableParams = z.strictObject({
  title: z.string().min(1).default("Linear evaluation").describe("Heading of table and chart"),
  layout: z.enum(["wide", "long"]).optional().describe(
    "wide: a column for each linear probe; long: a line for each row and kind of classifier; if " +
      "unset, wide where all results are linear evaluations on the same clips and none has a " +
      "published number beside it",
  ),
  rows: z.array(row).min(1).optional().describe(
    "The rows from top to bottom; all results in the order of their inputs' names if unset",
  ),
});

/** Parameters of `table` after defaults. */
export type TableParams = z.output<typeof tableParams>;

/** The input that tells of pre-training; all others are results. */
export const TRAINING_INPUT = "training";

/** See this module's page. */
export const table: StageDefinition<typeof tableParams> = {
  name: "table",
  summary: "Sets results side by side: text, CSV, JSON and a chart",
  params: tableParams,
  inputs: {
    [TRAINING_INPUT]: {
      type: "training_log",
      summary: "log of the pre-training behind the trained rows, to say how much it was",
      optional: true,
    },
    "*": { type: "result", summary: "results, one a row" },
  },
  outputs: {
    table: { type: "table", summary: "table.md, table.csv, table.json and table.svg" },
  },
  entry: new URL("./entry.ts", import.meta.url).href,
  resources: { cores: 1, memoryMiB: 256 },
  check: tableProblems,
};

/** Rows must name inputs that exist, each once. */
export function tableProblems(params: TableParams, inputs: PortFacts): Problem[] {
  const results = Object.keys(inputs).filter((name) => name !== TRAINING_INPUT).sort();
  const problems: Problem[] = [];
  const seen = new Set<string>();
  (params.rows ?? []).forEach(({ input }, i) => {
    const path = ["rows", i, "input"];
    if (inputsOfRow(input, results).length === 0) {
      problems.push({
        path,
        message: `expected the name of a result among the inputs (${results.join(", ")}), found ` +
          `${input}`,
      });
    } else if (seen.has(input)) {
      problems.push({ path, message: `${input} is in an earlier row already; name it once` });
    }
    seen.add(input);
  });
  return problems;
}
