/**
 * What is said beside a picture.
 *
 * @module
 */
import type { PanelFigures } from "./laid_out.ts";
import type { Neighbourhood } from "./neighbourhood.ts";
import type { PanelSource } from "./panel_features.ts";

/** What a picture is worth. */
export const NO_EVIDENCE =
  "A t-SNE picture is no evidence: it draws groups where there are none, " +
  "and neither distances nor sizes in it mean anything. What there is to know stands in the " +
  "figures of the features' own space.";

/** Heading of a panel. */
export function titleOf({ title, member, isOneOfSeveral }: PanelSource): string {
  return isOneOfSeveral ? `${title} (${member})` : title;
}

/** The figures as lines below a panel. */
export function captionOf(figures: PanelFigures, chance: number): readonly string[] {
  return [
    `In the features: ${spaceText(figures.features)}`,
    `In the plane: ${spaceText(figures.plane)}`,
    `By chance ${percent(chance)} are of the own class; KL ${figures.kl.toFixed(2)}`,
  ];
}

/** The figures as one line of a log. */
export function sentenceOf(figures: PanelFigures, chance: number): string {
  return `in the features ${spaceText(figures.features)}; in the plane ${
    spaceText(figures.plane)
  }; ` +
    `by chance ${percent(chance)}; KL ${figures.kl.toFixed(2)}`;
}

function spaceText({ purity, silhouette }: Neighbourhood): string {
  const shares = Object.entries(purity).map(([k, share], i) =>
    i === 0
      ? `${percent(share)} of the ${k} nearest are of the own class`
      : `${percent(share)} of ${k}`
  );
  const parts = shares.length === 0 ? [] : [shares.join(", ")];
  if (silhouette !== null) parts.push(`silhouette ${silhouette.toFixed(2).replace("-", "−")}`);
  return parts.join(", ");
}

function percent(share: number): string {
  return `${share.toFixed(1)} %`;
}
