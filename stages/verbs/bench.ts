/**
 * `bench [SUITE]`: how fast this machine is at what takes long.
 *
 * @module
 */
import type { Call, Verb } from "../../pipeline/verb.ts";
import { SUITES } from "../bench/suites.ts";
import { BACKEND_OPTIONS, backendChoice } from "./backend_choice.ts";

/** Measures speed. */
export const bench: Verb = {
  name: "bench",
  summary: "Measure how fast this machine trains, beside PyTorch where it is installed",
  arguments: [{
    name: "SUITE",
    summary: `what to measure: ${
      SUITES.map(({ name, summary }) => `${name} (${summary})`).join("; ")
    }` +
      ". Without it, the suites are listed",
    optional: true,
  }],
  options: {
    ...BACKEND_OPTIONS,
    width: { kind: "value", value: "N", summary: "Width of the model (default: 8)" },
    batch: { kind: "value", value: "N", summary: "Clips in a batch, at least 3 (default: 8)" },
    runs: { kind: "value", value: "N", summary: "Counted runs of each measurement (default: 5)" },
    json: { kind: "flag", summary: "Print one JSON document on standard output" },
  },
  example: "deno task bench train --width 16 --batch 32",
  async run(call) {
    const { terminal } = call;
    const wanted = call.args.SUITE;
    if (wanted === undefined) {
      const list = SUITES.map(({ name, summary }) => ({ name, summary }));
      terminal.out(
        call.flag("json")
          ? `${JSON.stringify(list, undefined, 2)}\n`
          : list.map(({ name, summary }) => `${name}: ${summary}\n`).join(""),
      );
      return 0;
    }
    const listed = SUITES.find(({ name }) => name === wanted);
    if (listed === undefined) {
      const names = SUITES.map(({ name }) => name).join(", ");
      terminal.err(`bench: expected a suite (${names}), found ${JSON.stringify(wanted)}\n`);
      return 2;
    }
    const numbers = { width: count(call, "width", 8, 1), batch: count(call, "batch", 8, 3) };
    const runs = count(call, "runs", 5, 1);
    const wrong = Object.values({ ...numbers, runs }).find((value) => typeof value === "string");
    const choice = wrong === undefined ? backendChoice(call) : { problem: wrong };
    if ("problem" in choice) {
      terminal.err(`bench: ${choice.problem}\n`);
      return 2;
    }
    const suite = await listed.load();
    const result = await suite.run({
      backend: choice.backend,
      allowSoftware: call.flag("allow-software"),
      width: numbers.width as number,
      batch: numbers.batch as number,
      runs: runs as number,
      terminal,
    });
    const { benchText, spreads } = await import("../bench/statistics.ts");
    terminal.out(
      call.flag("json")
        ? `${
          JSON.stringify(
            { suite: suite.name, rows: spreads(result.measurements), notes: result.notes },
            undefined,
            2,
          )
        }\n`
        : benchText(result),
    );
    return 0;
  },
};

/** A whole number from an option, or what is wrong with it. */
function count(call: Call, option: string, standard: number, least: number): number | string {
  const text = call.value(option);
  if (text === undefined) return standard;
  if (/^\d+$/.test(text) && Number(text) >= least) return Number(text);
  return `--${option}: expected a whole number of at least ${least}, found ${JSON.stringify(text)}`;
}
