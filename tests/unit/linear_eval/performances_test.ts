import { assertEquals } from "@std/assert";
import { countTwins, performances } from "../../../stages/linear_eval/performances.ts";

/** Two performances from three cameras, a third from one, in columns. */
const FILMED = {
  labels: [0, 0, 0, 1, 1, 1, 1],
  subjects: [1, 1, 1, 1, 1, 1, 2],
  cameras: [1, 2, 3, 1, 2, 3, 1],
  setups: [0, 0, 0, 0, 0, 0, 0],
  replications: [4, 4, 4, 4, 4, 4, 4],
};

Deno.test("clips of one class, subject, setup and replication are one performance", () => {
  assertEquals(performances(FILMED), Int32Array.of(0, 0, 0, 1, 1, 1, 2));
});

Deno.test("performances are unknown where one camera has two clips of one, or nothing was filmed twice", () => {
  assertEquals(performances({ ...FILMED, cameras: [1, 2, 2, 1, 2, 3, 1] }), undefined);
  assertEquals(performances({ ...FILMED, subjects: [1, 2, 3, 4, 5, 6, 7] }), undefined);
  const none = [0, 0, 0, 0, 0, 0, 0];
  assertEquals(performances({ ...FILMED, cameras: none, replications: none }), undefined);
});

Deno.test("a twin is the test clip's own performance in training", () => {
  const of = performances(FILMED)!;
  // Clip 2's neighbour is its twin 0, clip 5's is of another class, clip 6 has no twin.
  assertEquals(countTwins(of, [0, 1, 3, 4], [2, 5, 6], [0, 1, 3]), { twins: 1, possible: 2 });
});
