/**
 * Whether a download of PKU-MMD is all there: against its own split files, and against the published
 * counts (method section 1.4).
 *
 * @module
 */
import type { ShippedSplits } from "../../clips/shipped_splits.ts";
import { counted } from "../../formats/counted.ts";
import type { PkuPart } from "../../formats/pku_name.ts";
import type { VideoSplit } from "./video_splits.ts";

/** Videos and labelled actions that were published; what is not known for sure is absent. */
const PUBLISHED: Readonly<Record<PkuPart, { readonly videos: number; readonly rows?: number }>> = {
  1: { videos: 1076, rows: 21_545 },
  2: { videos: 1009 },
};

/** Sizes of the splits as papers quote them: train and test. Those of part II differ between papers. */
const QUOTED: Readonly<Record<PkuPart, Readonly<Record<string, readonly [number, number]>>>> = {
  1: { xsub: [18_841, 2_704], xview: [14_357, 7_188] },
  2: {},
};

/** From this share of the published videos on, a download is taken for one that should be whole. */
const NEARLY_WHOLE = 0.9;

/** So many names are listed; a message with more helps nobody. */
const MOST_NAMES = 20;

/** What there is. */
export interface Found {
  readonly part: PkuPart;
  /** Names of videos with a skeleton file. */
  readonly videos: readonly string[];
  /** Rows of all label files that can be used. */
  readonly rows: number;
  readonly splits: readonly VideoSplit[];
  /** The same as clips, unless only a subset was taken. */
  readonly clips: ShippedSplits | undefined;
}

/** A finding. */
export interface Finding {
  /** Whether something seems to be missing from a whole download, rather than a part being meant. */
  readonly serious: boolean;
  readonly text: string;
}

/** What is to be said about how complete the recordings are; nothing if they are as published. */
export function census(found: Found): Finding[] {
  const roman = found.part === 1 ? "I" : "II";
  const published = PUBLISHED[found.part];
  const here = new Set(found.videos);
  const whole = here.size >= NEARLY_WHOLE * published.videos;
  const findings: Finding[] = [];
  const listed = new Set(found.splits.flatMap(({ train, test }) => [...train, ...test]));
  const missing = [...listed].filter((name) => !here.has(name)).sort();
  if (missing.length > 0) {
    findings.push({
      serious: whole,
      text: `${counted(missing.length, "video")} of the ${listed.size} in the split files ` +
        `${missing.length === 1 ? "has" : "have"} no skeleton file: ${some(missing)}` +
        (whole ? "; unpack the archive of the skeletons again, or get it again" : ""),
    });
  } else if (here.size !== published.videos) {
    const less = published.videos - here.size;
    findings.push({
      serious: whole,
      text: `${counted(here.size, "video")} of PKU-MMD ${roman}, published are ` +
        `${published.videos}: ` + (less > 0 ? `${less} missing` : `${-less} more than that`),
    });
  }
  for (const { file, train, test } of found.splits) {
    const neither = found.videos.filter((name) => !train.has(name) && !test.has(name));
    if (neither.length === 0) continue;
    findings.push({
      serious: whole,
      text: `${file}: ${counted(neither.length, "video")} on neither side, so ` +
        `${neither.length === 1 ? "its clips" : "their clips"} neither train nor test: ` +
        some(neither),
    });
  }
  if (here.size !== published.videos) return findings;
  if (published.rows !== undefined && found.rows !== published.rows) {
    findings.push({
      serious: true,
      text:
        `${found.rows} labelled actions of PKU-MMD ${roman}, published are ${published.rows}: ` +
        "are all label files there?",
    });
  }
  for (const [protocol, [train, test]] of Object.entries(QUOTED[found.part])) {
    const split = found.clips?.[protocol];
    if (split === undefined || (split.train.length === train && split.test.length === test)) {
      continue;
    }
    findings.push({
      serious: false,
      text:
        `${protocol} has ${split.train.length} clips to train and ${split.test.length} to test ` +
        `on; papers quote ${train} and ${test}`,
    });
  }
  return findings;
}

function some(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return names.slice(0, MOST_NAMES).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
