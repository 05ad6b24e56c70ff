/**
 * Runs the `table` stage.
 *
 * @module
 */
import type { StageMain } from "../../pipeline/stage.ts";
import { readJson, writeJson } from "../formats/json_text.ts";
import { readResult } from "../results/result_reader.ts";
import { answersOf } from "./answers.ts";
import { tableChart } from "./chart.ts";
import { compare, type MaskSummary, type RowSource, type TrainingSummary } from "./comparison.ts";
import { csvTable } from "./csv.ts";
import type { Gain } from "./gains.ts";
import { type TableParams, TRAINING_INPUT } from "./definition.ts";
import { type Answered, gathered } from "./gathered.ts";
import { markdownTable, notes } from "./markdown.ts";
import { rowsOf } from "./rows.ts";

const main: StageMain<TableParams> = async (ctx) => {
  const names = ctx.inputNames.filter((name) => name !== TRAINING_INPUT);
  const read: (RowSource & { readonly named: boolean })[] = [];
  for (const row of rowsOf(ctx.params.rows, names)) {
    const cells: Answered[] = [];
    for (const input of row.cells) {
      const opened = await readResult(ctx.input(input));
      cells.push({ input, result: opened.file, answers: answersOf(opened) });
    }
    const { result, answers } = row.cells.length === 1 ? cells[0]! : gathered(cells);
    const named = row.title !== undefined;
    read.push({ title: result.title, ...row, result, answers, named });
  }
  // Results of the cells of a grid all have the title of what they were computed from; rows that are
  // given one title on purpose, such as several protocols of one encoder, keep it.
  const count = (title: string) => read.filter((row) => row.title === title).length;
  const sources = read.map(({ named, ...row }) =>
    count(row.title) > 1 && !named ? { ...row, title: row.input } : row
  );
  const training = ctx.inputNames.includes(TRAINING_INPUT)
    ? trainingSummary(await readJson(`${ctx.input(TRAINING_INPUT)}/summary.json`))
    : undefined;
  const comparison = compare(ctx.params.title, sources, training, ctx.params.layout);

  const out = ctx.output("table");
  const text = markdownTable(comparison);
  await Deno.writeTextFile(`${out}/table.md`, text);
  await Deno.writeTextFile(`${out}/table.csv`, csvTable(comparison));
  await Deno.writeTextFile(`${out}/table.svg`, tableChart(comparison));
  await writeJson(`${out}/table.json`, {
    format: "table/1",
    ...comparison,
    notes: notes(comparison),
  });
  for (const [name, value] of gainMetrics(comparison.gains)) ctx.metric(name, value);
  for (const line of text.trimEnd().split("\n")) ctx.log("info", line);
};

export default main;

/**
 * The smallest gain, and of a table with one trained row the gain over each control (`over_INPUT`)
 * with the lower end of its interval (`over_INPUT_low`); by several kinds of classifier with theirs
 * behind the control (`over_INPUT_PROBE`).
 */
function gainMetrics(gains: readonly Gain[]): [string, number][] {
  if (gains.length === 0) return [];
  const trained = new Set(gains.map(({ inputs: [row] }) => row));
  const several = new Set(gains.map(({ probe }) => probe)).size > 1;
  const nameOf = ({ inputs: [, control], probe }: Gain) =>
    several ? `over_${control}_${probe}` : `over_${control}`;
  const each = gains.flatMap((gain): [string, number][] => [
    [nameOf(gain), gain.gain],
    [`${nameOf(gain)}_low`, gain.interval[0]],
  ]);
  const plain = gains.every((gain) => /^\w+$/.test(nameOf(gain)));
  return [
    ["gain", Math.min(...gains.map(({ gain }) => gain))],
    ...(trained.size === 1 && plain ? each : []),
  ];
}

/** What the log of pre-training says of its length and its global loss. */
function trainingSummary(summary: {
  readonly steps: number;
  readonly batch: number;
  readonly steps_per_epoch: number;
  readonly last: { readonly loss_z: number; readonly chance_z: number } | null;
  readonly mask?: LoggedMasks | null;
}): TrainingSummary {
  const { steps, batch, steps_per_epoch, last } = summary;
  const mask = maskSummary(summary.mask ?? null);
  return {
    steps,
    batch,
    clips_seen: steps * batch,
    passes: steps / steps_per_epoch,
    ...(last === null ? {} : { loss: { L_z: last.loss_z, chance: last.chance_z } }),
    ...(mask === undefined ? {} : { mask }),
  };
}

interface LoggedMask {
  readonly shares: Readonly<Record<string, number>> | null;
  readonly tokens: number | null;
  readonly auc: number | null;
}

interface LoggedMasks {
  readonly trained: LoggedMask;
  readonly untrained: LoggedMask;
  readonly random: LoggedMask;
}

/** What the log says of the attention mask. */
function maskSummary(masks: LoggedMasks | null): MaskSummary | undefined {
  if (masks === null) return undefined;
  const { shares, tokens } = masks.trained;
  if (shares === null || tokens === null) return undefined;
  const [trained, untrained, random] = [masks.trained.auc, masks.untrained.auc, masks.random.auc];
  if (trained === null || untrained === null || random === null) return { shares, tokens };
  return { shares, tokens, auc: { trained, untrained, random } };
}
