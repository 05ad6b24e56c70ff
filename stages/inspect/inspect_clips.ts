/**
 * Looking into clips: parsed recordings, and clips as they were normalised.
 *
 * @module
 */
import { type ClipsMeta, openClips } from "../clips/clip_store.ts";
import { openRawClips, type RawClip } from "../clips/raw_clips.ts";
import { counted } from "../formats/counted.ts";
import { readJson } from "../formats/json_text.ts";
import { JOINTS } from "../skeleton/joints.ts";
import type { Findings, Looking } from "./inspection.ts";
import { coordinatesFirst, framesFirst, spread, stripClip } from "./skeleton_strip.ts";
import { CoordinateRanges, fromTo, wordsOfNumbers } from "./value_ranges.ts";

/** Clips whose coordinates are read, unless all are asked for. */
const SAMPLE = 500;

interface LabelledSet {
  readonly dataset: string;
  readonly bodies: number;
  readonly classes: number;
  readonly class_names: readonly string[];
}

function tellSet(
  findings: Findings,
  { dataset, bodies, classes, class_names }: LabelledSet,
  labels: ArrayLike<number>,
): void {
  const counts = new Map<number, number>();
  for (let i = 0; i < labels.length; i++) counts.set(labels[i]!, (counts.get(labels[i]!) ?? 0) + 1);
  const each = [...counts.values()];
  findings.fact("data set", dataset).fact("clips", labels.length).fact("bodies", bodies);
  findings.fact(
    "classes",
    {
      classes,
      used: counts.size,
      of_each: each.length === 0 ? [] : [Math.min(...each), Math.max(...each)],
    },
    `${classes}` + (counts.size === classes ? "" : `, ${counts.size} of them with clips`) +
      (each.length === 0 ? "" : `, ${fromTo(Math.min(...each), Math.max(...each))} of each`),
  );
  if (class_names.length > 0) {
    findings.fact(
      "class names",
      class_names,
      class_names.slice(0, 6).join(", ") + (class_names.length > 6 ? " ..." : ""),
    );
  }
  const wrong = [...counts.keys()].find((label) => label < 0 || label >= classes);
  if (wrong !== undefined) {
    findings.problem(`expected labels from 0 to ${classes - 1}, found ${wrong}`);
  }
}

/** What is wrong with the form of a set's description, which JSON leaves open. */
function setFault({ dataset, bodies, classes, class_names }: LabelledSet): string | undefined {
  const expected = (what: string, name: string, found: unknown) =>
    `expected ${what} as ${name}, found ${JSON.stringify(found)?.slice(0, 60) ?? "nothing"}`;
  if (typeof dataset !== "string") return expected("a text", "dataset", dataset);
  if (bodies !== 1 && bodies !== 2) return expected("1 or 2", "bodies", bodies);
  if (!Number.isSafeInteger(classes)) return expected("a whole number", "classes", classes);
  const areNames = Array.isArray(class_names) &&
    class_names.every((name) => typeof name === "string");
  return areNames ? undefined : expected("a list of texts", "class_names", class_names);
}

/** What is wrong with a clip's entry in the index. */
function entryFault(clip: RawClip, at: number): string | undefined {
  const numbers = ["label", "subject", "camera", "setup", "frames", "shard", "row"] as const;
  if (typeof clip?.name !== "string") return `clip ${at} (from 0) has no name`;
  const odd = numbers.find((name) => !Number.isSafeInteger(clip[name]) || clip[name] < 0);
  return odd === undefined
    ? undefined
    : `${clip.name}: expected a whole number as ${odd}, found ${JSON.stringify(clip[odd])}`;
}

function tellExcluded(
  findings: Findings,
  excluded: readonly { name: string; line?: number; reason: string }[],
): void {
  if (!Array.isArray(excluded)) {
    findings.problem("expected a list of excluded clips");
    return;
  }
  findings.fact("excluded", excluded.length);
  for (const { name, line, reason } of excluded.slice(0, 3)) {
    findings.notes.push(`Excluded ${name}${line === undefined ? "" : `:${line}`}: ${reason}`);
  }
}

const evenly = (count: number, most: number) =>
  Array.from(
    { length: Math.min(count, most) },
    (_, i) => Math.floor(i * count / Math.min(count, most)),
  );

function tellSampled(findings: Findings, looked: number, clips: number): void {
  if (looked === clips) return;
  findings.notes.push(
    `Looked at the coordinates of ${looked} of ${clips} clips, evenly spread; --all looks at all of ` +
      "them.",
  );
}

function tellSplits(
  findings: Findings,
  splits: Readonly<Record<string, { train: readonly number[]; test: readonly number[] }>> = {},
): void {
  for (const [protocol, { train, test }] of Object.entries(splits)) {
    findings.fact(
      `split ${protocol}`,
      { train: train.length, test: test.length },
      `${train.length} train, ${test.length} test`,
    );
  }
}

