/**
 * Cross-entropy on the `webgpu` backend: a workgroup goes twice over the classes of a clip, and keeps the
 * largest score and the sum of exponentials; shares are computed again where the gradient wants them. An
 * operation or two for each number read; a clip's scores stay in the cache for the second pass.
 *
 * @module
 */
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import type { Tape } from "../../tape.ts";
import { gpuBackend } from "../gpu_backend.ts";
import { flatGroups, kernelOf } from "../kernel_code.ts";
import { meansOfNumbers } from "../mean_of_numbers.ts";
import { joinTree, sumTree } from "../workgroup_tree.ts";

const THREADS = 32;

const SHARED = { numbers: ["rows: u32", "classes: u32"], workgroup: [THREADS] as const };

/** The row of a workgroup; one beyond the last computes the last again and writes nothing. */
const ROW = `let row = wid.y * groups.x + wid.x;
  let base = min(row, numbers.rows - 1u) * numbers.classes;`;

const eachClass = (statement: string) =>
  `for (var c = lix; c < numbers.classes; c += ${THREADS}u) { let at = base + c; ${statement} }`;

/** See the definition. */
export function crossEntropy(tape: Tape, logits: Tensor2D, oneHot: Tensor2D): Scalar {
  const [rows, classes] = logits.shape;
  const groups = flatGroups(rows, 1), numbers = [rows, classes];
  return tape.record([logits], (save) => {
    const ends = save(gpuBackend().empty([rows, 2]));
    const losses = gpuBackend().empty([rows]);
    const forward = kernelOf("cross-entropy", () => ({
      ...SHARED,
      bindings: [
        { name: "logits" },
        { name: "labels" },
        { name: "ends", type: "vec2<f32>", write: true },
        { name: "losses", write: true },
      ],
      declarations: `var<workgroup> most: array<f32, ${THREADS}>;
        var<workgroup> sums: array<f32, ${THREADS}>;
        var<workgroup> owns: array<f32, ${THREADS}>;`,
      main: `${ROW}
        var largest = logits[base];
        ${eachClass("largest = max(largest, logits[at]);")}
        most[lix] = largest;
        ${joinTree({ threads: THREADS, join: "most[a] = max(most[a], most[b]);" })}
        largest = most[0];
        var sum = 0.0;
        var own = 0.0;
        ${eachClass("let z = logits[at] - largest; sum += exp(z); own += z * labels[at];")}
        sums[lix] = sum;
        owns[lix] = own;
        ${sumTree(["sums", "owns"], THREADS)}
        if (lix == 0u && row < numbers.rows) {
          ends[row] = vec2<f32>(largest, 1.0 / sums[0]);
          losses[row] = log(sums[0]) - owns[0];
        }`,
    }));
    gpuBackend().run(forward, { tensors: [logits, oneHot, ends, losses], groups, numbers });
    const [loss] = meansOfNumbers(losses, rows, 1) as [Scalar];
    const [scores, labels] = [save(logits), save(oneHot)];
    return [loss, (dy) => {
      const dx = gpuBackend().empty([rows, classes]);
      const backward = kernelOf("cross-entropy gradient", () => ({
        ...SHARED,
        bindings: [
          { name: "logits" },
          { name: "labels" },
          { name: "ends", type: "vec2<f32>" },
          { name: "dy" },
          { name: "dx", write: true },
        ],
        main: `${ROW}
          if (row < numbers.rows) {
            let end = ends[row];
            let flow = dy[0] / f32(numbers.rows);
            ${eachClass("dx[at] = (exp(logits[at] - end.x) * end.y - labels[at]) * flow;")}
          }`,
      }));
      gpuBackend().run(backward, { tensors: [scores, labels, ends, dy, dx], groups, numbers });
      return [dx];
    }];
  });
}
