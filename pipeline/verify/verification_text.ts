/**
 * A verification in words: what differs, stage by stage, and the table at its end.
 *
 * @module
 */
import { duration } from "../screen/duration.ts";
import { plainTable } from "../screen/plain_table.ts";
import type {
  StageDifference,
  Verification,
  VerifiedStage,
  VerifiedState,
} from "./verification.ts";

/** Hex digits of a digest that are shown. */
const SHORT = 12;

/** All that is to be said of a stage that differs, line by line. */
export function differenceLines({ differences, kept, note }: VerifiedStage): readonly string[] {
  return [
    "DIFFERS: the same inputs gave another result (published / recomputed)",
    ...differences.flatMap(differenceText),
    ...(note === undefined ? [] : [`  note: ${note}`]),
    ...(kept === undefined ? [] : [`  the published result stays; the recomputed one: ${kept}`]),
  ];
}

function differenceText(difference: StageDifference): string[] {
  if (difference.kind !== "output") {
    const what = difference.kind === "metric" ? "metric" : "facts of output";
    return [`  ${what} ${difference.name}: ${difference.text}`];
  }
  const { name, published, recomputed, files, differing } = difference;
  const digests = `${published.slice(0, SHORT)} / ${recomputed.slice(0, SHORT)}`;
  const more = (differing ?? 0) - files.length;
  return [
    `  output ${name}: ${digests}${
      differing === undefined ? "; the list of its published files is gone" : ""
    }`,
    ...files.map(({ name, text }) => `    ${name}: ${text}`),
    ...(more > 0 ? [`    and ${more} more ${more === 1 ? "file" : "files"}`] : []),
  ];
}

/** What differs first, in a few words: `output clips, clips-00000.npy`. */
function firstDifference(differences: readonly StageDifference[]): string {
  const first = differences[0]!;
  const file = first.kind === "output" ? first.files[0] : undefined;
  const what = first.kind === "facts" ? "facts of" : first.kind;
  const more = differences.length === 1 ? "" : ` and ${differences.length - 1} more`;
  return `${what} ${first.name}${file === undefined ? "" : `, ${file.name}`}${more}`;
}

const STATES: Readonly<Record<VerifiedState, string>> = {
  same: "same",
  differs: "DIFFERS",
  "not computed yet": "not computed yet",
  "bytes gone": "bytes gone",
  "could not run": "could not run",
  stopped: "stopped",
};

/** Letters of a note that the table shows; the whole was shown when it happened. */
const MOST_NOTE = 90;

function brief(note: string): string {
  const line = note.split("\n")[0]!;
  return line.length > MOST_NOTE ? `${line.slice(0, MOST_NOTE - 3)}...` : line;
}

/** The table at the end of a verification, with a final newline. */
export function verificationTable({ stages }: Verification): string {
  const rows = stages.map(({ id, state, seconds, recomputed, differences, note }) => [
    id,
    STATES[state],
    recomputed > 1 ? `${recomputed} times` : "",
    seconds > 0 ? duration(seconds) : "",
    state === "differs" ? firstDifference(differences) : brief(note ?? ""),
  ]);
  const again = rows.some((row) => row[2] !== "");
  const head = ["stage", "state", "recomputed", "time", "note"];
  const table = [head, ...rows].map((row) => row.filter((_, i) => i !== 2 || again));
  return `${plainTable(table)}\n`;
}

/** A verification in one line: `4 stages: 3 same, 1 DIFFERS`. */
export function verificationCounts({ stages }: Verification): string {
  const counts = Object.entries(STATES).flatMap(([state, word]) => {
    const count = stages.filter((stage) => stage.state === state).length;
    return count === 0 ? [] : [`${count} ${word}`];
  });
  return `${stages.length} ${stages.length === 1 ? "stage" : "stages"}: ${counts.join(", ")}`;
}
