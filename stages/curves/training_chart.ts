/**
 * The chart of a training log.
 *
 * @module
 */
import { lineChart, type Panel, type Series } from "../charts/line_chart.ts";
import type { CheckRow, Checks } from "./checks.ts";
import type { LogColumn, LogRow } from "../pretrain/log_row.ts";

/**
 * Draws a training log as SVG: the losses with their chance levels, the cosines of positives and
 * negatives by term, the spread and rank of the embeddings, and what the checks found of neighbours and
 * of the attention mask, over the steps.
 *
 * @param rows The log; may be empty.
 * @param checks Their panels are left out where there were none.
 */
export function trainingChart(
  rows: readonly LogRow[],
  title: string,
  checks: Checks = { knn: [], mask: [] },
): string {
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
    ...neighbourPanel(checks),
    ...maskPanels(checks),
  ];
  const description = last === undefined
    ? "An empty training log."
    : `After ${last.step} steps L_z is ${last.loss_z.toFixed(3)} against ` +
      `${last.chance_z.toFixed(3)} at chance, L_s ${last.loss_s.toFixed(3)} and L_ns ` +
      `${last.loss_ns.toFixed(3)} against ${last.chance_s.toFixed(3)}.`;
  return lineChart({ title, description, x: { label: "step" }, panels, panelHeight: 180 });
}

function points(rows: readonly CheckRow[], column: string): Series["points"] {
  return rows.flatMap((row) => row[column] === null ? [] : [[row.step!, row[column]!] as const]);
}

function neighbourPanel({ knn }: Checks): Panel[] {
  const ks = [...new Set(knn.map(({ k }) => k))];
  return knn.length === 0 ? [] : [{
    title: "Accuracy of nearest neighbours, clean clips",
    y: { label: "percent" },
    series: ks.map((k) => ({
      name: `k = ${k}`,
      points: points(knn.filter((row) => row.k === k), "top1"),
    })),
  }];
}

/** Shares of the mask's variance, and whether it tells swapped tokens from the clips' own. */
const SHARES = [
  ["channel", "between channels"],
  ["joint", "joints"],
  ["frame", "frames"],
  ["clip", "clips"],
  ["residual", "the rest"],
] as const;

function maskPanels({ mask, auc }: Checks): Panel[] {
  const found = points(mask, "auc");
  const references = [
    ["untrained mask", auc?.untrained ?? null],
    ["random mask", auc?.random ?? null],
  ] as const;
  return [
    ...(mask.length === 0 ? [] : [{
      title: "Attention mask: where it varies",
      y: { label: "share" },
      series: SHARES.map(([column, name]) => ({ name, points: points(mask, column) })),
    }]),
    ...(found.length === 0 ? [] : [{
      title: "Attention mask: swapped tokens against the clips' own",
      y: { label: "AUC" },
      series: [{ name: "trained mask", points: found }],
      references: references.flatMap(([name, value]) => value === null ? [] : [{ name, value }]),
    }]),
  ];
}
