/**
 * `skelrun`: turns a command line into a verb and calls it.
 *
 * @module
 */
import type { BundleContents } from "./pipeline/bundle/bundle.ts";
import { pipelineSuite } from "./pipeline/bench/pipeline_suite.ts";
import { runCommandLine } from "./pipeline/command_line.ts";
import { processTerminal } from "./pipeline/screen/terminal.ts";
import { benchVerb } from "./pipeline/verbs/bench.ts";
import { bundleVerb } from "./pipeline/verbs/bundle.ts";
import { pipelineVerbs } from "./pipeline/verbs/mod.ts";
import { stageSuites } from "./stages/bench/suites.ts";
import { catalogue } from "./stages/mod.ts";
import { resolveDevice } from "./stages/tensor/device_class.ts";
import { stageVerbs } from "./stages/verbs/mod.ts";

/** What goes into a bundle. */
export const bundled: BundleContents = {
  main: import.meta.url,
  stages: Object.values(catalogue),
  carried: { experiments: "experiments", peer: "peer", "tests/goldens": "goldens" },
};

if (import.meta.main) {
  const suites = [pipelineSuite(import.meta.resolve("./stages/mod.ts")), ...stageSuites];
  const status = await runCommandLine(Deno.args, {
    verbs: [...pipelineVerbs, ...stageVerbs, benchVerb(suites), bundleVerb(bundled)],
    catalogue,
    terminal: processTerminal(),
    resolveDevice,
    compareFiles: async (...files) =>
      (await import("./stages/tensor_difference/compare_files.ts")).compareFiles(...files),
    deno: Deno.version.deno,
  });
  Deno.exit(status);
}
