import { assert, assertEquals, assertThrows } from "@std/assert";
import { BONE_PARENTS, INWARD_EDGES } from "../../../stages/skeleton/bones.ts";
import {
  CENTRE_JOINT,
  JOINT_NAMES,
  JOINTS,
  LEFT_SHOULDER,
  RIGHT_SHOULDER,
} from "../../../stages/skeleton/joints.ts";
import { BODY_PARTS, jointsOfParts } from "../../../stages/skeleton/parts.ts";

// Method section 3.3, 1-based, as it stands there.
const BONES_1_BASED =
  "(1,2)(2,21)(3,21)(4,3)(5,21)(6,5)(7,6)(8,7)(9,21)(10,9)(11,10)(12,11)(13,1)(14,13)(15,14)" +
  "(16,15)(17,1)(18,17)(19,18)(20,19)(21,21)(22,23)(23,8)(24,25)(25,12)";

Deno.test("the 25 joints have 25 names", () => {
  assertEquals(JOINTS, 25);
  assertEquals(new Set(JOINT_NAMES).size, 25);
  assertEquals(JOINT_NAMES[CENTRE_JOINT], "spine shoulder");
  assertEquals(JOINT_NAMES[LEFT_SHOULDER], "left shoulder");
  assertEquals(JOINT_NAMES[RIGHT_SHOULDER], "right shoulder");
});

Deno.test("the five parts cover every joint exactly once, with 5, 6, 6, 4 and 4 joints", () => {
  assertEquals(BODY_PARTS.map((part) => part.joints.length), [5, 6, 6, 4, 4]);
  assertEquals(jointsOfParts([4, 0, 3, 1, 2]), Array.from({ length: 25 }, (_, joint) => joint));
});

Deno.test("each part is of one side: its joints' names say so", () => {
  for (const { name, joints } of BODY_PARTS.slice(1)) {
    const side = name.split(" ")[0]!;
    for (const joint of joints) assert(JOINT_NAMES[joint]!.startsWith(side), `${name}: ${joint}`);
  }
});

Deno.test("jointsOfParts() is sorted and refuses a part that is none", () => {
  assertEquals(jointsOfParts([3, 0]), [0, 1, 2, 3, 16, 17, 18, 19, 20]);
  assertThrows(() => jointsOfParts([5]), RangeError, "from 0 to 4");
});

Deno.test("the bones are the method's pairs", () => {
  const pairs = [...BONES_1_BASED.matchAll(/\((\d+),(\d+)\)/g)]
    .map(([, child, parent]) => [Number(child) - 1, Number(parent) - 1]);
  assertEquals(pairs.length, 25);
  assertEquals(BONE_PARENTS.map((parent, child) => [child, parent]), pairs);
  assertEquals(INWARD_EDGES.map((edge) => [...edge]), pairs.filter(([a, b]) => a !== b));
});

Deno.test("every joint's parents lead to the spine at shoulder level: a tree of 24 bones", () => {
  assertEquals(INWARD_EDGES.length, 24);
  for (let joint = 0; joint < JOINTS; joint++) {
    let at = joint;
    for (let steps = 0; at !== CENTRE_JOINT; steps++) {
      assert(steps < JOINTS, `joint ${joint} is on a cycle`);
      at = BONE_PARENTS[at]!;
    }
  }
});
