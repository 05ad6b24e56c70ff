/**
 * `skelrun`: turns a command line into a verb and calls it.
 *
 * @module
 */
import { runCommandLine } from "./pipeline/command_line.ts";
import { processTerminal } from "./pipeline/terminal.ts";
import { pipelineVerbs } from "./pipeline/verbs/mod.ts";
import { catalogue } from "./stages/mod.ts";
import { resolveDevice } from "./stages/tensor/device_class.ts";
import { stageVerbs } from "./stages/verbs/mod.ts";

if (import.meta.main) {
  const status = await runCommandLine(Deno.args, {
    verbs: [...pipelineVerbs, ...stageVerbs],
    catalogue,
    terminal: processTerminal(),
    resolveDevice,
    compareFiles: async (...files) =>
      (await import("./stages/tensor_difference/compare_files.ts")).compareFiles(...files),
    deno: Deno.version.deno,
  });
  Deno.exit(status);
}
