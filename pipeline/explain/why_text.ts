/**
 * The explanation of one stage as text.
 *
 * @module
 */
import { followText } from "./causes.ts";
import { importText, type PackageChange, packageText } from "./code_diff.ts";
import { bytes, duration } from "../screen/duration.ts";
import type { Estimate } from "./estimate.ts";
import type { Explanation } from "./explanation.ts";
import type { Difference } from "./manifest_diff.ts";
import { moment } from "../screen/moment.ts";
import { plainTable } from "../screen/plain_table.ts";
import type { ActionRecord } from "../store/record.ts";
import { valueText } from "./value_text.ts";

/** Hex digits of keys and digests that are shown. */
const SHORT = 12;

/** What is known of a stage beside its explanation. */
export interface WhyFacts {
  /** The experiment's name. */
  readonly experiment: string;
  /** Its result, if it is cached. */
  readonly record: ActionRecord | undefined;
  /** How long it takes, if an earlier result tells. */
  readonly estimate: Estimate | undefined;
  /** How the stage fared when it was last run, if it came to no result then. */
  readonly last: string | undefined;
}

/** The whole text, with a line break at its end. */
export function whyText(explanation: Explanation, facts: WhyFacts): string {
  const parts = [
    headLine(explanation, facts.experiment),
    ...explanation.state === "cached"
      ? [madeText(explanation, facts.record!)]
      : [chainText(explanation), ...missText(explanation, facts)],
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

/** The first line: `normalize of demo runs: frames 50 -> 64; 6 stages follow`. */
export function headLine(explanation: Explanation, experiment: string): string {
  const { id, state, rootCause, follows, roots } = explanation;
  if (state === "cached") return `${id} of ${experiment} is cached`;
  const own = state === "runs" && roots.length === 1 && roots[0] === id;
  const cause = own ? rootCause.slice(id.length + 2) : rootCause;
  return `${id} of ${experiment} ${state}: ${cause}${followText(follows)}`;
}

/** What made a cached stage. */
function madeText({ otherDevice }: Explanation, record: ActionRecord): string {
  const { key, manifest, provenance, accepted, outputs } = record;
  const rows: [string, string][] = [
    [
      accepted ? "computed" : "made by",
      `${provenance.stage} of ${provenance.experiment}, ${moment(provenance.started)}, ` +
      `in ${duration(provenance.seconds)}`,
    ],
    [
      "on",
      [provenance.host, `Deno ${manifest.deno}`, manifest.device ?? "no device"].join(", "),
    ],
  ];
  if (provenance.git) {
    rows.push([
      "commit",
      `${provenance.git.commit.slice(0, SHORT)}${
        provenance.git.dirty ? " with changes that are not committed" : ""
      }`,
    ]);
  }
  if (otherDevice !== undefined) rows.push(["taken", `from another device: ${otherDevice}`]);
  if (accepted) {
    rows.push(
      ["accepted", `by ${accepted.who}, ${moment(accepted.when)}: ${accepted.why}`],
      ["in place of", `${accepted.from.slice(0, SHORT)}; ${accepted.differences.join("; ")}`],
    );
  }
  rows.push(["key", key.slice(0, SHORT)]);
  for (const [name, { digest, bytes: size }] of Object.entries(outputs)) {
    rows.push([name, `${digest.slice(0, SHORT)}, ${bytes(size)}`]);
  }
  return plainTable(rows);
}

function chainText({ state, chain }: Explanation): string {
  return state === "waits" && chain.length > 1 ? `by way of ${chain.join(" > ")}` : "";
}

function missText(
  { state, compared, differences, key }: Explanation,
  { experiment, estimate, last }: WhyFacts,
): string[] {
  const parts: string[] = [];
  if (compared) {
    const whose = compared.experiment === experiment
      ? compared.stage
      : `${compared.stage} of ${compared.experiment}`;
    parts.push(
      `compared with ${whose}, computed ${moment(compared.started)} (${
        compared.key.slice(0, SHORT)
      })`,
      ...differences.length > 0 ? [sections(differences)] : [],
      ...state === "waits" && differences.length === 0
        ? ["nothing differs but inputs, which are not known yet: it may turn out to be cached"]
        : [],
    );
  }
  const rows: [string, string][] = [];
  if (key !== undefined) rows.push(["key", key.slice(0, SHORT)]);
  if (estimate) {
    const { stage, experiment, started } = estimate.from;
    const then = `${stage} of ${experiment}, ${moment(started)}`;
    rows.push(["takes", `about ${duration(estimate.seconds)}, as ${then}`]);
  }
  if (last !== undefined) rows.push(["last run", last]);
  if (rows.length > 0) parts.push(plainTable(rows));
  return parts;
}

/** The differences, those of one kind together under its name. */
function sections(differences: readonly Difference[]): string {
  const found = new Map<string, [string, string][]>();
  for (const difference of differences) {
    const { section, rows } = told(difference);
    found.set(section, [...found.get(section) ?? [], ...rows]);
  }
  const width = Math.max(0, ...[...found.values()].flat().map(([name]) => name.length));
  return [...found].map(([section, rows]) => {
    const lines = rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`);
    return [section, ...lines].join("\n");
  }).join("\n");
}

function told(difference: Difference): { section: string; rows: [string, string][] } {
  switch (difference.kind) {
    case "param":
      return { section: "parameters", rows: [[difference.path, changeText(difference)]] };
    case "input": {
      const { input, old, new: now, source, oldSource } = difference;
      const digests = `${digestText(old)} -> ${digestText(now)}`;
      const from = oldSource === undefined ? source : `${oldSource} -> ${source}`;
      return { section: "inputs", rows: [[input, `${digests}  from ${from}`]] };
    }
    case "code": {
      const { changed, added, removed, imports } = difference;
      const rows: [string, string][] = [
        ...changed.map((file): [string, string] => ["changed", file]),
        ...added.map((file): [string, string] => ["new", file]),
        ...removed.map((file): [string, string] => ["deleted", file]),
        ...imports.map((change): [string, string] => ["import", importText(change)]),
      ];
      return { section: "code", rows: rows.length > 0 ? rows : [["", difference.text]] };
    }
    case "packages":
      return {
        section: "packages",
        rows: difference.packages.map((change: PackageChange) => [
          change.name,
          packageText(change).slice(change.name.length + 1),
        ]),
      };
    case "settings":
      return {
        section: "compiler settings",
        rows: difference.settings.map((change) => [change.name, changeText(change)]),
      };
    case "outputs":
      return { section: "outputs", rows: [["", difference.text]] };
    case "stage":
      return { section: "type", rows: [["uses", changeText(difference)]] };
    case "deno":
    case "device":
    case "salt": {
      const name = { deno: "Deno", device: "device", salt: "runner" }[difference.kind];
      return { section: "machine", rows: [[name, changeText(difference)]] };
    }
  }
}

function changeText({ old, new: now }: { readonly old?: unknown; readonly new?: unknown }): string {
  return `${valueText(old)} -> ${valueText(now)}`;
}

/** The beginning of a content digest's hex. */
function digestText(digest: string | undefined): string {
  return digest === undefined ? "(none)" : digest.replace(/^\w+:/, "").slice(0, SHORT);
}
