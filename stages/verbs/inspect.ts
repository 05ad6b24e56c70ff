/**
 * `inspect PATH`: what a file or folder is, what it holds, and what is wrong with it.
 *
 * @module
 */
import type { Call, Terminal, Verb } from "../../pipeline/verb.ts";

/** Nothing is said of progress before so many milliseconds. */
const QUIET = 1000;

/** Milliseconds between two lines where there is no terminal, and between two counts where there is. */
const EVERY = { plain: 5000, live: 100 };

/** Looks into a file or folder. */
export const inspect: Verb = {
  name: "inspect",
  summary: "Say what a file, archive, folder or artifact holds, and what is wrong with it",
  arguments: [{
    name: "PATH",
    summary:
      "recordings, arrays, prepared files, archives or folders of them, an artifact's folder, " +
      "or STAGE.OUTPUT of the last run",
  }],
  options: {
    picture: {
      kind: "value",
      value: "FILE.svg",
      summary: "Draw frames of some clips as stick figures into a file",
    },
    experiment: {
      kind: "value",
      value: "FILE",
      summary: "The experiment that STAGE.OUTPUT is of (default: the one that ran last)",
    },
    variant: { kind: "value", value: "NAME", summary: "The variant of the experiment" },
    store: { kind: "value", value: "DIR", summary: "The folder that keeps results" },
    all: { kind: "flag", summary: "Look at everything, where else a sample would do" },
    json: { kind: "flag", summary: "Print one JSON document on standard output" },
  },
  example: "deno task inspect recordings --picture frames.svg",
  async run(call) {
    const { terminal } = call;
    const path = call.args.PATH!;
    const picture = call.value("picture");
    if (picture !== undefined && !/\.svg$/i.test(picture)) {
      terminal.err(`inspect: --picture: expected a name that ends in .svg, found ${picture}\n`);
      return 2;
    }
    const { inspectPath } = await import("../inspect/inspect_path.ts");
    const { UnusableInput } = await import("../formats/unusable_input.ts");
    let inspection;
    const progress = progressOn(terminal);
    try {
      const look = (at: string) =>
        inspectPath(at, { all: call.flag("all"), progress: progress.say });
      inspection = await inOutput(call, path, look) ?? await look(path);
    } catch (error) {
      if (!(error instanceof UnusableInput)) throw error;
      terminal.err(`inspect: ${error.message}\n`);
      return 2;
    } finally {
      progress.end();
    }
    const { what, facts, notes, problems, figures } = inspection;
    if (call.flag("json")) {
      const document = {
        path,
        what,
        facts: Object.fromEntries(facts.map(({ name, value }) => [name, value])),
        notes,
        problems,
      };
      terminal.out(`${JSON.stringify(document, finite, 2)}\n`);
    } else {
      const { inspectionText } = await import("../inspect/inspection_text.ts");
      terminal.out(inspectionText(path, inspection, terminal.columns));
    }
    if (picture !== undefined) {
      if (figures.length === 0) {
        terminal.err(
          "inspect: there is no clip of 25 or 20 joints to draw, so no picture was written\n",
        );
        return 1;
      }
      const { skeletonStrip } = await import("../inspect/skeleton_strip.ts");
      const note = `${what}; the number below a figure is its frame, from 1`;
      try {
        await Deno.writeTextFile(picture, skeletonStrip(path, note, figures.slice(0, 6)));
      } catch (error) {
        if (
          !(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied)
        ) {
          throw error;
        }
        terminal.err(`inspect: --picture: ${picture} cannot be written: ${error.message}\n`);
        return 2;
      }
      terminal.err(`wrote ${picture}\n`);
    }
    return problems.length > 0 ? 1 : 0;
  },
};

/** Looks into an output of the last run, where the argument is no path but the name of one. */
async function inOutput<T>(
  call: Call,
  reference: string,
  look: (folder: string) => Promise<T>,
): Promise<T | undefined> {
  if (call.withOutput === undefined || !/^[A-Za-z][\w-]*(\.[A-Za-z][\w-]*)*$/.test(reference)) {
    return;
  }
  const isThere = await Deno.lstat(reference).then(() => true, () => false);
  if (isThere) return;
  try {
    return await call.withOutput(reference, look);
  } catch (error) {
    if ((error as Error).name !== "UsageError") throw error;
    const { UnusableInput } = await import("../formats/unusable_input.ts");
    throw new UnusableInput(
      `${reference}: there is no such file or folder, and no such output: ${
        (error as Error).message
      }`,
    );
  }
}

/** JSON has no NaN, no infinity and no large whole numbers. */
function finite(_: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

/** Counts on a terminal, a line now and then elsewhere; silence for what is done at once. */
function progressOn(terminal: Terminal) {
  const start = performance.now();
  let said = 0;
  let shown = false;
  return {
    say(done: number, total: number, unit: string) {
      const now = performance.now();
      if (now - start < QUIET || now - said < (terminal.live ? EVERY.live : EVERY.plain)) return;
      said = now;
      shown = true;
      const line = `${done} of ${total} ${unit}`;
      terminal.err(terminal.live ? `\r\x1b[K${line}` : `${line}\n`);
    },
    end() {
      if (shown && terminal.live) terminal.err("\r\x1b[K");
    },
  };
}
