/**
 * Measures no-op runs of whole processes, in turns with their peers, and planning.
 *
 * @module
 */
import { amount } from "../screen/duration.ts";
import { settle } from "./fill_store.ts";
import { measureNoOp } from "./measure_no_op.ts";
import { measurePlanning, preparePlanning } from "./measure_planning.ts";
import { prepareNoOp } from "./no_op_graph.ts";
import type { BenchOptions, BenchResult } from "./suite.ts";

/**
 * Measures. Everything is written first, so that all of it has been left alone for a while when the
 * first program looks at it, as in a project that was last touched yesterday.
 *
 * @param catalogue URL of the module with the stages that the real command line knows.
 */
export async function measurePipeline(
  catalogue: string,
  { runs, numbers, terminal }: BenchOptions,
): Promise<BenchResult> {
  const targets = numbers.targets!;
  const say = (line: string) => terminal.err(`${line}\n`);
  const folder = await Deno.makeTempDir({ prefix: "skelrun-bench-" });
  try {
    const graphs = [];
    for (const count of [Math.round(targets / 10), targets]) {
      say(`writing ${amount(count)} targets, their outputs and results`);
      graphs.push(await prepareNoOp(`${folder}/no-op-${count}`, count));
    }
    const plans = [];
    for (const count of [Math.round(targets / 10), targets, 5 * targets]) {
      say(`writing the results of ${amount(count)} stages`);
      plans.push(await preparePlanning(`${folder}/plan-${count}`, count));
    }
    await settle();
    const measurements = [];
    const notes = new Set<string>();
    for (const graph of graphs) {
      const name = `no-op, ${amount(graph.targets)} targets`;
      const found = await measureNoOp(name, catalogue, graph, runs, say);
      measurements.push(...found.measurements);
      for (const note of found.notes) notes.add(note);
    }
    const planned = await measurePlanning(plans, runs, say);
    measurements.push(...planned.measurements);
    for (const note of planned.notes) notes.add(note);
    return { measurements, notes: [...notes] };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
