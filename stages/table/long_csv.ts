/**
 * The long layout as CSV (RFC 4180), full precision, one line for each row and kind of classifier.
 *
 * @module
 */
import type { Comparison } from "./comparison.ts";
import { csvText, numberText } from "./csv.ts";
import type { Line } from "./lines.ts";

const COLUMNS: readonly (readonly [string, (line: Line) => string | number | undefined])[] = [
  ["features", ({ title }) => title],
  ["protocol", ({ probe }) => probe],
  ["split", ({ split }) => split],
  ["control", ({ control }) => String(control)],
  ["members", ({ members }) => members],
  ["seeds", ({ seeds }) => seeds],
  ["last", ({ last }) => last.value],
  ["last_standard_error", ({ last }) => last.standard_error],
  ["last_spread", ({ last }) => last.spread],
  ["best_on_test", ({ best }) => best?.value],
  ["best_on_test_standard_error", ({ best }) => best?.standard_error],
  ["top5", ({ top5 }) => top5.value],
  ["subjects", ({ bootstrap }) => bootstrap.subjects],
  ["by_subject_low", ({ bootstrap }) => bootstrap.by_subject?.interval[0]],
  ["by_subject_high", ({ bootstrap }) => bootstrap.by_subject?.interval[1]],
  ["by_clip_low", ({ bootstrap }) => bootstrap.by_clip?.interval[0]],
  ["by_clip_high", ({ bootstrap }) => bootstrap.by_clip?.interval[1]],
  ["one_person", ({ one_person }) => one_person?.last],
  ["mutual", ({ mutual }) => mutual?.last],
  ["train_clips", ({ train }) => train],
  ["test_clips", ({ test }) => test],
  ["published", ({ reference }) => reference?.value],
  ["published_source", ({ reference }) => reference?.source],
  ["published_difference", ({ reference }) => reference?.difference],
  ["level", ({ claim }) => claim?.level],
  ["level_reason", ({ claim }) => claim?.reason],
  ["indicative", ({ indicative }) => String(indicative)],
];

/** Header and lines, chance last, ending in a newline. */
export function longCsv({ lines, chances }: Comparison): string {
  const header = COLUMNS.map(([name]) => name);
  const body = lines.map((line) =>
    COLUMNS.map(([, of]) => {
      const cell = of(line);
      return typeof cell === "number" ? numberText(cell) : cell ?? "";
    })
  );
  const chance = chances.map(({ split, test, chance }) => {
    const cells: Readonly<Record<string, string>> = {
      features: "chance",
      split,
      control: "true",
      last: numberText(chance.uniform),
      top5: numberText(chance.uniform_top5),
      test_clips: String(test),
    };
    return header.map((name) => cells[name] ?? "");
  });
  return csvText([header, ...body, ...chance]);
}
