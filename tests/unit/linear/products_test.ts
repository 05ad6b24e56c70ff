import { assertAlmostEquals } from "@std/assert";
import { logitsOf, outerSum } from "../../../stages/linear/products.ts";
import { addColumnGram, rowGram } from "../../../stages/linear/gram.ts";
import { randomStream } from "../../../stages/random.ts";

function noise(length: number, seed: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(length);
  randomStream(seed, "noise").fillNormal(values);
  return values;
}

Deno.test("tiled products equal the sums they stand for, whatever is left over by the tiles", () => {
  for (const [rows, classes, columns] of [[1, 1, 1], [2, 4, 3], [5, 7, 6], [6, 9, 5], [7, 3, 8]]) {
    const [n, k, d] = [rows!, classes!, columns!];
    const x = noise(n * d, 1), weights = noise(k * d, 2), bias = noise(k, 3);
    const out = new Float64Array(n * k);
    logitsOf(x, n, weights, bias, out);
    const gradient = new Float64Array(k * d);
    outerSum(out, x, n, k, d, gradient);
    for (let r = 0; r < n; r++) {
      for (let c = 0; c < k; c++) {
        let sum = bias[c]!;
        for (let i = 0; i < d; i++) sum += x[r * d + i]! * weights[c * d + i]!;
        assertAlmostEquals(out[r * k + c]!, sum, 1e-12);
      }
    }
    for (let c = 0; c < k; c++) {
      for (let i = 0; i < d; i++) {
        let sum = 0;
        for (let r = 0; r < n; r++) sum += out[r * k + c]! * x[r * d + i]!;
        assertAlmostEquals(gradient[c * d + i]!, sum, 1e-12);
      }
    }
  }
});

Deno.test("Gram matrices equal the sums they stand for, whatever is left over by the tiles", () => {
  for (let n = 1; n <= 9; n++) {
    const d = 1 + (n * 3) % 7;
    const z = { rows: n, columns: d, values: noise(n * d, n) };
    const rows = Array.from({ length: n }, (_, i) => i);
    const columns = new Float64Array(d * d);
    addColumnGram(z, rows, columns);
    for (let i = 0; i < d; i++) {
      for (let j = i; j < d; j++) {
        let sum = 0;
        for (const r of rows) sum += z.values[r * d + i]! * z.values[r * d + j]!;
        assertAlmostEquals(columns[i * d + j]!, sum, 1e-12);
      }
    }
    const products = rowGram(z);
    for (const i of rows) {
      for (const j of rows) {
        let sum = 0;
        for (let c = 0; c < d; c++) sum += z.values[i * d + c]! * z.values[j * d + c]!;
        assertAlmostEquals(products[i * n + j]!, sum, 1e-12);
      }
    }
  }
});
