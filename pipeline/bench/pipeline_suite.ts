/**
 * The `pipeline` suite: how long it takes to find out that there is nothing to do, beside snakemake
 * and make, and how long planning takes.
 *
 * @module
 */
import type { BenchSuite } from "./suite.ts";

/**
 * The suite.
 *
 * @param catalogue URL of the module with the stages that the real command line knows, so that the
 * measured process loads them too.
 */
export function pipelineSuite(catalogue: string): BenchSuite {
  return {
    name: "pipeline",
    summary: "seconds of whole processes that find nothing to do, beside snakemake and make, and " +
      "of planning",
    numbers: {
      targets: { summary: "targets of the larger graph, at least 10", standard: 10_000, least: 10 },
    },
    load: async () => {
      const { measurePipeline } = await import("./measure_pipeline.ts");
      return (options) => measurePipeline(catalogue, options);
    },
  };
}
