import { assertEquals } from "@std/assert";
import { BODY_PARTS } from "../../../stages/skeleton/parts.ts";
import { recordingNames } from "../../../stages/synth/cast.ts";
import { Studio } from "../../../stages/synth/studio.ts";
import { makeFiles, smallParams } from "./small_data_set.ts";

type Vector = readonly [number, number, number];

const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const dot = (a: Vector, b: Vector) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
const unit = (a: Vector): Vector => a.map((x) => x / Math.hypot(...a)) as unknown as Vector;

/** Axes fixed to the body: along `right`, then as near to `up` as a right angle allows. */
function axes(right: Vector, up: Vector): readonly [Vector, Vector, Vector] {
  const x = unit(right);
  const z = unit(cross(x, up));
  return [x, cross(z, x), z];
}

/**
 * How much each part moves by itself: the variance over time of its joints' positions, in axes fixed
 * to the chest for arms and to the hips for legs and trunk, from the joint where the part begins.
 */
function motionEnergy(positions: Float32Array, frames: number): number[] {
  const sums = BODY_PARTS.map(({ joints }) => new Float64Array(joints.length * 3));
  const squares = sums.map((sum) => sum.slice());
  let counted = 0;
  for (let frame = 0; frame < frames; frame++) {
    const joint = (j: number) =>
      [0, 1, 2].map((i) => positions[(frame * 2 * 25 + j) * 3 + i]!) as unknown as Vector;
    if (joint(0).every((value) => value === 0)) continue;
    counted++;
    const chest = axes(minus(joint(8), joint(4)), minus(joint(20), joint(1)));
    const hips = axes(minus(joint(16), joint(12)), [0, 1, 0]);
    BODY_PARTS.forEach(({ name, joints }, part) => {
      const frameAxes = name.endsWith("arm") ? chest : hips;
      const begin = joint(name === "trunk" ? 0 : joints[0]!);
      joints.forEach((j, at) =>
        frameAxes.forEach((axis, i) => {
          const value = dot(minus(joint(j), begin), axis);
          sums[part]![at * 3 + i]! += value;
          squares[part]![at * 3 + i]! += value * value;
        })
      );
    });
  }
  return sums.map((sum, part) =>
    sum.reduce((total, s, i) => total + squares[part]![i]! / counted - (s / counted) ** 2, 0) /
    (sum.length / 3)
  );
}

Deno.test("the parts that truth.json names are those that are seen to move", () => {
  const params = smallParams({
    actions: 24,
    performers: 4,
    cameras: 1,
    replications: 2,
    frames: [90, 120],
    two_body: 0,
    passers_by: 0,
    noise: 0.002,
    nuisance: 0.5,
  });
  const studio = new Studio(params);
  const energies = studio.actions.map(() => BODY_PARTS.map(() => 0));
  const clips = recordingNames(params).length / params.actions;
  for (const { name, clip } of makeFiles(params, studio)) {
    motionEnergy(clip.positions, clip.frames).forEach((energy, part) => {
      energies[name.action - 1]![part]! += energy / clips;
    });
  }
  // Trunks are short: their joints move less for the same angle.
  const scale = BODY_PARTS.map(({ name }) => name === "trunk" ? 3 : 1);
  for (const [i, action] of studio.actions.entries()) {
    const weighed = energies[i]!.map((energy, part) => energy * scale[part]!);
    const moving = BODY_PARTS.map(({ name }) => action.parts.includes(name));
    const least = Math.min(...weighed.filter((_, part) => moving[part]));
    const most = Math.max(...weighed.filter((_, part) => !moving[part]));
    assertEquals(least > 1.5 * most, true, `${action.name}: ${weighed.map((e) => e.toFixed(5))}`);
  }
});
