// deno-fmt-ignore-file: it would drop the decorators of functions
/** Views, part swap and streams of clips (clips x 3 x frames x joints x bodies). */
import { madd } from "./madd";

/**
 * One view of a clip: y[c, t] = sum over d of matrix[c, d] x[d, frame[t]]. Arguments: x, y, frame (int32,
 * clips x frames), matrix (clips x 3 x 3), frames, numbers of a frame. Items: clips.
 */
export function augmentView(args: usize, item: i32, _scratch: usize): void {
  const frames = load<i32>(args, 16);
  const row = (load<i32>(args, 20) as usize) << 2, end = row & ~15;
  const plane = row * (frames as usize);
  const x = load<usize>(args) + 3 * (item as usize) * plane;
  let to = load<usize>(args, 4) + 3 * (item as usize) * plane;
  let frame = load<usize>(args, 8) + (((item * frames) as usize) << 2);
  const m = load<usize>(args, 12) + (item as usize) * 36;
  const a = load<f32>(m), b = load<f32>(m, 4), c = load<f32>(m, 8);
  const d = load<f32>(m, 12), e = load<f32>(m, 16), f = load<f32>(m, 20);
  const g = load<f32>(m, 24), h = load<f32>(m, 28), k = load<f32>(m, 32);
  for (let t = 0; t < frames; t++) {
    const from = x + (load<i32>(frame) as usize) * row;
    for (let at: usize = 0; at < end; at += 16) {
      const p = v128.load(from + at), q = v128.load(from + plane + at);
      const r = v128.load(from + 2 * plane + at);
      v128.store(to + at, mix(p, q, r, a, b, c));
      v128.store(to + plane + at, mix(p, q, r, d, e, f));
      v128.store(to + 2 * plane + at, mix(p, q, r, g, h, k));
    }
    for (let at = end; at < row; at += 4) {
      const p = load<f32>(from + at), q = load<f32>(from + plane + at);
      const r = load<f32>(from + 2 * plane + at);
      store<f32>(to + at, a * p + b * q + c * r);
      store<f32>(to + plane + at, d * p + e * q + f * r);
      store<f32>(to + 2 * plane + at, g * p + h * q + k * r);
    }
    to += row, frame += 4;
  }
}

@inline
function mix(p: v128, q: v128, r: v128, a: f32, b: f32, c: f32): v128 {
  return madd(
    r,
    f32x4.splat(c),
    madd(q, f32x4.splat(b), f32x4.mul(p, f32x4.splat(a))),
  );
}

/**
 * Clip i with some frames and joints of clip (i + shift) mod clips. Arguments: x, y, clips, shift, planes
 * of a clip, frames, joints, bodies, first frame, frames taken, joints taken (int32), their number. Items:
 * clips.
 */
export function swapParts(args: usize, item: i32, _scratch: usize): void {
  const planes = load<i32>(args, 16), frames = load<i32>(args, 20), joints = load<i32>(args, 24);
  const bodies = load<i32>(args, 28), first = load<i32>(args, 32), count = load<i32>(args, 36);
  const taken = load<usize>(args, 40), many = load<i32>(args, 44);
  const row = ((joints * bodies) as usize) << 2;
  const clip = row * ((planes * frames) as usize);
  const y = load<usize>(args, 4) + (item as usize) * clip;
  memory.copy(y, load<usize>(args) + (item as usize) * clip, clip);
  const partner = load<usize>(args) +
    (((item + load<i32>(args, 12)) % load<i32>(args, 8)) as usize) * clip;
  for (let plane = 0; plane < planes; plane++) {
    for (let t = first; t < first + count; t++) {
      const at = row * ((plane * frames + t) as usize);
      for (let j = 0; j < many; j++) {
        const joint = load<i32>(taken + ((j as usize) << 2));
        for (let b = 0; b < bodies; b++) {
          const to = at + (((joint * bodies + b) as usize) << 2);
          store<f32>(y + to, load<f32>(partner + to));
        }
      }
    }
  }
}

/**
 * The next frame minus this one, 0 in the last. Arguments: x, y, frames, numbers of a frame. Items:
 * planes, (clips x 3).
 */
export function motion(args: usize, item: i32, _scratch: usize): void {
  const row = (load<i32>(args, 12) as usize) << 2;
  const plane = row * (load<i32>(args, 8) as usize);
  const x = load<usize>(args) + (item as usize) * plane;
  const y = load<usize>(args, 4) + (item as usize) * plane;
  const steps = plane - row;
  let at: usize = 0;
  for (; at + 16 <= steps; at += 16) {
    v128.store(y + at, f32x4.sub(v128.load(x + row + at), v128.load(x + at)));
  }
  for (; at < steps; at += 4) store<f32>(y + at, load<f32>(x + row + at) - load<f32>(x + at));
  memory.fill(y + steps, 0, row);
}

/**
 * Joints minus their parents. Arguments: x, y, parents (int32), frames of an item, joints, bodies, frames
 * in all. Items: frames of all planes, some at a time.
 */
export function bone(args: usize, item: i32, _scratch: usize): void {
  const parents = load<usize>(args, 8), length = load<i32>(args, 12);
  const joints = load<i32>(args, 16), bodies = load<i32>(args, 20);
  const row = ((joints * bodies) as usize) << 2;
  const first = item * length, last = min(load<i32>(args, 24), first + length);
  let x = load<usize>(args) + (first as usize) * row;
  let y = load<usize>(args, 4) + (first as usize) * row;
  for (let t = first; t < last; t++) {
    for (let joint = 0; joint < joints; joint++) {
      const parent = load<i32>(parents + ((joint as usize) << 2));
      for (let b = 0; b < bodies; b++) {
        const at = ((joint * bodies + b) as usize) << 2;
        store<f32>(
          y + at,
          load<f32>(x + at) - load<f32>(x + (((parent * bodies + b) as usize) << 2)),
        );
      }
    }
    x += row, y += row;
  }
}
