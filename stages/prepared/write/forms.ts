/**
 * The files of each form.
 *
 * @module
 */
import { NpyWriter } from "../../formats/npy_writer.ts";
import { NpzWriter } from "../../formats/npz_writer.ts";
import { ArrayOut, type PickleOut, TupleOut, writePickle } from "../../formats/pickle_writer.ts";
import { JOINTS } from "../../skeleton/joints.ts";
import type { ClipsOut } from "./clips_out.ts";
import { paddedRows, ROW_BODIES } from "./padded_rows.ts";
import type { Sides } from "./sides.ts";

/** Told after each clip, so that progress is shown. */
export type Done = () => Promise<void>;

/** Writes CTR-GCN's `prepared.npz`; with the clips' names beside, which its readers pass over. */
export async function writeCtrGcn(
  folder: string,
  out: ClipsOut,
  sides: Sides,
  { frames, compress }: { readonly frames: number; readonly compress: boolean },
  done: Done,
): Promise<void> {
  const npz = await NpzWriter.create(`${folder}/prepared.npz`, compress);
  try {
    for (const side of ["train", "test"] as const) {
      const clips = sides[side];
      const shape = [clips.length, frames, ROW_BODIES * JOINTS * 3];
      await npz.add(`x_${side}`, "f4", shape, paddedRows(out, clips, frames, done));
      await npz.add(`y_${side}`, "f8", [clips.length, out.classes], oneHotRows(out, clips));
    }
    for (const side of ["train", "test"] as const) {
      await npz.addStrings(`names_${side}`, sides[side].map((clip) => out.names[clip]!));
    }
    await npz.close();
  } catch (error) {
    await npz.abandon();
    throw error;
  }
}

async function* oneHotRows(
  out: ClipsOut,
  clips: readonly number[],
): AsyncGenerator<Float64Array> {
  const row = new Float64Array(out.classes);
  for (const clip of clips) {
    row.fill(0);
    row[out.labels[clip]!] = 1;
    yield row;
    await Promise.resolve();
  }
}

/** Writes ST-GCN's `train_data.npy`, `train_label.pkl`, `val_data.npy`, `val_label.pkl`. */
export async function writeStGcn(
  folder: string,
  out: ClipsOut,
  sides: Sides,
  frames: number,
  done: Done,
): Promise<void> {
  for (const [side, clips] of [["train", sides.train], ["val", sides.test]] as const) {
    const shape = [3, frames, JOINTS, ROW_BODIES];
    const npy = await NpyWriter.create(`${folder}/${side}_data.npy`, "f4", shape);
    try {
      const turned = new Float32Array(3 * frames * JOINTS * ROW_BODIES);
      for await (const row of paddedRows(out, clips, frames, done)) {
        await npy.write(axesFirst(row, frames, turned));
      }
      await npy.close();
    } catch (error) {
      await npy.abandon();
      throw error;
    }
    const names = clips.map((clip) => out.names[clip]!);
    const labels = clips.map((clip) => out.labels[clip]!);
    await writePickle(`${folder}/${side}_label.pkl`, new TupleOut(names, labels));
  }
}

/** (T, M, V, C) to (C, T, V, M). */
function axesFirst(row: Float32Array, frames: number, into: Float32Array): Float32Array {
  let from = 0;
  for (let t = 0; t < frames; t++) {
    for (let m = 0; m < ROW_BODIES; m++) {
      for (let v = 0; v < JOINTS; v++) {
        for (let c = 0; c < 3; c++) {
          into[((c * frames + t) * JOINTS + v) * ROW_BODIES + m] = row[from++]!;
        }
      }
    }
  }
  return into;
}

/** Writes PYSKL's `prepared.pkl`, with every split that there is. */
export async function writePyskl(
  folder: string,
  out: ClipsOut,
  splits: readonly Sides[],
  half: boolean,
  done: Done,
): Promise<void> {
  const named = (clips: readonly number[]) => clips.map((clip) => out.names[clip]!);
  const split = new Map<string, PickleOut>(
    splits.flatMap(({ protocol, train, test }) => [
      [`${protocol}_train`, named(train)],
      [`${protocol}_val`, named(test)],
    ]),
  );
  await writePickle(
    `${folder}/prepared.pkl`,
    new Map<string, PickleOut>([
      ["split", split],
      ["annotations", annotations(out, half, done)],
    ]),
  );
}

async function* annotations(
  out: ClipsOut,
  half: boolean,
  done: Done,
): AsyncGenerator<PickleOut> {
  for (const [clip, name] of out.names.entries()) {
    const positions = await out.read(clip);
    const frames = positions.length / (out.bodies * JOINTS * 3);
    const pose = bodiesFirst(positions, frames, out.bodies);
    const bodies = pose.length / (frames * JOINTS * 3);
    yield new Map<string, PickleOut>([
      ["frame_dir", name],
      ["label", out.labels[clip]!],
      ["total_frames", frames],
      [
        "keypoint",
        new ArrayOut(half ? Float16Array.from(pose) : pose, [bodies, frames, JOINTS, 3]),
      ],
    ]);
    await done();
  }
}

/** (F, M, V, C) to (M, F, V, C), bodies after the first only if they are there. */
function bodiesFirst(positions: Float32Array, frames: number, bodies: number): Float32Array {
  const body = JOINTS * 3;
  const out = new Float32Array(positions.length);
  let there = 1;
  for (let m = 0; m < bodies; m++) {
    for (let t = 0; t < frames; t++) {
      const from = (t * bodies + m) * body;
      const part = positions.subarray(from, from + body);
      out.set(part, (m * frames + t) * body);
      if (m >= there && part.some((value) => value !== 0)) there = m + 1;
    }
  }
  return out.slice(0, there * frames * body);
}
