import { assertEquals } from "@std/assert";
import type { SkeletonRecords } from "../../../stages/formats/skeleton_records.ts";
import { selectBodies } from "../../../stages/parse/ntu/body_selection.ts";
import { bodyTraits } from "../../../stages/parse/ntu/body_traits.ts";

/** A body of a made-up recording: from a frame up to another, how far it moves, and how wide it is. */
interface Body {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  readonly movement: number;
  readonly width?: number;
}

/** Frames list bodies in the order given. Joints stand one above the other; all move in z. */
function recording(frames: number, bodies: readonly Body[]): SkeletonRecords {
  const frameOf: number[] = [], bodyOf: number[] = [], positions: number[] = [];
  for (let frame = 0; frame < frames; frame++) {
    bodies.forEach(({ from, to, movement, width = 0.3 }, body) => {
      if (frame < from || frame >= to) return;
      frameOf.push(frame);
      bodyOf.push(body);
      for (let joint = 0; joint < 25; joint++) {
        positions.push((joint % 2) * width, joint / 24, 3 + body + movement * (frame % 2));
      }
    });
  }
  return {
    frames,
    records: frameOf.length,
    frameOf: Int32Array.from(frameOf),
    bodyOf: Int32Array.from(bodyOf),
    positions: Float32Array.from(positions),
    bodyIds: bodies.map(({ id }) => id),
    nonFiniteColumns: 0,
  };
}

/** Which body is in each slot, by frame: its number from the z of a frame of even number; -1 for none. */
function slots(positions: Float32Array, bodies: number, frame: number): number[] {
  return Array.from({ length: bodies }, (_, slot) => {
    const z = positions[(frame * bodies + slot) * 75 + 2]!;
    return z === 0 ? -1 : Math.round(z - 3);
  });
}

Deno.test("first2 takes bodies as each frame lists them", () => {
  const three = recording(4, [
    { id: "1", from: 0, to: 2, movement: 0 },
    { id: "2", from: 0, to: 4, movement: 0 },
    { id: "3", from: 0, to: 4, movement: 0 },
  ]);
  const selected = selectBodies(three, 2, "first2");
  assertEquals([slots(selected, 2, 0), slots(selected, 2, 2)], [[0, 1], [1, 2]]);
});

Deno.test("energy takes those that move most, most first, and keeps each in one slot", () => {
  const three = recording(6, [
    { id: "1", from: 0, to: 6, movement: 0.1 },
    { id: "2", from: 2, to: 6, movement: 0.9 },
    { id: "3", from: 0, to: 6, movement: 0.5 },
  ]);
  const selected = selectBodies(three, 2, "energy");
  assertEquals([slots(selected, 2, 0), slots(selected, 2, 4)], [[-1, 2], [1, 2]]);
  assertEquals(slots(selectBodies(three, 1, "energy"), 1, 4), [1]);
});

Deno.test("someone who was lost and found under another identifier stays in one slot", () => {
  const lost = recording(10, [
    { id: "1", from: 0, to: 10, movement: 0.9 },
    { id: "2", from: 0, to: 4, movement: 0.5 },
    { id: "3", from: 6, to: 10, movement: 0.4 },
  ]);
  const selected = selectBodies(lost, 2, "energy");
  assertEquals([0, 4, 6].map((frame) => slots(selected, 2, frame)), [[0, 1], [0, -1], [0, 2]]);
});

Deno.test("what is wider than people are is dropped, unless everything is", () => {
  const sofa = { id: "2", from: 0, to: 4, movement: 0.9, width: 1.5 };
  const person = { id: "1", from: 0, to: 4, movement: 0.1 };
  assertEquals(slots(selectBodies(recording(4, [person, sofa]), 2, "energy"), 2, 2), [0, -1]);
  assertEquals(slots(selectBodies(recording(4, [sofa]), 2, "energy"), 2, 2), [0, -1]);
});

Deno.test("traits count late starts, gaps, second bodies and changes of place", () => {
  const late = recording(8, [
    { id: "1", from: 2, to: 5, movement: 0 },
    { id: "2", from: 3, to: 8, movement: 0 },
    { id: "3", from: 3, to: 4, movement: 0 },
  ]);
  assertEquals(bodyTraits(late, selectBodies(late, 2, "first2"), 2), {
    ...{ valid: 6, first: 2, last: 7 },
    ...{ second: 2, most: 3, moves: 1, ids: 3 },
  });
  const gap = recording(6, [
    { id: "1", from: 0, to: 2, movement: 0 },
    { id: "2", from: 4, to: 5, movement: 0 },
  ]);
  const { valid, first, last, second, moves } = bodyTraits(gap, selectBodies(gap, 1, "first2"), 1);
  assertEquals([valid, first, last, second, moves], [3, 0, 4, 0, 0]);
});
