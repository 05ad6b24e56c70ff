// deno-fmt-ignore-file: it would drop the decorators of functions
/**
 * The exponential function of four numbers at a time: x = n ln 2 + r with |r| <= ln 2 / 2, e^r by a
 * polynomial of degree six (3e-9 off, relatively, before rounding), 2^n by adding to the exponent's bits.
 */
import { madd } from "./madd";

/** Below, e^x is that of this number, 1.6e-38: the last one that is sure to be a normal number. */
const LEAST: f32 = -87;
const LOG2_E: f32 = 1.4426950408889634;
/** Adding it rounds to a whole number, which is then in the lowest bits. */
const ROUNDER: f32 = 12582912;
/** ln 2 in two parts: the first has so few bits that its products with n are exact. */
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.12194440054690581e-4;
const C2: f32 = 0.4999999403953552;
const C3: f32 = 0.1666652113199234;
const C4: f32 = 0.04166838899254799;
const C5: f32 = 0.00836874544620514;
const C6: f32 = 0.0013814540579915047;

/** Bytes of a thread's scratch, behind which there is room for a table; as in `kernel_pool.ts`. */
const SCRATCH_BYTES: usize = 1 << 22;

/**
 * Writes the table that {@link exp} reads, behind the thread's scratch. Numbers loaded from it cost one
 * instruction; constants in the code are put together anew at every use, which takes twice as long as the
 * arithmetic.
 */
export function expTable(scratch: usize): usize {
  const table = scratch + SCRATCH_BYTES;
  fill(table, LEAST);
  fill(table + 32, LOG2_E);
  fill(table + 64, ROUNDER);
  fill(table + 96, -LN2_HIGH);
  fill(table + 128, -LN2_LOW);
  fill(table + 160, C6);
  fill(table + 192, C5);
  fill(table + 224, C4);
  fill(table + 256, C3);
  fill(table + 288, C2);
  fill(table + 320, 1);
  return table;
}

/** Eight times the same number. */
function fill(to: usize, value: f32): void {
  v128.store(to, f32x4.splat(value));
  v128.store(to, f32x4.splat(value), 16);
}

/** e^x for x up to 88. */
@inline
export function exp(x: v128, table: usize): v128 {
  const at = f32x4.pmax(x, v128.load(table));
  const rounded = madd(at, v128.load(table, 32), v128.load(table, 64));
  const n = f32x4.sub(rounded, v128.load(table, 64));
  const r = madd(n, v128.load(table, 128), madd(n, v128.load(table, 96), at));
  let y = madd(r, v128.load(table, 160), v128.load(table, 192));
  y = madd(y, r, v128.load(table, 224));
  y = madd(y, r, v128.load(table, 256));
  y = madd(y, r, v128.load(table, 288));
  y = madd(y, r, v128.load(table, 320));
  y = madd(y, r, v128.load(table, 320));
  return i32x4.add(y, i32x4.shl(rounded, 23));
}

/** {@link exp} for the upper of two vectors, by the table's upper halves: an engine may join the two. */
@inline
export function expBeside(x: v128, table: usize): v128 {
  const at = f32x4.pmax(x, v128.load(table, 16));
  const rounded = madd(at, v128.load(table, 48), v128.load(table, 80));
  const n = f32x4.sub(rounded, v128.load(table, 80));
  const r = madd(n, v128.load(table, 144), madd(n, v128.load(table, 112), at));
  let y = madd(r, v128.load(table, 176), v128.load(table, 208));
  y = madd(y, r, v128.load(table, 240));
  y = madd(y, r, v128.load(table, 272));
  y = madd(y, r, v128.load(table, 304));
  y = madd(y, r, v128.load(table, 336));
  y = madd(y, r, v128.load(table, 336));
  return i32x4.add(y, i32x4.shl(rounded, 23));
}

/** Numbers in an item of {@link exps}. */
const CHUNK: i32 = 16384;

/** y[i] = e^x[i], for x up to 88. Arguments: x, y (both with room for whole vectors at the end), size. */
export function exps(args: usize, item: i32, scratch: usize): void {
  const table = expTable(scratch);
  const from = item * CHUNK;
  const count = min(CHUNK, load<i32>(args, 8) - from);
  const x = load<usize>(args) + ((from as usize) << 2);
  const y = load<usize>(args, 4) + ((from as usize) << 2);
  for (let at: usize = 0; at < ((count as usize) << 2); at += 16) {
    v128.store(y + at, exp(v128.load(x + at), table));
  }
}

/**
 * Panel of scores (rows x 8) to weights e^(score - most), most being a number a column.
 *
 * @param most 8 numbers.
 * @param sums Receives the sums of the columns: 8 numbers.
 * @param table As {@link expTable} gives it.
 */
export function weigh(panel: usize, rows: i32, most: usize, sums: usize, table: usize): void {
  const most0 = v128.load(most), most1 = v128.load(most, 16);
  let even0 = f32x4.splat(0), even1 = even0, odd0 = even0, odd1 = even0;
  let i = 0;
  for (; i + 2 <= rows; i += 2) {
    const x0 = exp(f32x4.sub(v128.load(panel), most0), table);
    const x1 = exp(f32x4.sub(v128.load(panel, 16), most1), table);
    const x2 = exp(f32x4.sub(v128.load(panel, 32), most0), table);
    const x3 = exp(f32x4.sub(v128.load(panel, 48), most1), table);
    v128.store(panel, x0), v128.store(panel, x1, 16);
    v128.store(panel, x2, 32), v128.store(panel, x3, 48);
    even0 = f32x4.add(even0, x0), even1 = f32x4.add(even1, x1);
    odd0 = f32x4.add(odd0, x2), odd1 = f32x4.add(odd1, x3);
    panel += 64;
  }
  if (i < rows) {
    const x0 = exp(f32x4.sub(v128.load(panel), most0), table);
    const x1 = exp(f32x4.sub(v128.load(panel, 16), most1), table);
    v128.store(panel, x0), v128.store(panel, x1, 16);
    even0 = f32x4.add(even0, x0), even1 = f32x4.add(even1, x1);
  }
  v128.store(sums, f32x4.add(even0, odd0)), v128.store(sums, f32x4.add(even1, odd1), 16);
}

/** Largest number of each column of a panel (rows x 8, at least one row): 8 numbers to `most`. */
export function largest(panel: usize, rows: i32, most: usize): void {
  let most0 = v128.load(panel), most1 = v128.load(panel, 16);
  for (let i = 1; i < rows; i++) {
    panel += 32;
    most0 = f32x4.pmax(most0, v128.load(panel)), most1 = f32x4.pmax(most1, v128.load(panel, 16));
  }
  v128.store(most, most0), v128.store(most, most1, 16);
}
