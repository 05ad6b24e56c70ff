/**
 * CTR-GCN's form: one `.npz` with `x_train`, `y_train`, `x_test`, `y_test`. `x` is (N, T, M 25 3),
 * padded with zeros to T frames; `y` is (N, classes) with one 1 a row, or (N,) of whole numbers.
 *
 * The form has no names. Files written by `write_prepared` bring them along as `names_train` and
 * `names_test`; other clips are called `train_0000001` and so on.
 *
 * @module
 */
import { BadRecording } from "../../formats/bad_recording.ts";
import { type NpzFile, openNpz } from "../../formats/npz_file.ts";
import { UnusableInput } from "../../formats/unusable_input.ts";
import { JOINTS } from "../../skeleton/joints.ts";
import { MOST_CLASSES, oneHotLabel, wholeLabel } from "../class_labels.ts";
import { arrangePose, floatsOf, layoutTMVC, MOST_FRAMES, type PoseLayout } from "../pose_layout.ts";
import type { NamedSplit, PreparedClip, PreparedSource } from "../prepared_source.ts";

/** The names of clips may take so many bytes. */
const MOST_NAME_BYTES = 2 ** 28;

/** More clips than any data set of the field has. */
const MOST_CLIPS = 2_000_000;

const SIDES = ["train", "test"] as const;

interface Half {
  readonly side: typeof SIDES[number];
  readonly count: number;
  readonly layout: PoseLayout;
  /** By clip; `undefined` where the row says no class. */
  readonly labels: readonly (number | undefined)[];
  readonly names: readonly string[];
}

/** What the stage decides about reading. */
export interface CtrGcnOptions {
  readonly bodies: number;
  /** What the split is called. */
  readonly protocol: string;
}

/**
 * Opens a file.
 *
 * @throws {UnusableInput} If an array is missing, broken, or of another shape.
 */
export async function openCtrGcn(path: string, options: CtrGcnOptions): Promise<PreparedSource> {
  const npz = await openNpz(path);
  try {
    const halves: Half[] = [];
    let classes = 0;
    for (const side of SIDES) {
      if (!npz.names.includes(`x_${side}`)) continue;
      halves.push(await openHalf(npz, path, side));
      const { shape } = await npz.header(`y_${side}`);
      if (shape.length === 2) classes = Math.max(classes, shape[1]!);
    }
    if (halves.length === 0) {
      throw new UnusableInput(
        `${path}: expected the arrays x_train, y_train, x_test, y_test, found ` +
          `${npz.names.join(", ") || "no array"}`,
      );
    }
    return source(npz, halves, classes, options);
  } catch (error) {
    await npz.close();
    throw error;
  }
}

function source(
  npz: NpzFile,
  halves: readonly Half[],
  classes: number,
  { bodies, protocol }: CtrGcnOptions,
): PreparedSource {
  const sides = new Map(halves.map((half) => [half.side, half.names]));
  return {
    form: "ctr_gcn",
    total: halves.reduce((sum, half) => sum + half.count, 0),
    classes: classes > 0 ? classes : undefined,
    notes: SIDES.filter((side) => !sides.has(side)).map((side) =>
      `there is no x_${side}: the clips come without a split`
    ),
    clips: async function* () {
      for (const half of halves) yield* clipsOf(npz, half, bodies);
    },
    splits: () => {
      const [train, test] = SIDES.map((side) => sides.get(side));
      return new Map<string, NamedSplit>(train && test ? [[protocol, { train, test }]] : []);
    },
    close: () => npz.close(),
  };
}

async function openHalf(npz: NpzFile, path: string, side: Half["side"]): Promise<Half> {
  const { shape, type } = await npz.header(`x_${side}`);
  const [count, frames, width] = shape as [number, number, number];
  const bodies = width / (JOINTS * 3);
  if (shape.length !== 3 || !["f2", "f4", "f8"].includes(type) || ![1, 2].includes(bodies)) {
    throw new UnusableInput(
      `${path}: x_${side}: expected floats of shape (clips, frames, 75 or 150): x, y, z of the ` +
        `25 joints of Kinect v2 for one or two bodies; found ${type} of (${shape.join(", ")})`,
    );
  }
  if (frames < 1 || frames > MOST_FRAMES || count > MOST_CLIPS) {
    throw new UnusableInput(
      `${path}: x_${side}: expected up to ${MOST_CLIPS} clips of 1 to ${MOST_FRAMES} frames, found ` +
        `${count} of ${frames}`,
    );
  }
  const labels = await labelsOf(npz, path, side, count);
  const names = await namesOf(npz, path, side, count);
  return { side, count, layout: layoutTMVC(frames, bodies), labels, names };
}

async function labelsOf(
  npz: NpzFile,
  path: string,
  side: Half["side"],
  count: number,
): Promise<(number | undefined)[]> {
  const name = `y_${side}`;
  const { shape, type } = await npz.header(name);
  const oneHot = shape.length === 2 && shape[1]! <= MOST_CLASSES;
  if (shape[0] !== count || !(oneHot || shape.length === 1) || type === "str") {
    throw new UnusableInput(
      `${path}: ${name}: expected (${count}, classes) with a 1 in each row, or (${count},) of ` +
        `whole numbers, found ${type} of (${shape.join(", ")})`,
    );
  }
  const labels: (number | undefined)[] = [];
  for await (const row of npz.rows(name)) {
    labels.push(oneHot ? oneHotLabel(row) : wholeLabel(row[0]));
  }
  return labels;
}

async function namesOf(
  npz: NpzFile,
  path: string,
  side: Half["side"],
  count: number,
): Promise<readonly string[]> {
  const name = `names_${side}`;
  if (!npz.names.includes(name)) {
    return Array.from({ length: count }, (_, i) => `${side}_${String(i + 1).padStart(7, "0")}`);
  }
  const { type, shape, data } = await npz.array(name, MOST_NAME_BYTES);
  if (type !== "str" || shape.length !== 1 || shape[0] !== count) {
    throw new UnusableInput(
      `${path}: ${name}: expected ${count} texts, found ${type} of (${shape.join(", ")})`,
    );
  }
  return data;
}

async function* clipsOf(
  npz: NpzFile,
  { side, layout, labels, names }: Half,
  bodies: number,
): AsyncGenerator<PreparedClip | BadRecording> {
  let i = 0;
  for await (const row of npz.rows(`x_${side}`)) {
    const place = `x_${side}[${i}]`;
    const label = labels[i];
    const name = names[i++]!;
    if (label === undefined) {
      yield new BadRecording(
        place,
        `y_${side} has no class for it: expected one 1 among zeros, or ` +
          "a whole number from 0",
      );
      continue;
    }
    try {
      yield { name, label, place, ...arrangePose(floatsOf(row)!, layout, bodies, place) };
    } catch (error) {
      if (!(error instanceof BadRecording)) throw error;
      yield error;
    }
  }
}
