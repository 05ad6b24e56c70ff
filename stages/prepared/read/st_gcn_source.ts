/**
 * ST-GCN's form, which 2s-AGCN, CrosSCLR and AimCLR use too: a folder with `train_data.npy` (or
 * `train_position.npy`, `train_data_joint.npy`) of shape (N, 3, T, 25, M), `train_label.pkl` with
 * names and classes, and the same for `val`.
 *
 * @module
 */
import { BadRecording } from "../../formats/bad_recording.ts";
import { NpyError, type NpyFile, openNpy } from "../../formats/npy.ts";
import type { NpyData } from "../../formats/npy_data.ts";
import { UnusableInput } from "../../formats/unusable_input.ts";
import { arrangePose, floatsOf, jointsFault, layoutCTVM, MOST_FRAMES } from "../pose_layout.ts";
import type { NamedSplit, PreparedClip, PreparedSource } from "../prepared_source.ts";
import { type LabelledNames, readLabelPickle } from "./label_pickle.ts";

/** What coordinates are called, after the side and an underscore. */
const DATA_NAMES = ["data", "position", "data_joint", "joint"];

/** What the sides are called. */
const SIDE_NAMES = { train: ["train"], test: ["val", "test", "eval"] } as const;

interface Half extends LabelledNames {
  readonly side: keyof typeof SIDE_NAMES;
  /** Base name of the file of coordinates. */
  readonly file: string;
  readonly data: NpyFile;
}

/** What the stage decides about reading. */
export interface StGcnOptions {
  readonly bodies: number;
  /** What the split is called. */
  readonly protocol: string;
}

/**
 * Opens a folder.
 *
 * @throws {UnusableInput} If a file is missing, broken, of another shape, or several could be meant.
 */
export async function openStGcn(folder: string, options: StGcnOptions): Promise<PreparedSource> {
  const halves: Half[] = [];
  const close = async () => {
    for (const half of halves) await half.data.close();
  };
  try {
    const files = await filesIn(folder);
    for (const side of ["train", "test"] as const) {
      const file = dataFile(folder, files, side);
      if (file !== undefined) halves.push(await openHalf(folder, files, side, file));
    }
    if (halves.length === 0) {
      throw new UnusableInput(
        `${folder}: expected train_data.npy (or train_position.npy) with train_label.pkl, and ` +
          `val_data.npy with val_label.pkl, found ${[...files].sort().join(", ") || "no file"}`,
      );
    }
  } catch (error) {
    await close();
    throw error instanceof NpyError ? new UnusableInput(error.message) : error;
  }
  const sides = new Map(halves.map((half) => [half.side, half.names]));
  const missing = (["train", "test"] as const).filter((side) => !sides.has(side));
  return {
    form: "st_gcn",
    total: halves.reduce((sum, half) => sum + half.names.length, 0),
    classes: undefined,
    notes: missing.map((side) => `there are no ${side} files: the clips come without a split`),
    clips: async function* () {
      for (const half of halves) yield* clipsOf(half, options.bodies);
    },
    splits: () => {
      const [train, test] = [sides.get("train"), sides.get("test")];
      return new Map<string, NamedSplit>(
        train && test ? [[options.protocol, { train, test }]] : [],
      );
    },
    close,
  };
}

async function filesIn(folder: string): Promise<Set<string>> {
  const names = new Set<string>();
  for await (const entry of Deno.readDir(folder)) names.add(entry.name);
  return names;
}

/** The one file of coordinates of a side, or `undefined`. */
function dataFile(
  folder: string,
  files: ReadonlySet<string>,
  side: keyof typeof SIDE_NAMES,
): string | undefined {
  const found = SIDE_NAMES[side].flatMap((name) => DATA_NAMES.map((data) => `${name}_${data}.npy`))
    .filter((name) => files.has(name));
  if (found.length > 1) {
    throw new UnusableInput(
      `${folder}: expected one file of coordinates to ${side} on, found ${found.join(", ")}: ` +
        "put those to be read into a folder of their own",
    );
  }
  return found[0];
}

async function openHalf(
  folder: string,
  files: ReadonlySet<string>,
  side: keyof typeof SIDE_NAMES,
  file: string,
): Promise<Half> {
  const label = `${file.slice(0, file.indexOf("_"))}_label.pkl`;
  if (!files.has(label)) {
    throw new UnusableInput(`${folder}: expected ${label} beside ${file}, found no such file`);
  }
  const { names, labels } = readLabelPickle(`${folder}/${label}`);
  const data = await openNpy(`${folder}/${file}`);
  const [clips, axes, frames, joints, bodies] = data.shape as readonly number[];
  const shape = `${data.type} of (${data.shape.join(", ")})`;
  const fault = data.shape.length !== 5 || !["f2", "f4", "f8"].includes(data.type)
    ? `expected floats of shape (clips, 3, frames, 25, bodies), found ${shape}`
    : jointsFault(joints!, axes!) ??
      (bodies! < 1 || bodies! > 8 || frames! < 1 || frames! > MOST_FRAMES
        ? `expected 1 to ${MOST_FRAMES} frames and 1 to 8 bodies, found ${shape}`
        : clips !== names.length
        ? `${label} names ${names.length} clips, found ${clips} here`
        : undefined);
  if (fault !== undefined) {
    await data.close();
    throw new UnusableInput(`${folder}/${file}: ${fault}`);
  }
  return { side, file, data, names, labels };
}

async function* clipsOf(half: Half, bodies: number): AsyncGenerator<PreparedClip | BadRecording> {
  const { data, names, labels, file } = half;
  const layout = layoutCTVM(data.shape[2]!, data.shape[4]!);
  for (const [i, name] of names.entries()) {
    const place = `${file}[${i}] (${name})`;
    const label = labels[i];
    if (label === undefined) {
      yield new BadRecording(place, "expected a whole number from 0 as its class");
      continue;
    }
    const row = await data.readRows<NpyData>(i, i + 1);
    try {
      yield { name, label, place, ...arrangePose(floatsOf(row)!, layout, bodies, place) };
    } catch (error) {
      if (!(error instanceof BadRecording)) throw error;
      yield error;
    }
  }
}
