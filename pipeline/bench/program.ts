/**
 * The command line as `main.ts` has it, with the `copy` stage beside the stages of a catalogue:
 * `program.ts CATALOGUE VERB ...`, where CATALOGUE is the URL of a module that exports `catalogue`.
 *
 * @module
 */
import { runCommandLine } from "../command_line.ts";
import type { Catalogue } from "../stage.ts";
import { processTerminal } from "../screen/terminal.ts";
import { pipelineVerbs } from "../verbs/mod.ts";
import { copy } from "./copy_stage.ts";

if (import.meta.main) {
  const [module, ...args] = Deno.args;
  const { catalogue } = await import(module!) as { catalogue: Catalogue };
  const status = await runCommandLine(args, {
    verbs: pipelineVerbs,
    catalogue: { ...catalogue, copy },
    terminal: processTerminal(),
    resolveDevice: () => Promise.reject(new Error("the copy stage computes on no device")),
    deno: Deno.version.deno,
  });
  Deno.exit(status);
}
