/**
 * Measures no-op runs of whole processes: each program in turn, round by round, so that whatever else
 * the machine does meets all of them.
 *
 * @module
 */
import type { NoOpGraph } from "./no_op_graph.ts";
import { peersOf, skelrun, timed } from "./runners.ts";
import type { BenchResult } from "./suite.ts";

/**
 * Measures one graph; one round before the others is not counted.
 *
 * @param name What the measurement is called.
 * @param catalogue URL of the module with the stages that the real command line knows.
 * @param say Told how it goes.
 */
export async function measureNoOp(
  name: string,
  catalogue: string,
  graph: NoOpGraph,
  runs: number,
  say: (line: string) => void,
): Promise<BenchResult> {
  const { peers, missing } = await peersOf(graph);
  const runners = [await skelrun(catalogue, graph), ...peers];
  const values = runners.map((): number[] => []);
  for (let round = 0; round <= runs; round++) {
    const seconds: number[] = [];
    for (const runner of runners) seconds.push(await timed(runner));
    if (round > 0) seconds.forEach((value, i) => values[i]!.push(value));
    const shown = runners.map(({ by }, i) => `${by} ${seconds[i]!.toFixed(2)} s`).join(", ");
    say(`${name}: ${shown}${round > 0 ? "" : " (not counted)"}`);
  }
  return {
    measurements: runners.map(({ by }, i) => ({ name, unit: "s", by, values: values[i]! })),
    notes: missing,
  };
}
