/**
 * The runner's command line over the toy stages, in this process.
 *
 * @module
 */
import { runCommandLine } from "../../pipeline/command_line.ts";
import { PINNED_DENO } from "../../pipeline/pinned_deno.ts";
import { pipelineVerbs } from "../../pipeline/verbs/mod.ts";
import { CapturedTerminal } from "../unit/cli/captured_terminal.ts";
import { toyStages, withFolder } from "./toy_stages.ts";

/** What a command line came to. */
export interface Said {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** A folder with experiment files and a store of their own. */
export interface ToyBench {
  readonly folder: string;
  /** Its store's folder. */
  readonly store: string;
  /** Writes a file into the folder, and gives its path. */
  write(name: string, text: string): string;
  /** Runs a command line with the folder's store. */
  say(...args: string[]): Promise<Said>;
  /** Runs one that must end well, and gives its JSON document. */
  // deno-lint-ignore no-explicit-any
  json(...args: string[]): Promise<any>;
}

/** Calls back with a bench that goes afterwards. */
export function withBench(use: (bench: ToyBench) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    const store = `${folder}/store`;
    const say = async (...args: string[]): Promise<Said> => {
      const terminal = new CapturedTerminal();
      const status = await runCommandLine([...args, "--store", store], {
        verbs: pipelineVerbs,
        catalogue: toyStages(),
        terminal,
        resolveDevice: () =>
          Promise.resolve({ backend: "cpu", class: "cpu", software: false, why: "a test" }),
        deno: PINNED_DENO,
      });
      return { status, out: terminal.stdout, err: terminal.stderr };
    };
    await use({
      folder,
      store,
      write(name, text) {
        Deno.writeTextFileSync(`${folder}/${name}`, text);
        return `${folder}/${name}`;
      },
      say,
      async json(...args) {
        const { status, out, err } = await say(...args, "--json");
        if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}: ${err}`);
        return JSON.parse(out);
      },
    });
  });
}

/** A text with times, durations, digests and folders made the same everywhere. */
export function plainly(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\d( \d\d:\d\d)?/g, "WHEN")
    .replaceAll(/\d+(\.\d+)? s\b/g, "TIME")
    .replaceAll(/\b[0-9a-f]{12}\b/g, "DIGEST")
    .replaceAll(/(?<=# ?\d+ +)[0-9a-f]{8}\b/g, "RUN")
    .replaceAll(/\/[^ ]*skelrun-test-[^/ ]*/g, "FOLDER");
}
