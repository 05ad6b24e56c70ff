/**
 * Panels of sixteen columns of scores to weights, as in {@link ./exp} of eight and number for number the same: two
 * vectors beside each other are treated alike, so that an engine may join them.
 */
import { exp, expBeside } from "./exp";

/**
 * Panel of scores (rows x 16) to weights e^(score - most), most being a number a column.
 *
 * @param most 16 numbers.
 * @param sums Receives the sums of the columns: 16 numbers.
 * @param table As `expTable` gives it.
 */
export function wideWeigh(panel: usize, rows: i32, most: usize, sums: usize, table: usize): void {
  const most0 = v128.load(most), most1 = v128.load(most, 16);
  const most2 = v128.load(most, 32), most3 = v128.load(most, 48);
  let sum0 = f32x4.splat(0), sum1 = sum0, sum2 = sum0, sum3 = sum0;
  for (const end = panel + ((rows as usize) << 6); panel < end; panel += 64) {
    const x0 = exp(f32x4.sub(v128.load(panel), most0), table);
    const x1 = expBeside(f32x4.sub(v128.load(panel, 16), most1), table);
    const x2 = exp(f32x4.sub(v128.load(panel, 32), most2), table);
    const x3 = expBeside(f32x4.sub(v128.load(panel, 48), most3), table);
    v128.store(panel, x0), v128.store(panel, x1, 16);
    v128.store(panel, x2, 32), v128.store(panel, x3, 48);
    sum0 = f32x4.add(sum0, x0), sum1 = f32x4.add(sum1, x1);
    sum2 = f32x4.add(sum2, x2), sum3 = f32x4.add(sum3, x3);
  }
  v128.store(sums, sum0), v128.store(sums, sum1, 16);
  v128.store(sums, sum2, 32), v128.store(sums, sum3, 48);
}

/** Largest number of each column of a panel (rows x 16, at least one row): 16 numbers to `most`. */
export function wideLargest(panel: usize, rows: i32, most: usize): void {
  let most0 = v128.load(panel), most1 = v128.load(panel, 16);
  let most2 = v128.load(panel, 32), most3 = v128.load(panel, 48);
  for (const end = panel + ((rows as usize) << 6); panel < end; panel += 64) {
    most0 = f32x4.pmax(most0, v128.load(panel)), most1 = f32x4.pmax(most1, v128.load(panel, 16));
    most2 = f32x4.pmax(most2, v128.load(panel, 32));
    most3 = f32x4.pmax(most3, v128.load(panel, 48));
  }
  v128.store(most, most0), v128.store(most, most1, 16);
  v128.store(most, most2, 32), v128.store(most, most3, 48);
}
