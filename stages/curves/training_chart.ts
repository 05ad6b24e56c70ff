/**
 * The chart of a training log.
 *
 * @module
 */
import { lineChart, type Panel, type Series } from "../charts/line_chart.ts";
import type { LogColumn, LogRow } from "../pretrain/log_row.ts";

/**
 * Draws a training log as SVG: the losses with their chance levels, the cosines of positives and
 * negatives by term, and the spread and rank of the embeddings, over the steps.
 *
 * @param rows The log; may be empty.
 */
export function trainingChart(rows: readonly LogRow[], title: string): string {
  const last = rows.at(-1);
  const chance = last === undefined ? [] : [
    { name: "chance of L_z", value: last.chance_z },
    { name: "chance of L_s and L_ns", value: last.chance_s },
  ];
  const line = (name: string, column: LogColumn): Series => ({
    name,
    points: rows.map((row) => [row.step, row[column]] as const),
  });
  const panels: readonly Panel[] = [
    {
      title: "Losses",
      y: { label: "loss" },
      series: [line("L_z", "loss_z"), line("L_s", "loss_s"), line("L_ns", "loss_ns")],
      references: chance,
    },
    {
      title: "Cosine with the positive key and, on average, with the negatives",
      y: { label: "cosine" },
      series: [
        line("positive z", "positive_cosine_z"),
        line("negative z", "negative_cosine_z"),
        line("positive s", "positive_cosine_s"),
        line("negative s", "negative_cosine_s"),
        line("positive ns", "positive_cosine_ns"),
        line("negative ns", "negative_cosine_ns"),
      ],
    },
    {
      title: "Embeddings q_z: distance of positives and spread",
      y: { label: "value" },
      series: [line("alignment", "alignment"), line("uniformity", "uniformity")],
    },
    {
      title: "Effective rank of q_z",
      y: { label: "rank" },
      series: [line("effective rank", "effective_rank")],
    },
  ];
  const description = last === undefined
    ? "An empty training log."
    : `After ${last.step} steps L_z is ${last.loss_z.toFixed(3)} against ` +
      `${last.chance_z.toFixed(3)} at chance, L_s ${last.loss_s.toFixed(3)} and L_ns ` +
      `${last.loss_ns.toFixed(3)} against ${last.chance_s.toFixed(3)}.`;
  return lineChart({ title, description, x: { label: "step" }, panels, panelHeight: 180 });
}
