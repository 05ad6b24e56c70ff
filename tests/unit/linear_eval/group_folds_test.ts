import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { groupFolds } from "../../../stages/linear_eval/group_folds.ts";

Deno.test("groupFolds() never puts one subject on both sides, and leaves no fold empty", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(12), fc.nat(5)), { minLength: 1, maxLength: 80 }),
      fc.integer({ min: 2, max: 7 }),
      (clips, most) => {
        const subjects = clips.map(([subject]) => subject), labels = clips.map(([, l]) => l);
        const { folds, count, by } = groupFolds(subjects, labels, most);
        const several = new Set(subjects).size > 1;
        assertEquals(by, several ? "subject" : clips.length > 1 ? "clip" : "none");
        if (by === "none") return;
        assertEquals(new Set(folds).size, count);
        assert(count >= 2 && count <= most);
        if (!several) return;
        const foldOf = new Map<number, number>();
        subjects.forEach((subject, i) => {
          assertEquals(foldOf.get(subject) ?? folds[i], folds[i]);
          foldOf.set(subject, folds[i]!);
        });
      },
    ),
    { seed: 7, numRuns: 200 },
  );
});

Deno.test("groupFolds() balances the folds by their clips", () => {
  const subjects = [...Array(6).fill(1), ...Array(3).fill(2), ...Array(2).fill(3), 4];
  const { folds } = groupFolds(subjects, subjects.map(() => 0), 2);
  assertEquals([...folds].filter((fold) => fold === 0).length, 6);
});

Deno.test("groupFolds() deals the clips of a single subject so that each fold has each class", () => {
  const { folds, by } = groupFolds(Array(12).fill(9), [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1], 3);
  assertEquals(by, "clip");
  assertEquals([...folds], [0, 1, 2, 0, 1, 2, 1, 2, 0, 1, 2, 0]);
});
