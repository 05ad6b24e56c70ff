/**
 * The runner's command line over the toy stages, as a process.
 *
 * @module
 */
import { runCommandLine } from "../../pipeline/command_line.ts";
import { PINNED_DENO } from "../../pipeline/pinned_deno.ts";
import { processTerminal } from "../../pipeline/screen/terminal.ts";
import { pipelineVerbs } from "../../pipeline/verbs/mod.ts";
import { toyStages } from "./toy_stages.ts";

if (import.meta.main) {
  Deno.exit(
    await runCommandLine(Deno.args, {
      verbs: pipelineVerbs,
      catalogue: toyStages(),
      terminal: processTerminal(),
      resolveDevice: () =>
        Promise.resolve({ backend: "cpu", class: "cpu", software: false, why: "a test" }),
      deno: PINNED_DENO,
    }),
  );
}
