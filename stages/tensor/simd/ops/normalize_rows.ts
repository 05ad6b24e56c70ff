/**
 * Rows of length 1, see {@link ../../ops/info_nce.ts}: so few numbers that they are worked out here, in
 * double precision.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import type { Tape } from "../../tape.ts";

/** v / max(|v|, 1e-12), row by row. */
export function normalizeRows(tape: Tape, x: Tensor2D): Tensor2D {
  const [rows, width] = x.shape;
  return tape.record([x], (save) => {
    const from = x.dataSync(), to = new Float32Array(from.length);
    const inverse = new Float64Array(rows);
    for (let i = 0; i < rows; i++) {
      let square = 0;
      for (let f = i * width; f < (i + 1) * width; f++) square += from[f]! ** 2;
      inverse[i] = 1 / Math.max(Math.sqrt(square), 1e-12);
      for (let f = i * width; f < (i + 1) * width; f++) to[f] = from[f]! * inverse[i]!;
    }
    const y = save(tf.tensor2d(to, x.shape));
    return [y, (dy) => {
      const unit = y.dataSync(), flow = dy.dataSync();
      const dx = new Float32Array(unit.length);
      for (let i = 0; i < rows; i++) {
        let along = 0;
        for (let f = i * width; f < (i + 1) * width; f++) along += flow[f]! * unit[f]!;
        for (let f = i * width; f < (i + 1) * width; f++) {
          dx[f] = (flow[f]! - along * unit[f]!) * inverse[i]!;
        }
      }
      return [tf.tensor2d(dx, x.shape)];
    }];
  });
}
