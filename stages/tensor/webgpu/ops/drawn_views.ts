/**
 * Views on the `webgpu` backend whose draws are made there: the integers of the CPU's draws, and their
 * numbers to rounding. All that is sent is which clips they are.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor5D } from "@tensorflow/tfjs-core";
import { purposeKey } from "../../../random.ts";
import type { BatchDraws } from "../../drawn_views.ts";
import { gpuBackend } from "../gpu_backend.ts";
import { flatGroups, flatIndex, kernelOf } from "../kernel_code.ts";
import { THREEFRY } from "../threefry.ts";
import { DRAW_NUMBERS, transformClips } from "./augment.ts";

const THREADS = 64;
const SPACE = 2 ** 32;
const PURPOSES = ["crop", "shear", "rotate", "resize"] as const;

/** See the definition. */
export function drawnViews(clips: Tensor5D, draws: BatchDraws): Tensor5D {
  const [n] = clips.shape;
  const { policy: { crop, resize }, indices } = draws;
  if (indices.length !== n) throw new RangeError(`expected ${n} clips, found ${indices.length}`);
  return tf.tidy(() => transformClips(clips, viewDraws(draws), crop.pad, resize.shortest < 1));
}

/** What `transformClips` needs for each clip, see {@link DRAW_NUMBERS}; the first frames are integers. */
export function viewDraws({ policy, view, epoch, indices }: BatchDraws): Tensor {
  const { seed, frames, crop, shear, rotate, resize, random } = policy;
  const kernel = kernelOf("draws of views", () => ({
    bindings: [{ name: "clips", type: "u32" }, { name: "draws", type: "vec4<f32>", write: true }],
    numbers: [
      "count: u32",
      "epoch: u32",
      ...PURPOSES.flatMap((purpose) => [`${purpose}0: u32`, `${purpose}1: u32`]),
      "starts: u32",
      "largest: u32",
      "amplitude: f32",
      "turn_x: f32",
      "turn_y: f32",
      "turn_z: f32",
      "shortest: f32",
      "last: f32",
    ],
    workgroup: [THREADS],
    declarations: `${THREEFRY}\n${DRAWING}`,
    main: `${flatIndex(THREADS)}
      if (index < numbers.count) {
        let sample = clips[index];
        let crop = key_of(numbers.crop0, numbers.crop1, sample);
        let shear = key_of(numbers.shear0, numbers.shear1, sample);
        let rotate = key_of(numbers.rotate0, numbers.rotate1, sample);
        let resize = key_of(numbers.resize0, numbers.resize1, sample);
        ${
      [0, 1, 2, 3, 4, 5].map((i) => `let s${i} = numbers.amplitude * signed_at(shear, ${i}u);`)
        .join("\n")
    }
        let x = sine_cosine(numbers.turn_x * signed_at(rotate, 0u));
        let y = sine_cosine(numbers.turn_y * signed_at(rotate, 1u));
        let z = sine_cosine(numbers.turn_z * signed_at(rotate, 2u));
        let r0 = vec3<f32>(z.y * y.y, z.y * y.x * x.x - z.x * x.y, z.y * y.x * x.y + z.x * x.x);
        let r1 = vec3<f32>(z.x * y.y, z.x * y.x * x.x + z.y * x.y, z.x * y.x * x.y - z.y * x.x);
        let r2 = vec3<f32>(-y.x, y.y * x.x, y.y * x.y);
        let length = numbers.last *
          (numbers.shortest + (1.0 - numbers.shortest) * uniform_at(resize, 0u));
        let first = (numbers.last - length) * uniform_at(resize, 1u);
        draws[3u * index] = vec4<f32>(r0 + s0 * r1 + s3 * r2, f32(below(crop)));
        draws[3u * index + 1u] = vec4<f32>(s1 * r0 + r1 + s4 * r2, first);
        draws[3u * index + 2u] = vec4<f32>(s2 * r0 + s5 * r1 + r2, length);
      }`,
  }));
  const draws = gpuBackend().empty([indices.length, DRAW_NUMBERS]);
  const clips = tf.tensor1d(Int32Array.from(indices), "int32");
  gpuBackend().run(kernel, {
    tensors: [clips, draws],
    groups: flatGroups(indices.length, THREADS),
    numbers: [
      indices.length,
      epoch,
      ...PURPOSES.flatMap((purpose) => purposeKey(seed, random.streams[view][purpose])),
      crop.starts,
      SPACE - SPACE % crop.starts - 1,
      shear.amplitude,
      ...rotate.degrees.map((most) => most * Math.PI / 180),
      resize.shortest,
      frames - 1,
    ],
  });
  clips.dispose();
  return draws;
}

/** Coefficients of 1, x^2, x^4 ... in sin(x) / x and cos(x). */
const SINE = [1, -1 / 6, 1 / 120, -1 / 5040, 1 / 362880];
const COSINE = [1, -1 / 2, 1 / 24, -1 / 720, 1 / 40320, -1 / 3628800];

function polynomial(coefficients: readonly number[]): string {
  return coefficients.reduceRight(
    (inner, c) => inner === "" ? `${c}` : `(${c} + s * ${inner})`,
    "",
  );
}

/**
 * WGSL functions of the draws. The language's own sine may be off by 2^-11, so there is one of ours, to
 * rounding for angles up to a turn. The loop ends at once but once in 2^32 / starts draws.
 */
const DRAWING = `fn key_of(first: u32, second: u32, sample: u32) -> vec2<u32> {
  return threefry(vec2<u32>(first, second), vec2<u32>(numbers.epoch, sample));
}
fn signed_at(key: vec2<u32>, index: u32) -> f32 { return 2.0 * uniform_at(key, index) - 1.0; }
fn below(key: vec2<u32>) -> u32 {
  var index = 0u;
  var word = bits_at(key, index);
  while (word > numbers.largest) {
    index += 1u;
    word = bits_at(key, index);
  }
  return word % numbers.starts;
}
fn sine_cosine(angle: f32) -> vec2<f32> {
  let quarter = round(angle * ${2 / Math.PI});
  let rest = (angle - quarter * 1.5703125) - quarter * ${Math.PI / 2 - 1.5703125};
  let s = rest * rest;
  let sine = rest * ${polynomial(SINE)};
  let cosine = ${polynomial(COSINE)};
  let turned = u32(i32(quarter) + 4) & 3u;
  let swapped = (turned & 1u) == 1u;
  let a = select(sine, cosine, swapped);
  let b = select(cosine, sine, swapped);
  return vec2<f32>(select(a, -a, turned >= 2u), select(b, -b, turned == 1u || turned == 2u));
}`;
