/**
 * What the `tsne` stage does when it runs.
 *
 * @module
 */
import type { StageContext } from "../../pipeline/stage.ts";
import { writeJson } from "../formats/json_text.ts";
import { encodeNpy, encodeNpyStrings } from "../formats/npy.ts";
import { UnusableInput } from "../formats/unusable_input.ts";
import { mean } from "../statistics/moments.ts";
import { chooseClips } from "./chosen_clips.ts";
import { perplexityProblem, shownInputs, SPLIT_INPUT, type TsneParams } from "./definition.ts";
import { Embedding } from "./embedding.ts";
import { figuresOf, iterate, learningRate, prepare } from "./laid_out.ts";
import { chancePurity } from "./neighbourhood.ts";
import { type PanelSource, panelSources, readPanel } from "./panel_features.ts";
import { drawPicture } from "./picture.ts";
import { type FinishedPanel, readProgress, saveProgress } from "./progress.ts";
import { captionOf, NO_EVIDENCE, sentenceOf, titleOf } from "./wording.ts";

/** Iterations between two breaths. */
const BREATH = 10;

/** Lays out every input, going on from the last checkpoint; picture, points and figures out. */
export default async function tsne(ctx: StageContext<TsneParams>): Promise<void> {
  const { params } = ctx;
  const names = ctx.inputNames.filter((name) => name !== SPLIT_INPUT);
  const inputs = [...shownInputs(params, names)].map(([input, title]) => ({
    input,
    title,
    folder: ctx.input(input),
  }));
  const sources = await panelSources(inputs, ctx.input(SPLIT_INPUT), params.members);
  const { features } = sources[0]!;
  const [fold] = features.folds;
  const clips = chooseClips(fold!.train, features.labels, params);
  const problem = perplexityProblem(params.perplexity, clips.length);
  if (problem !== undefined) {
    throw new UnusableInput(
      `params.perplexity: ${problem} (fold ${fold!.name} trains on ${fold!.train.length} clips)`,
    );
  }
  const labels = Int32Array.from(clips, (clip) => features.labels[clip]!);
  const chance = chancePurity(labels);
  ctx.log(
    "info",
    `${clips.length} of ${fold!.train.length} training clips, ${sources.length} panels`,
  );

  const panels = await layOut(ctx, sources, clips, labels);
  for (const [at, { figures }] of panels.entries()) {
    ctx.log("info", `${titleOf(sources[at]!)}: ${sentenceOf(figures, chance)}`);
  }
  ctx.log("info", NO_EVIDENCE);

  const out = ctx.output("points");
  const pictures = [];
  for (const [at, { points, figures }] of panels.entries()) {
    const { input, member, features: { source, dim } } = sources[at]!;
    const file = `${at}-${input.replaceAll(/[^\w.-]+/g, "_")}.npy`;
    await Deno.writeFile(`${out}/${file}`, encodeNpy(byPoint(points), [clips.length, 2]));
    pictures.push({ input, member, source, dim, file, ...figures });
  }
  await Deno.writeFile(`${out}/clips.npy`, encodeNpy(Int32Array.from(clips), [clips.length]));
  await Deno.writeFile(`${out}/labels.npy`, encodeNpy(labels, [labels.length]));
  await Deno.writeFile(
    `${out}/names.npy`,
    encodeNpyStrings(clips.map((clip) => features.names[clip]!)),
  );
  const { title, panels: _panels, checkpoint_every: _every, ...settings } = params;
  await writeJson(`${out}/tsne.json`, {
    format: "tsne/1",
    title,
    note: NO_EVIDENCE,
    settings: { ...settings, learning_rate: learningRate(params, clips.length) },
    protocol: features.protocol,
    fold: fold!.name,
    clips: clips.length,
    candidates: fold!.train.length,
    classes: features.classes,
    class_names: features.classNames ?? [],
    chance_purity: chance,
    pictures,
  });
  const n = clips.length;
  await Deno.writeTextFile(
    `${ctx.output("figure")}/tsne.svg`,
    drawPicture({
      title: params.title,
      description: `${NO_EVIDENCE} ` +
        panels.map(({ figures }, at) => `${titleOf(sources[at]!)}: ${sentenceOf(figures, chance)}.`)
          .join(" "),
      panels: panels.map(({ points, figures }, at) => ({
        title: titleOf(sources[at]!),
        x: points.subarray(0, n),
        y: points.subarray(n, 2 * n),
        caption: captionOf(figures, chance),
      })),
      labels,
      classes: features.classes,
      classNames: features.classNames ?? [],
      notes: [
        `The same ${n} training clips (${features.protocol}, fold ${fold!.name}) in every panel; ` +
        `perplexity ${params.perplexity}, ${params.iterations} iterations, seed ${params.seed}. ` +
        "Numbers stand where a class is thickest.",
        NO_EVIDENCE,
      ],
    }),
  );
  stateMetrics(ctx, sources, panels, chance);
}

