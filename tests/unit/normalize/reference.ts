/**
 * The normalisation once more, in float64 on nested arrays, written from the formulas in the
 * documentation without a look at the stage's code.
 *
 * @module
 */

/** [frame][body][joint][x, y, z]. */
export type RawClip = readonly (readonly (readonly (readonly number[])[])[])[];

/** What is chosen, by the names of the stage's parameters. */
export interface Choice {
  readonly centre: string;
  readonly resize: string;
  readonly yRotation: string;
  readonly frames: number;
}

type Body = readonly (readonly number[])[];

const isThere = (body: Body) => body.some((joint) => joint.some((x) => x !== 0));
const minus = (body: Body, origin: readonly number[]) =>
  body.map((joint) => joint.map((x, c) => x - origin[c]!));

const JOINT_OF: Readonly<Record<string, number>> = {
  ownSpineShoulder: 20,
  ownSpineBase: 0,
  firstSpineMid: 1,
  firstSpineBase: 0,
  startSpineMid: 1,
  startSpineBase: 0,
};

function centred(raw: RawClip, how: string): RawClip | undefined {
  if (how === "none") return raw;
  const joint = JOINT_OF[how]!;
  if (how.startsWith("own")) {
    return raw.map((frame) => frame.map((body) => minus(body, body[joint]!)));
  }
  const withFirst = raw.flatMap((frame, t) => isThere(frame[0]!) ? [t] : []);
  if (withFirst.length === 0) return undefined;
  return raw.map((frame, t) => {
    const before = how.startsWith("start") ? undefined : withFirst.findLast((s) => s <= t);
    const origin = raw[before ?? withFirst[0]!]![0]![joint]!;
    return frame.map((body) => isThere(body) ? minus(body, origin) : body);
  });
}

function atTime(x: RawClip, position: number): RawClip[number] {
  const clamped = Math.min(Math.max(position, 0), x.length - 1);
  const i = Math.floor(clamped);
  const w = clamped - i;
  const next = x[Math.min(i + 1, x.length - 1)]!;
  return x[i]!.map((body, m) =>
    body.map((joint, v) => joint.map((value, c) => value * (1 - w) + next[m]![v]![c]! * w))
  );
}

function sized(raw: RawClip, original: RawClip, how: string, T: number): RawClip | undefined {
  let x: RawClip;
  if (how === "linearPrefix") {
    const count = original.filter((frame) => frame[0]![0]!.some((value) => value !== 0)).length;
    x = raw.slice(0, count);
  } else {
    const there = original.map((frame) => frame.some(isThere));
    x = raw.slice(Math.max(0, there.indexOf(true)), there.lastIndexOf(true) + 1);
  }
  const L = x.length;
  if (L === 0) return undefined;
  const empty = x[0]!.map((body) => body.map(() => [0, 0, 0]));
  return Array.from({ length: T }, (_, d) => {
    switch (how) {
      case "nearest":
        return x[Math.floor((d + 0.5) * L / T)]!;
      case "centreCrop":
        return x[d + (L >= T ? Math.floor((L - T) / 2) : 0)] ?? empty;
      case "pad":
        return x[d] ?? empty;
      case "loop":
        return x[d % L]!;
      default:
        return atTime(x, (d + 0.5) * L / T - 0.5);
    }
  });
}

function turned(clip: RawClip, how: string): RawClip {
  const line = (body: Body) => [body[8]![0]! - body[4]![0]!, body[8]![2]! - body[4]![2]!] as const;
  const signed = (body: Body) => {
    const [x, z] = line(body);
    return Math.atan2(z, x);
  };
  const firstBody = clip.flat().find(isThere);
  const angle = (body: Body, m: number): number => {
    if (how === "atan2") return -signed(body);
    if (how === "firstFrame") return firstBody === undefined ? 0 : -signed(firstBody);
    const [x, z] = line(body);
    const phi = Math.acos(x / (Math.hypot(x, z) + 1e-4));
    const sum = clip.reduce((total, frame) => total + line(frame[m]!)[1], 0);
    return sum >= 0 ? -phi : phi;
  };
  if (how === "none") return clip;
  return clip.map((frame) =>
    frame.map((body, m) => {
      const theta = angle(body, m);
      return body.map(([x, y, z]) => [
        Math.cos(theta) * x! - Math.sin(theta) * z!,
        y!,
        Math.sin(theta) * x! + Math.cos(theta) * z!,
      ]);
    })
  );
}

/** The clip as [T][body][joint][x, y, z], or undefined where there is nothing to normalise. */
export function normalizeReference(raw: RawClip, choice: Choice): RawClip | undefined {
  const moved = centred(raw, choice.centre);
  const clip = moved && sized(moved, raw, choice.resize, choice.frames);
  return clip && turned(clip, choice.yRotation);
}
