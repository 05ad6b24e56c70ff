/**
 * The few figures of a run that a user looks at first.
 *
 * @module
 */
import type { Graph } from "../graph.ts";
import type { StageSummary } from "../types.ts";

/** Figures that a line has room for. */
const MOST = 4;

/**
 * The figures that the experiment has expectations of; without those, figures of the stages nearest
 * to the graph's end.
 *
 * @returns By `STAGE.METRIC`, at most four.
 */
export function headline(
  graph: Graph,
  summaries: ReadonlyMap<string, StageSummary>,
): Record<string, number> {
  const found: [string, number][] = [];
  for (const { stage, metric } of graph.experiment.expect) {
    const value = summaries.get(stage)?.metrics[metric];
    if (value !== undefined) found.push([`${stage}.${metric}`, value]);
  }
  for (let i = graph.nodes.length - 1; i >= 0 && found.length === 0; i--) {
    const { id } = graph.nodes[i]!;
    const metrics = Object.entries(summaries.get(id)?.metrics ?? {});
    found.push(...metrics.map(([name, value]): [string, number] => [`${id}.${name}`, value]));
  }
  return Object.fromEntries(found.slice(0, MOST));
}
