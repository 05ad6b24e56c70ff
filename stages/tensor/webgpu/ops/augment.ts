/**
 * Augmentations and streams on the `webgpu` backend, one pass each over clips (N, 3, T, V, M).
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor5D } from "@tensorflow/tfjs-core";
import type { SwapDraw, ViewDraw } from "../../../augment/draw_types.ts";
import { type Stream, viewMatrix } from "../../../augment/reference.ts";
import { BONE_PARENTS } from "../../../skeleton/bones.ts";
import { gpuBackend } from "../gpu_backend.ts";
import { flatGroups, flatIndex, type Kernel, type KernelCode, kernelOf } from "../kernel_code.ts";

const THREADS = 256;

/**
 * Numbers of a clip's draw: three rows of its matrix, each followed by one of: first frame of the crop in
 * the padded clip, first frame of the span, frames of the span.
 */
export const DRAW_NUMBERS = 12;

/** See the definition; spans are drawn out already. */
export function augmentViews(clips: Tensor5D, draws: readonly ViewDraw[], pad: number): Tensor5D {
  const [n, , frames] = clips.shape;
  if (draws.length !== n) throw new RangeError(`expected ${n} draws, found ${draws.length}`);
  const numbers = new Float32Array(n * DRAW_NUMBERS);
  draws.forEach((draw, i) => {
    const matrix = viewMatrix(draw);
    const beside = [draw.start, 0, frames - 1];
    for (let row = 0; row < 3; row++) {
      numbers.set(matrix.subarray(3 * row, 3 * row + 3), i * DRAW_NUMBERS + 4 * row);
      numbers[i * DRAW_NUMBERS + 4 * row + 3] = beside[row]!;
    }
  });
  return tf.tidy(() => transformClips(clips, tf.tensor1d(numbers), pad, false));
}

/**
 * Views of clips: spans drawn out, cropped, turned and sheared.
 *
 * @param draws {@link DRAW_NUMBERS} for each clip.
 * @param spans Whether there are any.
 */
export function transformClips(
  clips: Tensor5D,
  draws: Tensor,
  pad: number,
  spans: boolean,
): Tensor5D {
  const [, , frames, joints, bodies] = clips.shape;
  const width = joints * bodies;
  const kernel = clipsKernel(`view ${frames} x ${width}, pad ${pad}, ${spans}`, clips.shape, {
    bindings: [
      { name: "x" },
      { name: "draws", type: "vec4<f32>" },
      { name: "y", write: true },
    ],
    declarations: spans ? spanLoad(frames, width) : plainLoad(width),
    main: `
      let m0 = draws[wid.z * 3u]; let m1 = draws[wid.z * 3u + 1u]; let m2 = draws[wid.z * 3u + 2u];
      let position = i32(m0.w) + i32(t) - ${pad};
      let before = select(position, ${2 * frames - 1} - position, position >= ${frames});
      let frame = u32(select(before, -1 - position, position < 0));
      let p = vec3<f32>(load(clip, frame, i, m1.w, m2.w), load(clip + PLANE, frame, i, m1.w, m2.w),
        load(clip + 2u * PLANE, frame, i, m1.w, m2.w));
      y[clip + index] = m0.x * p.x + m0.y * p.y + m0.z * p.z;
      y[clip + PLANE + index] = m1.x * p.x + m1.y * p.y + m1.z * p.z;
      y[clip + 2u * PLANE + index] = m2.x * p.x + m2.y * p.y + m2.z * p.z;`,
  });
  return overClips(kernel, clips, [clips, draws]);
}

/** A number of a clip's plane that begins at `at`. */
function plainLoad(width: number): string {
  return `fn load(at: u32, frame: u32, i: u32, first: f32, length: f32) -> f32 {
    return x[at + frame * ${width}u + i];
  }`;
}

/** The same from a span of the clip drawn out to its whole length, by straight lines between frames. */
function spanLoad(frames: number, width: number): string {
  if (frames === 1) return plainLoad(width);
  return `fn load(at: u32, frame: u32, i: u32, first: f32, length: f32) -> f32 {
    let position = first + f32(frame) * length / ${frames - 1}.0;
    let whole = min(u32(position), ${frames - 2}u);
    let share = min(1.0, position - f32(whole));
    let a = x[at + whole * ${width}u + i];
    let b = x[at + whole * ${width}u + ${width}u + i];
    return select(a + share * (b - a), b, share == 1.0);
  }`;
}

/**
 * See the definition. One draw serves a whole batch: it is made on the CPU and goes with the call, as five
 * numbers.
 */
