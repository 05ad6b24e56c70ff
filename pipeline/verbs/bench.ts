/**
 * `bench [SUITE]`: how fast this machine is at what takes long.
 *
 * @module
 */
import { againWithFlags } from "../bench/engine.ts";
import type { BenchSuite } from "../bench/suite.ts";
import { didYouMean } from "../suggest.ts";
import { UsageError } from "../usage_error.ts";
import type { Call, Verb, VerbOption } from "../verb.ts";
import { DEVICE_OPTIONS, deviceRequest, JSON_OPTION, positiveInteger } from "./options.ts";

/** Counted runs where `--runs` is not given. */
const RUNS = 5;

/**
 * The verb that measures.
 *
 * @param suites What it can measure.
 */
export function benchVerb(suites: readonly BenchSuite[]): Verb {
  const list = suites.map(({ name, summary }) => `${name} (${summary})`).join("; ");
  return {
    name: "bench",
    summary: "Measure how fast this machine is, beside other programs where they are installed",
    arguments: [{
      name: "SUITE",
      summary: `what to measure: ${list}. Without it, the suites are listed`,
      optional: true,
    }],
    options: {
      backend: DEVICE_OPTIONS.backend!,
      "allow-software": DEVICE_OPTIONS["allow-software"]!,
      ...numberOptions(suites),
      ...flagOptions(suites),
      ...fileOptions(suites),
      runs: {
        kind: "value",
        value: "N",
        summary: `Counted runs of each measurement (default: ${RUNS})`,
      },
      ...JSON_OPTION,
    },
    example: "deno task bench pipeline --targets 1000",
    async run(call) {
      const { terminal } = call;
      const wanted = call.args.SUITE;
      const json = (value: unknown) => terminal.out(`${JSON.stringify(value, undefined, 2)}\n`);
      if (wanted === undefined) {
        if (call.flag("json")) json(suites.map(({ name, summary }) => ({ name, summary })));
        else terminal.out(suites.map(({ name, summary }) => `${name}: ${summary}\n`).join(""));
        return 0;
      }
      const names = suites.map(({ name }) => name);
      const suite = suites.find(({ name }) => name === wanted);
      if (suite === undefined) {
        const near = didYouMean(wanted, names);
        const found = `expected a suite (${names.join(", ")}), found ${JSON.stringify(wanted)}`;
        throw new UsageError(found + near);
      }
      const { backend, allowSoftware } = deviceRequest(call);
      const numbers = numbersOf(call, suite);
      const runs = positiveInteger(call, "runs") ?? RUNS;
      const flags = Object.fromEntries(
        Object.keys(suite.flags ?? {}).map((name) => [name, call.flag(name)]),
      );
      if (suite.computes && (backend === "auto" || backend === "simd")) {
        const status = await againWithFlags();
        if (status !== undefined) return status;
      }
      const files = Object.fromEntries(
        Object.keys(suite.files ?? {}).map((name) => [name, call.value(name)]),
      );
      const measure = await suite.load();
      const choices = { backend, allowSoftware, runs, numbers, flags, files, terminal };
      const result = await measure(choices);
      const { benchText, spreads } = await import("../bench/statistics.ts");
      if (call.flag("json")) {
        json({ suite: suite.name, rows: spreads(result.measurements), notes: result.notes });
      } else terminal.out(result.report ?? benchText(result));
      return 0;
    },
  };
}

/** One option for all suites that have a number of that name, with what each says of it. */
function numberOptions(suites: readonly BenchSuite[]): Record<string, VerbOption> {
  const said = new Map<string, Map<string, string[]>>();
  for (const suite of suites) {
    for (const [name, { summary, standard }] of Object.entries(suite.numbers)) {
      const texts = said.get(name) ?? new Map<string, string[]>();
      const text = `${summary} (default: ${standard})`;
      said.set(name, texts.set(text, [...texts.get(text) ?? [], suite.name]));
    }
  }
  return Object.fromEntries(
    Array.from(said, ([name, texts]) => {
      const summary = Array.from(texts, ([text, names]) => `${names.join(", ")}: ${text}`);
      return [name, { kind: "value", value: "N", summary: summary.join("; ") }];
    }),
  );
}

function fileOptions(suites: readonly BenchSuite[]): Record<string, VerbOption> {
  return Object.fromEntries(
    suites.flatMap(({ name: suite, files = {} }) =>
      Object.entries(files).map((
        [name, { summary }],
      ) => [name, { kind: "value", value: "FILE", summary: `${suite}: ${summary}` }])
    ),
  );
}

function flagOptions(suites: readonly BenchSuite[]): Record<string, VerbOption> {
  return Object.fromEntries(
    suites.flatMap(({ name: suite, flags = {} }) =>
      Object.entries(flags).map((
        [name, { summary }],
      ) => [name, { kind: "flag", summary: `${suite}: ${summary}` }])
    ),
  );
}

function numbersOf(call: Call, { numbers }: BenchSuite): Record<string, number> {
  return Object.fromEntries(
    Object.entries(numbers).map(([name, { standard, least }]) => {
      const number = positiveInteger(call, name) ?? standard;
      if (number >= least) return [name, number];
      throw new UsageError(
        `--${name}: expected a whole number of at least ${least}, found ${number}`,
      );
    }),
  );
}
