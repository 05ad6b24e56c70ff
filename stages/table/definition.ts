/**
 * The `table` stage: several results side by side, with chance and with how much was trained.
 *
 * @module
 */
import { z } from "zod";
import type { PortFacts, Problem, StageDefinition } from "../../pipeline/stage.ts";
import { inputsOfRow } from "./rows.ts";

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
});

/** Parameters of `table`. */
export const tableParams = z.strictObject({
  title: z.string().min(1).default("Linear evaluation").describe("Heading of table and chart"),
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
