import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  chance,
  classAccuracies,
  confusionMatrix,
  predictedClass,
  rankOfTruth,
  topK,
} from "../../../stages/statistics/classification.ts";

const predictions = {
  classes: 3,
  labels: [0, 1, 2, 2],
  logits: Float32Array.of(
    ...[3, 1, 2], // right
    ...[5, 4, 4], // truth 1 is second: it shares its logit with a larger class
    ...[1, 1, 0], // truth 2 is last
    ...[0, 7, 8], // right
  ),
};

Deno.test("rankOfTruth() counts the classes before the true one, smaller classes first in a tie", () => {
  assertEquals([0, 1, 2, 3].map((i) => rankOfTruth(predictions, i)), [0, 1, 2, 0]);
  const tie = { classes: 3, labels: [2, 0], logits: Float32Array.of(1, 1, 1, 1, 1, 1) };
  assertEquals([rankOfTruth(tie, 0), rankOfTruth(tie, 1)], [2, 0]);
});

Deno.test("rankOfTruth() and predictedClass() agree on what is right", () => {
  for (let i = 0; i < 4; i++) {
    const right = predictedClass(predictions, i) === predictions.labels[i];
    assertEquals(rankOfTruth(predictions, i) === 0, right);
  }
});

Deno.test("logits that are no numbers score nothing", () => {
  const diverged = { classes: 2, labels: [0, 1], logits: Float32Array.of(NaN, NaN, NaN, 1) };
  assertEquals(topK(diverged, 1), 0);
});

Deno.test("topK() grows with k and is 100 % with all classes", () => {
  assertEquals([1, 2, 3].map((k) => topK(predictions, k)), [50, 75, 100]);
  assertThrows(() => topK({ ...predictions, labels: [] }, 1), RangeError);
});

Deno.test("confusionMatrix() has true classes as rows; its diagonal gives the class accuracies", () => {
  const confusion = confusionMatrix(predictions);
  assertEquals([...confusion], [1, 0, 0, 1, 0, 0, 1, 0, 1]);
  assertEquals(classAccuracies(confusion, 3), [100, 0, 50]);
  assertEquals(classAccuracies(Int32Array.of(0, 0, 0, 4), 2), [null, 100]);
});

Deno.test("chance() counts the classes that occur and the most frequent one", () => {
  const { classes, uniform, majority, uniform_top5 } = chance([0, 0, 0, 4, 7, 7, 9, 9, 1, 2]);
  assertEquals(classes, 6);
  assertAlmostEquals(uniform, 100 / 6, 1e-12);
  assertAlmostEquals(majority, 30, 1e-12);
  assertAlmostEquals(uniform_top5, 500 / 6, 1e-12);
  assertEquals(chance([3, 3]).uniform_top5, 100);
});
