/**
 * Clips to be written, whichever artifact they come from.
 *
 * @module
 */
import { openClips } from "../../clips/clip_store.ts";
import { openRawClips } from "../../clips/raw_clips.ts";
import type { ShippedSplits } from "../../clips/shipped_splits.ts";
import { JOINTS } from "../../skeleton/joints.ts";

/** Opened clips. */
export interface ClipsOut {
  readonly names: readonly string[];
  /** By clip, from 0. */
  readonly labels: ArrayLike<number>;
  readonly classes: number;
  readonly bodies: number;
  /** Frames of each clip. */
  readonly frames: ArrayLike<number>;
  /** Frames that clips are padded to where nothing else is asked for. */
  readonly padTo: number;
  readonly splits: ShippedSplits | undefined;
  /** Coordinates of a clip, (F, bodies, 25, 3). */
  read(clip: number): Promise<Float32Array>;
  close(): Promise<void>;
}

/** NTU's longest clip, and what the field pads to. */
const USUAL_FRAMES = 300;

/** Opens the artifact `raw_clips`. */
export async function rawClipsOut(folder: string): Promise<ClipsOut> {
  const raw = await openRawClips(folder);
  const { clips, classes, bodies, splits } = raw.index;
  return {
    names: clips.map(({ name }) => name),
    labels: clips.map(({ label }) => label),
    frames: clips.map(({ frames }) => frames),
    classes,
    bodies,
    padTo: USUAL_FRAMES,
    splits,
    read: (clip) => raw.read(clips[clip]!),
    close: () => raw.close(),
  };
}

/** Opens the artifact `clips`. */
export async function clipsOut(folder: string): Promise<ClipsOut> {
  const store = await openClips(folder);
  const { frames, bodies, classes, clips, splits } = store.meta;
  const buffer = new Float32Array(store.clipLength);
  return {
    names: await store.names(),
    labels: store.labels,
    frames: new Array<number>(clips).fill(frames),
    classes,
    bodies,
    padTo: frames,
    splits,
    read: async (clip) => {
      await store.read([clip], buffer);
      const out = new Float32Array(buffer.length);
      // From (3, T, 25, M).
      let to = 0;
      for (let t = 0; t < frames; t++) {
        for (let m = 0; m < bodies; m++) {
          for (let v = 0; v < JOINTS; v++) {
            for (let c = 0; c < 3; c++) {
              out[to++] = buffer[((c * frames + t) * JOINTS + v) * bodies + m]!;
            }
          }
        }
      }
      return out;
    },
    close: () => store.close(),
  };
}