/** Looks into `raw_clips`. */
export async function inspectRawClips(
  findings: Findings,
  folder: string,
  looking: Looking,
): Promise<void> {
  findings.what = "parsed recordings (raw_clips/1)";
  await using raw = await openRawClips(folder);
  const { index } = raw;
  const { clips, bodies } = index;
  const fault = setFault(index) ??
    (Array.isArray(clips) ? undefined : "expected a list of clips") ??
    clips.map(entryFault).find((one) => one !== undefined);
  if (fault !== undefined) return findings.problem(fault, { file: "index.json" });
  tellSet(findings, index, clips.map(({ label }) => label));
  for (const column of ["subject", "camera", "setup"] as const) {
    const { value, text } = wordsOfNumbers(clips.map((clip) => clip[column]));
    findings.fact(`${column}s`, value, text);
  }
  const frames = clips.map((clip) => clip.frames).sort((a, b) => a - b);
  if (frames.length > 0) {
    findings.fact(
      "frames",
      { shortest: frames[0], median: frames[frames.length >> 1], longest: frames.at(-1) },
      `${frames[0]} to ${frames.at(-1)}, median ${frames[frames.length >> 1]}, ` +
        `${frames.reduce((a, b) => a + b, 0)} in all`,
    );
  }
  tellSplits(findings, index.splits);
  const ranges = new CoordinateRanges();
  const looked = evenly(clips.length, looking.all ? Infinity : SAMPLE);
  const drawn = new Set(spread(looked.length).map((i) => looked[i]!));
  for (const [done, i] of looked.entries()) {
    const clip = clips[i]!;
    let positions: Float32Array;
    try {
      positions = await raw.read(clip);
    } catch (error) {
      findings.problem(`${clip.name}: ${(error as Error).message.replace(`${folder}/`, "")}`);
      continue;
    }
    const before = ranges.nonFinite;
    ranges.add(positions, JOINTS * 3);
    if (ranges.nonFinite > before) {
      findings.problem(`${clip.name}: ${ranges.nonFinite - before} coordinates are not finite`);
    }
    if (drawn.has(i)) {
      const strip = stripClip(
        clip.name,
        [index.class_names[clip.label] ?? `label ${clip.label}`, counted(clip.frames, "frame")],
        { frames: clip.frames, bodies },
        framesFirst(positions, bodies),
      );
      if (strip !== undefined) findings.figures.push(strip);
    }
    looking.progress(done + 1, looked.length, "clips");
  }
  ranges.tell(findings, " m");
  tellSampled(findings, looked.length, clips.length);
  const report = await readJson<{ excluded?: [] }>(`${folder}/report.json`).catch(() => undefined);
  if (report?.excluded !== undefined) tellExcluded(findings, report.excluded);
}

/** Looks into `clips`. */
export async function inspectClips(
  findings: Findings,
  folder: string,
  looking: Looking,
): Promise<void> {
  findings.what = "normalised clips (clips/1)";
  await using store = await openClips(folder);
  const meta: ClipsMeta = store.meta;
  const { frames, bodies, class_names } = meta;
  const fault = setFault(meta);
  if (fault !== undefined) return findings.problem(fault, { file: "meta.json" });
  tellSet(findings, meta, store.labels);
  findings.fact("frames", frames);
  for (const column of ["subjects", "cameras", "setups"] as const) {
    const { value, text } = wordsOfNumbers(await store.attribute(column));
    findings.fact(column, value, text);
  }
  tellSplits(findings, meta.splits);
  const names = await store.names();
  const ranges = new CoordinateRanges();
  const looked = evenly(store.size, looking.all ? Infinity : SAMPLE);
  const drawn = new Set(spread(looked.length).map((i) => looked[i]!));
  const size = JOINTS * 3;
  const body = new Float32Array(store.size === 0 ? 0 : frames * bodies * size);
  for (const [done, i] of looked.entries()) {
    const clip = await store.read([i]);
    const at = coordinatesFirst(clip, frames, bodies);
    for (let k = 0; k < body.length; k++) {
      const slot = Math.floor(k / size);
      body[k] = at(Math.floor(slot / bodies), slot % bodies, Math.floor(k % size / 3), k % 3);
    }
    const before = ranges.nonFinite;
    ranges.add(body, size);
    if (ranges.nonFinite > before) {
      findings.problem(`${names[i]}: ${ranges.nonFinite - before} coordinates are not finite`);
    }
    if (drawn.has(i)) {
      const label = store.labels[i]!;
      const strip = stripClip(
        names[i]!,
        [class_names[label] ?? `label ${label}`, counted(frames, "frame")],
        { frames, bodies },
        at,
      );
      if (strip !== undefined) findings.figures.push(strip);
    }
    looking.progress(done + 1, looked.length, "clips");
  }
  ranges.tell(findings);
  tellSampled(findings, looked.length, store.size);
  tellExcluded(findings, meta.excluded);
}
