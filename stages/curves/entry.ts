/**
 * What the `curves` stage does when it runs.
 *
 * @module
 */
import type { StageContext } from "../../pipeline/stage.ts";
import { parseLogCsv } from "../pretrain/log_row.ts";
import type { CurvesParams } from "./definition.ts";
import { trainingChart } from "./training_chart.ts";

/** Reads `log.csv`, writes `log.svg`. */
export default async function curves(ctx: StageContext<CurvesParams>): Promise<void> {
  const file = `${ctx.input("log")}/log.csv`;
  const rows = parseLogCsv(await Deno.readTextFile(file), "log.csv");
  await Deno.writeTextFile(
    `${ctx.output("chart")}/log.svg`,
    trainingChart(rows, ctx.params.title),
  );
}