/** Lays the panels out one after the other. */
async function layOut(
  ctx: StageContext<TsneParams>,
  sources: readonly PanelSource[],
  clips: readonly number[],
  labels: Int32Array,
): Promise<readonly FinishedPanel[]> {
  const { params } = ctx;
  const folder = ctx.resume();
  const resumed = folder === undefined ? undefined : await readProgress(folder);
  const finished = [...resumed?.finished ?? []];
  if (resumed !== undefined) {
    ctx.log(
      "info",
      `goes on after ${finished.length} panels and ${resumed.current?.done ?? 0} iterations`,
    );
  }
  let open = resumed?.current;
  const total = sources.length * params.iterations;
  while (finished.length < sources.length) {
    const rows = await readPanel(sources[finished.length]!, clips, params.unit_length);
    const prepared = await prepare(rows, labels, params, () => ctx.breathe());
    const points = open ?? Embedding.begin(clips.length, params.seed);
    open = undefined;
    while (points.done < params.iterations) {
      iterate(points, prepared, params);
      if (points.done % BREATH === 0) {
        ctx.progress(finished.length * params.iterations + points.done, total, "iterations");
        await ctx.breathe();
      }
      const isDue = points.done % params.checkpoint_every === 0;
      if (points.done < params.iterations && (ctx.stopping || isDue)) {
        await ctx.checkpoint((into) => saveProgress(into, finished, points));
        if (ctx.stopping) ctx.stopped();
      }
    }
    const places = points.state.slice(0, 2 * clips.length);
    requireFinite(places, sources[finished.length]!);
    const figures = await figuresOf(prepared, places, labels, params.k);
    finished.push({ points: places, figures });
    if (finished.length < sources.length) {
      await ctx.checkpoint((into) => saveProgress(into, finished));
      if (ctx.stopping) ctx.stopped();
    }
  }
  return finished;
}

function requireFinite(places: Float64Array, { input }: PanelSource): void {
  if (places.every(Number.isFinite)) return;
  throw new UnusableInput(
    `params.learning_rate: the points of ${input} flew apart; take a smaller learning rate`,
  );
}

/** x and y of a point beside each other: (n, 2). */
function byPoint(places: Float64Array): Float64Array<ArrayBuffer> {
  const n = places.length / 2;
  return Float64Array.from(places, (_, at) => places[(at % 2) * n + Math.floor(at / 2)]!);
}

/** By input, means over its panels. */
function stateMetrics(
  ctx: StageContext<TsneParams>,
  sources: readonly PanelSource[],
  panels: readonly FinishedPanel[],
  chance: number,
): void {
  const state = (name: string, values: readonly (number | null | undefined)[]) => {
    const known = values.filter((value) => typeof value === "number");
    if (known.length > 0) ctx.metric(name, mean(known));
  };
  ctx.metric("chance_purity", chance);
  for (const input of new Set(sources.map(({ input }) => input))) {
    const figures = panels.filter((_, at) => sources[at]!.input === input)
      .map(({ figures }) => figures);
    for (const k of Object.keys(figures[0]!.features.purity)) {
      state(`${input}_purity${k}`, figures.map(({ features }) => features.purity[k]));
      state(`${input}_purity${k}_plane`, figures.map(({ plane }) => plane.purity[k]));
    }
    state(`${input}_silhouette`, figures.map(({ features }) => features.silhouette));
    state(`${input}_silhouette_plane`, figures.map(({ plane }) => plane.silhouette));
  }
}
