import { assertAlmostEquals, assertEquals } from "@std/assert";
import { JOINTS } from "../../../stages/skeleton/joints.ts";
import { BONE_PARENTS } from "../../../stages/skeleton/bones.ts";
import type { Motion } from "../../../stages/synth/body.ts";
import { seenBy } from "../../../stages/synth/camera.ts";
import { recordingNames } from "../../../stages/synth/cast.ts";
import { Studio } from "../../../stages/synth/studio.ts";
import { smallParams } from "./small_data_set.ts";

/** Joints whose graph parent is not the joint they hang on: thumbs and tips part from hands. */
const TIPS = [21, 23];

function boneLengths({ positions }: Motion, frame: number): number[] {
  return BONE_PARENTS.flatMap((parent, joint) => {
    if (TIPS.includes(joint) || parent === joint) return [];
    const a = (frame * JOINTS + joint) * 3;
    const b = (frame * JOINTS + parent) * 3;
    return [Math.hypot(...[0, 1, 2].map((i) => positions[a + i]! - positions[b + i]!))];
  });
}

Deno.test("a performer's bones keep their length, in all frames, setups and cameras", () => {
  const studio = new Studio(smallParams({ setups: 2 }));
  const lengths = new Map<number, number[]>();
  for (const name of recordingNames(smallParams({ setups: 2 }))) {
    const [motion] = studio.performance(name) as [Motion];
    const camera = studio.cameras.find((one) =>
      one.setup === name.setup && one.camera === name.camera
    )!;
    const seen = seenBy(camera, motion);
    const known = lengths.get(name.performer) ?? boneLengths(motion, 0);
    lengths.set(name.performer, known);
    for (const frame of [0, motion.frames - 1]) {
      for (const found of [boneLengths(motion, frame), boneLengths(seen, frame)]) {
        found.forEach((length, i) => assertAlmostEquals(length, known[i]!, 1e-9));
      }
    }
  }
  const [one, other] = [...lengths.values()];
  assertEquals(one!.some((length, i) => Math.abs(length - other![i]!) > 0.01), true);
});

Deno.test("bodies stand on the floor and people of a two-body action stand apart", () => {
  const params = smallParams({ two_body: 1 });
  const studio = new Studio(params);
  for (const name of recordingNames(params)) {
    const people = studio.performance(name);
    assertEquals(people.length, 2);
    for (const { positions, frames } of people) {
      for (let frame = 0; frame < frames; frame++) {
        const heights = Array.from({ length: 25 }, (_, j) => positions[(frame * 25 + j) * 3 + 1]!);
        assertAlmostEquals(Math.min(...heights), 0, 1e-12);
        assertEquals(Math.max(...heights) > 1 && Math.max(...heights) < 2.6, true);
      }
    }
    const [a, b] = people as [Motion, Motion];
    const gap = Math.hypot(
      a.positions[0]! - b.positions[0]!,
      a.positions[2]! - b.positions[2]!,
    );
    assertEquals(gap > 0.3 && gap < 2.2, true, String(gap));
  }
});

Deno.test("the camera that is faced sees the right hand at larger x, and the person in view", () => {
  const params = smallParams({ nuisance: 0, two_body: 0, replications: 2 });
  const studio = new Studio(params);
  for (const name of recordingNames(params)) {
    if (name.camera !== (name.replication % 2 === 1 ? 2 : 3)) continue;
    const camera = studio.cameras.find((one) => one.camera === name.camera)!;
    const { positions, frames } = seenBy(camera, studio.performance(name)[0]!);
    for (let frame = 0; frame < frames; frame++) {
      const x = (joint: number) => positions[(frame * 25 + joint) * 3]!;
      const z = (joint: number) => positions[(frame * 25 + joint) * 3 + 2]!;
      assertEquals(x(8) - x(4) > 0.25, true);
      assertEquals(Math.abs(z(8) - z(4)) < 0.15, true);
      assertEquals(z(0) > 2 && z(0) < 5, true);
    }
  }
});

Deno.test("cameras of a setup film one performance: shapes agree after turning", () => {
  const params = smallParams();
  const studio = new Studio(params);
  const name = { setup: 1, performer: 1, replication: 1, action: 1 };
  const [motion] = studio.performance(name) as [Motion];
  const views = studio.cameras.map((camera) => seenBy(camera, motion));
  const distance = ({ positions }: Motion, i: number, j: number) =>
    Math.hypot(...[0, 1, 2].map((k) => positions[i * 3 + k]! - positions[j * 3 + k]!));
  for (const [i, j] of [[3, 15], [7, 11], [30, 200]] as const) {
    for (const view of views) {
      assertAlmostEquals(distance(view, i, j), distance(motion, i, j), 1e-9);
    }
  }
  assertEquals(Math.abs(views[0]!.positions[0]! - views[1]!.positions[0]!) > 0.01, true);
});
