import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { BatchProducts } from "../../../stages/linear_eval/batch_products.ts";
import { addColumnGram, rowGram } from "../../../stages/linear_eval/gram.ts";
import { randomStream } from "../../../stages/random.ts";

function noise(length: number, seed: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(length);
  randomStream(seed, "noise").fillNormal(values);
  return values;
}

/** Both products as plain loops, and as bytes, since the order of every sum is that of its terms. */
function assertProducts(n: number, k: number, d: number, rows: number): void {
  const x = noise(n * d, 1), weights = noise(k * d, 2), bias = noise(k, 3);
  const products = new BatchProducts({ rows: n, classes: k, columns: d });
  const { errors, stride, gradient, gradientStride } = products;
  // Twice, the second time over what the first has left.
  for (let round = 0; round < 2; round++) {
    products.setWeights(weights);
    for (let r = 0; r < n; r++) products.setRow(r, x, r * d);
    products.logits(rows, bias);
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < k; c++) {
        let sum = bias[c]!;
        for (let i = 0; i < d; i++) sum += x[r * d + i]! * weights[c * d + i]!;
        assertEquals(errors[r * stride + c], sum);
      }
    }
    products.logits(n, bias);
    products.outerSum();
    for (let c = 0; c < k; c++) {
      for (let i = 0; i < d; i++) {
        let sum = 0;
        for (let r = 0; r < n; r++) sum += errors[r * stride + c]! * x[r * d + i]!;
        assertEquals(gradient[c * gradientStride + i], sum);
      }
    }
  }
  assert(stride >= k && gradientStride >= d);
}

Deno.test("products of a batch are to the bit the sums they stand for, whatever is left over by the tiles", () => {
  for (let n = 1; n <= 9; n++) {
    assertProducts(n, 1 + (n * 5) % 11, 1 + (n * 3) % 7, 1 + (n * 2) % n);
  }
  assertProducts(128, 60, 256, 100);
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
