/**
 * `logs`: the last log of a stage.
 *
 * @module
 */
import type { Verb } from "../verb.ts";
import { JSON_OPTION, STORE_OPTION } from "./options.ts";

/** Prints the last log of a stage. */
export const logs: Verb = {
  name: "logs",
  summary: "Print the last log of a stage",
  arguments: [
    { name: "STAGE", summary: "the stage's name in its experiment" },
    {
      name: "FILE",
      summary: "the experiment file (default: the experiment that ran last)",
      optional: true,
    },
  ],
  options: {
    ...STORE_OPTION,
    variant: { kind: "value", value: "NAME", summary: "The variant of the experiment" },
    path: { kind: "flag", summary: "Print the log file's path instead of the log" },
    ...JSON_OPTION,
  },
  example: "deno task logs pretrain experiments/demo.yaml",
  async run(call) {
    const { rememberedStage } = await import("./remembered_stage.ts");
    const { run, stage } = await rememberedStage(call, call.args.STAGE!, call.args.FILE);
    const { logFile } = stage;
    const told = `${stage.id} of ${run.experiment}, run begun ${run.started}: ${stage.status}`;
    if (logFile === undefined) {
      const why = stage.reason === undefined ? "" : ` (${stage.reason})`;
      call.terminal.err(`logs: there is no log of ${told}${why}\n`);
      return 1;
    }
    if (call.flag("path") && !call.flag("json")) {
      call.terminal.out(`${logFile}\n`);
      return 0;
    }
    let text: string;
    try {
      text = await Deno.readTextFile(logFile);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      call.terminal.err(`logs: the log of ${told} is gone: ${logFile}\n`);
      return 1;
    }
    if (call.flag("json")) {
      const body = {
        experiment: run.experiment,
        stage: stage.id,
        status: stage.status,
        started: run.started,
        logFile,
        lines: text.split("\n").slice(0, -1),
      };
      call.terminal.out(`${JSON.stringify(body, undefined, 2)}\n`);
      return 0;
    }
    const said = /^(\S+ end +.*\n)?$/.test(text) ? " (the stage said nothing)" : "";
    call.terminal.err(`${told}\n${logFile}${said}\n`);
    call.terminal.out(text);
    return 0;
  },
};