export function swapParts(clips: Tensor5D, draw: SwapDraw, framesPerToken: number): Tensor5D {
  const [n, , frames, joints, bodies] = clips.shape;
  const { t0, ct, shift } = draw;
  if (shift < 0 || shift > n) throw new RangeError(`swap shift ${shift} in a batch of ${n}`);
  const kernel = clipsKernel(`swap ${frames} x ${joints} x ${bodies}`, clips.shape, {
    bindings: [{ name: "x" }, { name: "y", write: true }],
    numbers: ["clips: u32", "shift: u32", "first: u32", "end: u32", "joints: u32"],
    main: `
      let partner = wid.z + numbers.shift;
      let other = select(partner, partner - numbers.clips, partner >= numbers.clips) * 3u * PLANE;
      let within = t >= numbers.first && t < numbers.end;
      let drawn = ((numbers.joints >> (i / ${bodies}u)) & 1u) == 1u;
      let source = select(clip, other, within && drawn) + index;
      y[clip + index] = x[source];
      y[clip + PLANE + index] = x[source + PLANE];
      y[clip + 2u * PLANE + index] = x[source + 2u * PLANE];`,
  });
  const mask = draw.joints.reduce((bits, joint) => bits | 1 << joint, 0) >>> 0;
  const numbers = [n, shift, framesPerToken * t0, framesPerToken * (t0 + ct), mask];
  return overClips(kernel, clips, [clips], numbers);
}

/** See the definition. */
export function toStream(clips: Tensor5D, stream: Stream): Tensor5D {
  if (stream === "joint") return tf.clone(clips);
  const [, , frames, joints, bodies] = clips.shape;
  const width = joints * bodies;
  const kernel = clipsKernel(`${stream} ${frames} x ${joints} x ${bodies}`, clips.shape, {
    bindings: [{ name: "x" }, { name: "y", write: true }],
    declarations: stream === "bone" ? PARENT_OF : "",
    main: stream === "motion"
      ? [0, 1, 2].map((c) =>
        `let at${c} = clip + ${c}u * PLANE + index;
         let last${c} = t == ${frames - 1}u;
         y[at${c}] = select(x[select(at${c} + ${width}u, at${c}, last${c})] - x[at${c}], 0.0, last${c});`
      ).join("\n")
      : `let joint = i / ${bodies}u;
         let back = (joint - parent_of(joint)) * ${bodies}u;
         ${
        [0, 1, 2].map((c) =>
          `let at${c} = clip + ${c}u * PLANE + index; y[at${c}] = x[at${c}] - x[at${c} - back];`
        ).join("\n")
      }`,
  });
  return overClips(kernel, clips, [clips]);
}

/** Bits that name a joint. */
const JOINT_BITS = 5;
const JOINTS_A_WORD = 6;

/** `parent_of(joint)`: packed, since arrays of constants with a changing index would lie in slow memory. */
const PARENT_OF = `fn parent_of(joint: u32) -> u32 {
  let word = joint / ${JOINTS_A_WORD}u;
  var parents = 0u;
  ${
  Array.from({ length: Math.ceil(BONE_PARENTS.length / JOINTS_A_WORD) }, (_, word) => {
    const parents = BONE_PARENTS.slice(JOINTS_A_WORD * word, JOINTS_A_WORD * (word + 1));
    const packed = parents.reduce((bits, parent, i) => bits | parent << JOINT_BITS * i, 0);
    return `if (word == ${word}u) { parents = ${packed}u; }`;
  }).join("\n  ")
}
  return (parents >> (${JOINT_BITS}u * (joint - word * ${JOINTS_A_WORD}u))) & ${
  2 ** JOINT_BITS - 1
}u;
}`;

/**
 * A kernel whose threads have a place in the plane (T, V, M) of a clip's three coordinates each: `index`
 * in the plane, `t` the frame, `i` the place in it, `clip` where the clip begins, `PLANE` numbers of a plane.
 */
function clipsKernel(
  key: string,
  [, channels, frames, joints, bodies]: Tensor5D["shape"],
  code: Omit<KernelCode, "workgroup">,
): Kernel {
  if (channels !== 3) throw new RangeError(`expected clips of 3 coordinates, found ${channels}`);
  const width = joints * bodies;
  return kernelOf(key, () => ({
    ...code,
    workgroup: [THREADS],
    declarations: `const PLANE = ${frames * width}u;\n${code.declarations ?? ""}`,
    main: `${flatIndex(THREADS)}
      if (index < PLANE) {
        let t = index / ${width}u;
        let i = index - t * ${width}u;
        let clip = wid.z * ${3 * frames * width}u;
        ${code.main}
      }`,
  }));
}

function overClips(
  kernel: Kernel,
  clips: Tensor5D,
  inputs: readonly Tensor[],
  numbers?: readonly number[],
): Tensor5D {
  const [n, , frames, joints, bodies] = clips.shape;
  const y = gpuBackend().empty<Tensor5D>(clips.shape);
  const [across, down] = flatGroups(frames * joints * bodies, THREADS);
  gpuBackend().run(kernel, {
    tensors: [...inputs, y],
    groups: [across, down, n],
    ...(numbers === undefined ? {} : { numbers }),
  });
  return y;
}
