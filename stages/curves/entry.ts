/**
 * What the `curves` stage does when it runs.
 *
 * @module
 */
import type { StageContext } from "../../pipeline/stage.ts";
import { parseJsonText } from "../formats/json_text.ts";
import { parseLogCsv } from "../pretrain/log_row.ts";
import type { CurvesParams } from "./definition.ts";
import { type Checks, parseChecks } from "./checks.ts";
import { trainingChart } from "./training_chart.ts";

/** What is wanted of `summary.json`. */
interface Summary {
  readonly mask: Readonly<Record<"untrained" | "random", { readonly auc: number | null }>> | null;
}

/** Reads the log and its checks, writes `log.svg`. */
export default async function curves(ctx: StageContext<CurvesParams>): Promise<void> {
  const text = (name: string) => Deno.readTextFile(`${ctx.input("log")}/${name}`);
  const rows = parseLogCsv(await text("log.csv"), "log.csv");
  const { mask } = parseJsonText(await text("summary.json"), "summary.json") as Summary;
  const checks: Checks = {
    knn: parseChecks(await text("knn.csv"), "knn.csv"),
    mask: parseChecks(await text("mask.csv"), "mask.csv"),
    ...(mask ? { auc: { untrained: mask.untrained.auc, random: mask.random.auc } } : {}),
  };
  await Deno.writeTextFile(
    `${ctx.output("chart")}/log.svg`,
    trainingChart(rows, ctx.params.title, checks),
  );
}
