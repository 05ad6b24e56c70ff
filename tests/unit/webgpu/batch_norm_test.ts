import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { momentsOf } from "../../../stages/tensor/webgpu/moments.ts";
import * as reference from "../simd/reference/batch_norm.ts";
import { normal } from "../simd/reference/reference_op.ts";
import { gpuTest, startGpu } from "./gpu_run.ts";

gpuTest(
  "moments of columns hold their digits far from 0, whatever the matrix's shape",
  async () => {
    await startGpu();
    for (const [rows, columns] of [[2, 1], [1000, 3], [517, 16], [90, 75], [40, 520], [5000, 4]]) {
      const values = normal(rows! * columns!, rows! + columns!);
      for (let i = 0; i < values.length; i += columns!) values[i] = 1000 + values[i]!;
      const x = tf.tensor2d(values, [rows!, columns!]);
      const { parts, rows: length } = momentsOf(x, columns!);
      const found = await parts.data<"float32">();
      assertEquals(parts.shape, [Math.ceil(rows! / length), 2, columns]);
      for (let slice = 0; slice < parts.shape[0]; slice++) {
        const own = values.subarray(slice * length * columns!, (slice + 1) * length * columns!);
        reference.columnMoments(own, columns!).forEach(({ mean, variance }, c) => {
          const at = 2 * slice * columns! + c;
          const squares = variance * own.length / columns!;
          assert(Math.abs(found[at]! - mean) <= 1e-6 * (1 + Math.abs(mean)), `mean ${slice} ${c}`);
          assert(
            Math.abs(found[at + columns!]! - squares) <= 2e-5 * squares,
            `squares ${rows} ${columns} ${slice} ${c}: ${found[at + columns!]} for ${squares}`,
          );
        });
      }
      tf.dispose([x, parts]);
    }
  },
);
