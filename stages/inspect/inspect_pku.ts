/**
 * Looking into files of PKU-MMD: skeletons of a long video, its labels, lists of splits.
 *
 * @module
 */
import { BadRecording } from "../formats/bad_recording.ts";
import { counted } from "../formats/counted.ts";
import { readPkuLabels } from "../formats/pku_labels.ts";
import { parsePkuName } from "../formats/pku_name.ts";
import { type FrameSpan, PKU_COLUMNS, readPkuSkeleton } from "../formats/pku_skeleton.ts";
import { readPkuSplitList } from "../formats/pku_split_list.ts";
import { JOINTS } from "../skeleton/joints.ts";
import type { InspectedFile } from "./inspected_file.ts";
import { Findings, type Looking } from "./inspection.ts";
import { framesFirst, stripClip } from "./skeleton_strip.ts";
import { CoordinateRanges, wordsOfNumbers } from "./value_ranges.ts";

/** Frames whose numbers are read; a video of PKU-MMD has some 5,000. */
const MOST_FRAMES = 40_000;

/** Frames of one span. */
const SPAN = 256;

/** Looks into a skeleton file: once for its length, once for its numbers. */
export async function inspectPkuSkeleton(file: InspectedFile, looking: Looking): Promise<Findings> {
  const findings = new Findings("a PKU-MMD video (skeleton text, 150 numbers a frame)");
  tellName(findings, file.name);
  try {
    const { frames } = await readPkuSkeleton(file.pieces(), file.path, []);
    looking.progress(1, 2, "passes");
    findings.fact("frames", frames);
    const seen = Math.min(frames, MOST_FRAMES);
    const spans: FrameSpan[] = [];
    for (let first = 0; first < seen; first += SPAN) {
      spans.push({ first, frames: Math.min(SPAN, seen - first) });
    }
    const video = await readPkuSkeleton(file.pieces(), file.path, spans);
    const ranges = new CoordinateRanges();
    const positions = new Float32Array(seen * PKU_COLUMNS);
    let two = 0;
    for (const [i, span] of video.spans.entries()) {
      if (span === undefined) continue;
      positions.set(span.positions, spans[i]!.first * PKU_COLUMNS);
      ranges.add(span.positions, JOINTS * 3);
      if (span.fault !== undefined) findings.fault(span.fault, file.path);
    }
    for (let t = 0; t < seen; t++) {
      if (positions.subarray(t * 150 + 75, t * 150 + 150).some((value) => value !== 0)) two++;
    }
    findings.fact("frames with two bodies", two);
    ranges.tell(findings, " m");
    if (seen < frames) findings.notes.push(`Numbers of the first ${seen} frames were read.`);
    const strip = stripClip(
      file.name,
      [counted(frames, "frame"), two === 0 ? "one body" : `two bodies in ${two}`],
      { frames: seen, bodies: 2 },
      framesFirst(positions, 2),
    );
    if (strip === undefined) findings.problem(`no frame has a body (${counted(frames, "frame")})`);
    else findings.figures.push(strip);
  } catch (error) {
    findings.fault(error, file.path);
  }
  return findings;
}

function tellName(findings: Findings, file: string): void {
  const parsed = parsePkuName(file.replace(/\.[^.]*$/, ""));
  if (parsed === undefined) return;
  const { part, video, subject, camera } = parsed;
  findings.fact(
    "name says",
    parsed,
    `part ${"I".repeat(part)}, ${
      part === 1 ? `video ${video}` : `actions ${video}, subject ` +
        `${subject}`
    }, view ${"LMR"[camera - 1]}`,
  );
}

/** Looks into a label file. */
export async function inspectPkuLabels(file: InspectedFile): Promise<Findings> {
  const findings = new Findings("labels of a PKU-MMD video (class, start, end, confidence)");
  tellName(findings, file.name);
  try {
    const { labels, faults } = readPkuLabels(await file.bytes(), file.path);
    const classes = wordsOfNumbers(labels.map(({ label }) => label + 1));
    const lengths = labels.map(({ start, end }) => end - start + 1).sort((a, b) => a - b);
    findings.fact("actions", labels.length).fact("classes", classes.value, classes.text);
    if (lengths.length > 0) {
      const [shortest, middle, longest] = [0, lengths.length >> 1, lengths.length - 1]
        .map((i) => lengths[i]!);
      findings.fact(
        "frames of an action",
        { shortest, median: middle, longest },
        `${shortest} to ${longest}, median ${middle}`,
      ).fact("last frame", Math.max(...labels.map(({ end }) => end)));
    }
    for (const fault of faults) findings.fault(fault, file.path);
  } catch (error) {
    findings.fault(error, file.path);
  }
  return findings;
}

/** Looks into a file of training and validation videos. */
export async function inspectPkuSplits(file: InspectedFile): Promise<Findings> {
  const findings = new Findings("a split of PKU-MMD (lists of training and validation videos)");
  try {
    const { train, test, faults } = readPkuSplitList(await file.bytes(), file.path);
    findings.fact("training videos", train.length).fact("validation videos", test.length);
    for (const fault of faults) findings.fault(fault, file.path);
  } catch (error) {
    if (!(error instanceof BadRecording)) throw error;
    findings.fault(error, file.path);
  }
  return findings;
}
