import { assertEquals } from "@std/assert";
import { mutualClasses } from "../../../stages/skeleton/mutual_classes.ts";
import { PKU_CLASS_NAMES } from "../../../stages/parse/pku/pku_class_names.ts";

Deno.test("NTU 60 has eleven classes of two people, NTU 120 twenty-six, Northwestern-UCLA none", () => {
  const ntu60 = mutualClasses({ dataset: "ntu", classes: 60 })!;
  assertEquals([ntu60.length, ntu60[0], ntu60.at(-1)], [11, 49, 59]);
  const ntu120 = mutualClasses({ dataset: "ntu", classes: 120 })!;
  assertEquals([ntu120.length, ntu120[11], ntu120.at(-1)], [26, 105, 119]);
  assertEquals(mutualClasses({ dataset: "nw_ucla", classes: 10 }), undefined);
  assertEquals(mutualClasses({ dataset: "ntu", classes: 20 }), undefined, "too few to have any");
});

Deno.test("PKU-MMD's classes of two people are those whose names speak of another person", () => {
  assertEquals(
    mutualClasses({ dataset: "pku", classes: 51 })!.map((label) => PKU_CLASS_NAMES[label]),
    PKU_CLASS_NAMES.filter((name) => /another|shake hands/.test(name)),
  );
});

Deno.test("synthetic recordings state their own, whatever data set's form they have", () => {
  assertEquals(
    mutualClasses({ dataset: "ntu", classes: 60, synthetic: true, mutual: [3, 5] }),
    [3, 5],
  );
  assertEquals(mutualClasses({ dataset: "ntu", classes: 60, synthetic: true }), undefined);
  const all = { dataset: "ntu", classes: 2, synthetic: true, mutual: [0, 1] } as const;
  assertEquals(mutualClasses(all), undefined, "one kind of classes alone says nothing");
});
