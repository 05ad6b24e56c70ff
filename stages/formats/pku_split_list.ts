/**
 * Reads the split files of PKU-MMD (method section 1.4): a header "Training videos:", a line of video
 * names, a header "Validataion videos:" (published so), and another line of names.
 *
 * @module
 */
import { BadRecording } from "./bad_recording.ts";
import { parsePkuName, PKU_NAME_FORM } from "./pku_name.ts";
import { encodingFault, withoutMark } from "./text_encoding.ts";

/** Bytes beyond this are no split file. */
const MOST_BYTES = 4 << 20;

/** So many faults of one file are told; more say nothing new. */
const MOST_FAULTS = 20;

/** The names of videos on both sides, in the file's order, each once. */
export interface PkuSplitList {
  readonly train: readonly string[];
  readonly test: readonly string[];
  /** Entries that name no video, or one that is on both sides (it is then on neither). */
  readonly faults: readonly BadRecording[];
}

type Side = "train" | "test";

/**
 * Whether a line is a header, and of which side. Any spelling goes that begins as the published ones
 * do; a list may also follow on the header's own line, or go on over several lines.
 */
export function splitHeader(line: string): { side: Side; rest: string } | undefined {
  const match = /^\W*(train|val|test|eval)[^,:\d]*(:|$)/i.exec(line.trim());
  if (match === null) return undefined;
  const side = match[1]!.toLowerCase() === "train" ? "train" : "test";
  return { side, rest: line.trim().slice(match[0].length) };
}

/**
 * Reads a whole split file. Blanks around names, trailing commas, quotes, brackets and a `.txt` behind
 * names are let through.
 *
 * @param file What to call it in an error.
 * @throws {BadRecording} If it is no text, or one of the two sides is missing.
 */
export function readPkuSplitList(bytes: Uint8Array, file: string): PkuSplitList {
  const fault = encodingFault(bytes);
  if (fault !== undefined) throw new BadRecording(file, fault);
  if (bytes.length > MOST_BYTES) {
    throw new BadRecording(file, `expected lists of videos, found ${bytes.length} bytes`);
  }
  const sides = { train: new Map<string, number>(), test: new Map<string, number>() };
  const headers = new Set<Side>();
  const faults: BadRecording[] = [];
  let side: Side | undefined;
  for (const [i, text] of new TextDecoder().decode(withoutMark(bytes)).split("\n").entries()) {
    const header = splitHeader(text);
    if (header !== undefined) headers.add(side = header.side);
    for (const name of namesOf(header?.rest ?? text)) {
      const complaint = side === undefined
        ? `expected the header "Training videos:", found ${JSON.stringify(name)}`
        : parsePkuName(name) === undefined
        ? `expected names of videos such as ${PKU_NAME_FORM}, found ${JSON.stringify(name)}`
        : undefined;
      if (complaint === undefined) {
        if (!sides[side!].has(name)) sides[side!].set(name, i + 1);
      } else if (faults.push(new BadRecording(file, complaint, i + 1)) >= MOST_FAULTS) {
        throw new BadRecording(file, `this is no list of videos: ${faults[0]!.reason}`, i + 1);
      }
    }
  }
  for (const [wanted, spelling] of [["train", "Training"], ["test", "Validation"]] as const) {
    if (headers.has(wanted)) continue;
    throw new BadRecording(file, `expected a header "${spelling} videos:", found none`);
  }
  for (const [name, line] of sides.test) {
    if (!sides.train.delete(name)) continue;
    sides.test.delete(name);
    faults.push(
      new BadRecording(file, `${name} both trains and tests: it is on neither side`, line),
    );
  }
  return { train: [...sides.train.keys()], test: [...sides.test.keys()], faults };
}

function namesOf(text: string): string[] {
  return text.split(/[,;\s]+/)
    .map((name) => name.replaceAll(/^["'[(]+|["'\])]+$/g, "").replace(/\.txt$/i, "").slice(0, 40))
    .filter((name) => name !== "");
}
