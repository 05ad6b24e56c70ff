import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { modelConfig } from "../../../stages/model/config.ts";
import {
  areBodies,
  type Clips,
  clipsOf,
  disposeClips,
} from "../../../stages/model/present_bodies.ts";
import { SkeAttnCLR } from "../../../stages/model/skeattnclr.ts";
import { randomStream } from "../../../stages/random.ts";
import { startCpu } from "../../../stages/tensor/cpu_backend.ts";
import { startSimd } from "./kernels.ts";

const JOINTS = 25;

/** Clips with the slots in `absent` (n M + m) all zero. */
function madeUp(clips: number, frames: number, bodies: number, absent: readonly number[]) {
  const values = new Float32Array(clips * 3 * frames * JOINTS * bodies);
  randomStream(5, "test/bodies", clips).fillNormal(values, 0, 0.3);
  const length = values.length / clips;
  for (const slot of absent) {
    const clip = Math.floor(slot / bodies);
    for (let i = slot % bodies; i < length; i += bodies) values[clip * length + i] = 0;
  }
  return { values, shape: { clips, frames, joints: JOINTS, bodies } };
}

Deno.test("bodies that are all zero are held once; clips that gain nothing stay as they are", async () => {
  await startCpu();
  const rows = (absent: readonly number[], bodies = 2) => {
    const { values, shape } = madeUp(3, 4, bodies, absent);
    const clips = clipsOf(values, shape);
    const found = areBodies(clips) ? { rows: clips.rows, held: clips.each.shape[0] } : null;
    disposeClips(clips);
    return found;
  };
  assertEquals(rows([]), null);
  assertEquals(rows([3]), null);
  assertEquals(rows([1, 5]), { rows: [0, 4, 1, 2, 3, 4], held: 5 });
  assertEquals(rows([0, 1, 2, 3, 4, 5]), { rows: [0, 0, 0, 0, 0, 0], held: 1 });
  assertEquals(rows([0, 2], 1), null);
  const { values, shape } = madeUp(2, 4, 2, [1, 3]);
  values[1] = -0;
  const clips = clipsOf(values, shape);
  assert(!areBodies(clips), "minus zero counts as zero");
  disposeClips(clips);
});

for (const stream of ["joint", "motion", "bone"] as const) {
  for (const backend of ["cpu", "simd"] as const) {
    Deno.test(`features of clips with absent bodies are those of all bodies computed, to the bit: ${backend}, ${stream}`, async () => {
      if (backend === "cpu") await startCpu();
      else await startSimd(2);
      // Batches, widths and frames for whole and broken tiles of every kernel.
      const cases = [
        { clips: 4, frames: 8, width: 4, hidden_dim: 16, absent: [1, 3, 5, 7] },
        { clips: 5, frames: 12, width: 3, hidden_dim: 10, absent: [1, 2, 7, 8, 9] },
        ...(backend === "cpu" ? [] : [
          { clips: 7, frames: 64, width: 16, hidden_dim: 64, absent: [1, 3, 5, 9, 13] },
          { clips: 3, frames: 32, width: 16, hidden_dim: 128, absent: [1, 5] },
        ]),
      ];
      for (const { clips, frames, absent, ...sizes } of cases) {
        const config = modelConfig({ ...sizes, stream, heads: 1, queue: 4, init: "pytorch" });
        const model = SkeAttnCLR.create(config, { bodies: 2, frames, classes: 3 }, 1);
        const { values, shape } = madeUp(clips, frames, 2, absent);
        const whole = tf.tensor5d(values.slice(), [clips, 3, frames, JOINTS, 2]);
        await model.calibrate([whole]);
        const part = clipsOf(values.slice(), shape);
        assert(areBodies(part));
        const features = (of: Clips) =>
          tf.tidy(() => [model.features(of), model.embed(of)])
            .map((tensor) => Array.from(tensor.dataSync()));
        assertEquals(features(part), features(whole));
        disposeClips(part);
        whole.dispose();
        model.dispose();
      }
    });
  }
}
