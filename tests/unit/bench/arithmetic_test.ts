import { assert, assertEquals } from "@std/assert";
import {
  evaluationWork,
  meetings,
  OPERATIONS,
  stepWork,
  total,
} from "../../../stages/bench/arithmetic.ts";
import { operationOf } from "../../../stages/bench/kernel_operations.ts";
import { modelConfig } from "../../../stages/model/config.ts";
import { adjacency } from "../../../stages/model/graph.ts";

const JOINTS = 25;

/** Products of a definition, counted one by one. */
class Count {
  products = 0;

  /** Each edge of the graph takes `inner` channels of one joint to `outer` of another. */
  graph(frames: number, bodies: number, inner: number, outer: number): void {
    for (const _edge of adjacency()) {
      for (let t = 0; t < frames; t++) {
        for (let b = 0; b < bodies; b++) {
          for (let c = 0; c < inner; c++) for (let o = 0; o < outer; o++) this.products++;
        }
      }
    }
  }

  time(
    frames: number,
    bodies: number,
    inner: number,
    outer: number,
    { taps, stride }: { taps: number; stride: number },
  ): void {
    for (let t = 0; t < frames; t += stride) {
      for (let tap = 0; tap < taps; tap++) {
        const from = t + tap - (taps - 1) / 2;
        if (from >= 0 && from < frames) this.products += JOINTS * bodies * inner * outer;
      }
    }
  }
}

Deno.test("the multiply-adds of an evaluation pass are those counted one by one", () => {
  const config = modelConfig({ width: 2, hidden_dim: 5, heads: 1, queue: 6 });
  const task = { config, data: { bodies: 2, frames: 8 }, batch: 3 };
  // Inner and outer channels, frames before, stride, and whether a convolution joins the residual.
  const blocks: readonly (readonly [number, number, number, number, boolean])[] = [
    [3, 2, 8, 1, false],
    [2, 2, 8, 1, false],
    [2, 2, 8, 1, false],
    [2, 2, 8, 1, false],
    [2, 4, 8, 2, true],
    [4, 4, 4, 1, false],
    [4, 4, 4, 1, false],
    [4, 8, 4, 2, true],
    [8, 8, 2, 1, false],
    [8, 5, 2, 1, true],
  ];
  const graph = new Count(), time = new Count();
  for (const [inner, outer, frames, stride, joined] of blocks) {
    graph.graph(frames, 6, inner, outer);
    time.time(frames, 6, outer, outer, { taps: 9, stride });
    if (joined) time.time(frames, 6, inner, outer, { taps: 1, stride });
  }
  const work = evaluationWork(task);
  assertEquals(work.get("graph convolution")!.multiplyAdds, graph.products);
  assertEquals(work.get("temporal convolution")!.multiplyAdds, time.products);
  assertEquals(total(work).multiplyAdds, graph.products + time.products);

  // A step: three passes forward, and two of them backward by input and by kernel.
  const step = stepWork(task);
  const edges = blocks.reduce((sum, [inner, outer]) => sum + 73 * inner * outer, 0);
  assertEquals(step.get("graph convolution")!.multiplyAdds, 7 * graph.products + 2 * edges);
  assertEquals(step.get("temporal convolution")!.multiplyAdds, 7 * time.products);
  // Six bodies of 50 tokens: scores and sums of values, and two gradients of each.
  assertEquals(step.get("attention")!.multiplyAdds, 6 * 6 * 50 * 50 * 5);
  // Features of 128: q, k, v and the last layer, thrice; 3 projections learn, 4 do not; 3 predictions
  // learn and one does not.
  const layer = 5 * (5 + 128), prediction = 2 * 5 * 128;
  assertEquals(
    step.get("dense layers")!.multiplyAdds,
    3 * 6 * 50 * 5 * 20 + 3 * (9 + 4) * layer + 3 * (9 + 1) * prediction,
  );
  // Three losses of three clips against a key and a queue of six, two of them against another part.
  assertEquals(step.get("contrastive loss")!.multiplyAdds, 2 * 3 * 128 * (7 + 8 + 8));
});

Deno.test("taps count where frames exist", () => {
  assertEquals(meetings(1, 9, 1), 1);
  assertEquals(meetings(64, 1, 2), 32);
  assertEquals(meetings(5, 9, 1), 25);
  assertEquals(meetings(64, 9, 1), 64 * 9 - 20);
});

Deno.test("work grows with the batch, and a step is more than three passes", () => {
  const config = modelConfig({ width: 4, hidden_dim: 16, queue: 8 });
  const task = (batch: number) => ({ config, data: { bodies: 1, frames: 16 }, batch });
  const [two, four] = [2, 4].map((batch) => total(evaluationWork(task(batch))));
  assertEquals([four!.multiplyAdds, four!.bytes], [2 * two!.multiplyAdds, 2 * two!.bytes]);
  const step = stepWork(task(2));
  assert(total(step).multiplyAdds > 3 * two!.multiplyAdds);
  assert(total(step).bytes > 3 * two!.bytes);
  assertEquals([...step.keys()].sort(), [...OPERATIONS].sort());
});

Deno.test("every kernel that a model runs belongs to an operation", async () => {
  const text = await Deno.readTextFile(
    new URL("../../../stages/tensor/simd/assembly/kernels.ts", import.meta.url),
  );
  const kernels = [...text.matchAll(/export \{([^}]*)\}/g)].flatMap(([, names]) =>
    names!.split(",").map((name) => name.trim().split(" as ").at(-1)!).filter((name) => name !== "")
  );
  assert(kernels.length > 40);
  const none = kernels.filter((kernel) => operationOf(kernel) === undefined);
  assertEquals(none.sort(), ["augmentView", "bone", "motion", "swapParts", "trap"]);
});
