/**
 * The published lists of NTU RGB+D clips with missing or incomplete skeletons: 302 of NTU 60, 535 of
 * NTU 120 (method section 1.1).
 *
 * @module
 */
import ntu60 from "../../data/ntu60_missing.txt" with { type: "text" };
import ntu120 from "../../data/ntu120_missing.txt" with { type: "text" };

/** Which list. */
export type MissingList = "ntu60" | "ntu120";

/** The names, without extension, of a list. */
export function missingNames(list: MissingList): ReadonlySet<string> {
  const text = list === "ntu60" ? ntu60 : ntu120;
  return new Set(text.split(/\s+/).filter((name) => name !== ""));
}
