/**
 * What matters in the descriptions of results and of t-SNE pictures, in words.
 *
 * @module
 */
import type { ProbeSummary, ResultFile, Spread } from "../results/result_file.ts";
import type { Findings } from "./inspection.ts";

/** States what a result says: whose it is, and each classifier's accuracy. */
export function tellResult(findings: Findings, result: ResultFile): void {
  const { title, source, protocol, classes, train, test, chance, summary } = result;
  findings.fact("title", title).fact("source", source).fact("protocol", protocol);
  findings.fact("classes", classes);
  findings.fact("clips", { train, test }, `${train} train, ${test} test`);
  findings.fact("chance", chance.uniform, `${percent(chance.uniform)} top-1`);
  for (const [probe, figures] of Object.entries(summary)) {
    findings.fact(probe, figures, probeText(figures));
  }
  const { varied } = result;
  if (varied !== undefined && varied.length > 0) {
    findings.fact("varied", varied, varied.join(", "));
  }
}

function probeText(figures: ProbeSummary): string {
  const parts = [
    ["top-1", figures.top1_last],
    ["best on test", figures.top1_best],
    ["top-5", figures.top5_last],
  ].flatMap(([name, spread]) =>
    spread === undefined ? [] : [`${name as string} ${spreadText(spread as Spread)}`]
  );
  const { members } = figures;
  return parts.join(", ") + (members > 1 ? ` (mean of ${members})` : "");
}

function spreadText({ mean, spread }: Spread): string {
  return `${percent(mean)}${spread === undefined ? "" : ` ± ${spread.toFixed(1)}`}`;
}

/** As much of `tsne.json` as is told. */
interface TsneFile {
  readonly title: string;
  readonly note: string;
  readonly protocol: string;
  readonly clips: number;
  readonly chance_purity: number;
  readonly pictures: readonly {
    readonly input: string;
    readonly member: string;
    readonly features: Space;
    readonly plane: Space;
  }[];
}

interface Space {
  readonly purity: Readonly<Record<string, number>>;
  readonly silhouette: number | null;
}

/** States what a t-SNE says: each panel's figures, and what pictures are worth. */
export function tellTsne(findings: Findings, tsne: TsneFile): void {
  findings.fact("title", tsne.title).fact("protocol", tsne.protocol).fact("clips", tsne.clips);
  findings.fact("purity by chance", tsne.chance_purity, percent(tsne.chance_purity));
  for (const { input, member, features, plane } of tsne.pictures) {
    findings.fact(
      `${input} (${member})`,
      { features, plane },
      `in the features ${spaceText(features)}\nin the plane ${spaceText(plane)}`,
    );
  }
  findings.notes.push(tsne.note);
}

function spaceText({ purity, silhouette }: Space): string {
  const shares = Object.entries(purity).map(([k, share]) => `${percent(share)} of ${k} nearest`);
  return [
    ...shares,
    ...(silhouette === null ? [] : [`silhouette ${silhouette.toFixed(3)}`]),
  ].join(", ");
}

function percent(value: number): string {
  return `${value.toFixed(1)} %`;
}
