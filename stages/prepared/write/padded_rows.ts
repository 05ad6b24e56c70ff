/**
 * Clips as rows of one length, for forms that pad with zeros.
 *
 * @module
 */
import { UnusableInput } from "../../formats/unusable_input.ts";
import { JOINTS } from "../../skeleton/joints.ts";
import type { ClipsOut } from "./clips_out.ts";

/** Bodies of a row: what the code that reads these forms expects, also of sets with one. */
export const ROW_BODIES = 2;

/** How many frames rows have. */
export function rowFrames(out: ClipsOut, asked: number | undefined): number {
  const longest = Array.from(out.frames).reduce((most, frames) => Math.max(most, frames), 0);
  const frames = asked ?? out.padTo;
  if (longest <= frames) return frames;
  const clip = out.names[Array.from(out.frames).indexOf(longest)];
  throw new UnusableInput(
    `${clip} has ${longest} frames, more than the ${frames} that clips are padded to: set the ` +
      `parameter frames to at least ${longest}`,
  );
}

/**
 * Rows of (T, 2, 25, 3), padded with zeros. The array is the same each time.
 *
 * @param done Told after each row.
 */
export async function* paddedRows(
  out: ClipsOut,
  clips: readonly number[],
  frames: number,
  done: () => Promise<void>,
): AsyncGenerator<Float32Array> {
  const body = JOINTS * 3;
  const row = new Float32Array(frames * ROW_BODIES * body);
  for (const clip of clips) {
    const positions = await out.read(clip);
    row.fill(0);
    for (let from = 0, slot = 0; from < positions.length; from += body, slot++) {
      const to = (Math.floor(slot / out.bodies) * ROW_BODIES + slot % out.bodies) * body;
      row.set(positions.subarray(from, from + body), to);
    }
    yield row;
    await done();
  }
}
