import { assertEquals } from "@std/assert";
import { nearestNeighbour } from "../../../stages/linear_eval/nearest_neighbour.ts";
import { topK } from "../../../stages/statistics/classification.ts";

Deno.test("nearestNeighbour() takes the class of the training clip at the largest centred cosine", () => {
  // Training means (1, 1): clips point right, up and left of it; the test clips right and left.
  const values = Float32Array.of(3, 1, 1, 3, -1, -1, 9, 2, -4, -3);
  const data = {
    features: { rows: 5, columns: 2, values },
    labels: Int32Array.of(2, 0, 1, 2, 1),
    classes: 4,
  };
  const { logits, nearest } = nearestNeighbour(data, [0, 1, 2], [3, 4]);
  assertEquals([...nearest], [0, 2]);
  assertEquals(topK({ logits, labels: [2, 1], classes: 4 }, 1), 100);
  assertEquals(logits[3], -2, "a class without training clips is last");
});
