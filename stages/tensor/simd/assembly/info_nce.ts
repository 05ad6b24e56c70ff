/**
 * Contrastive scores against a queue, some rows of it an item: as panels of the item's rows by eight
 * queries, so that the scores of the whole queue are never held.
 */
import { expTable, largest, weigh } from "./exp";
import { packColumns } from "./pack";
import { columnsByPanel, rowsByPanel } from "./tile";

/**
 * Of each query's scores q Q_j / tau against the item's rows: the largest, the sum of e^(score - largest)
 * and the sum.
 *
 * Arguments: q (N x F), queue (K x F), out (items, 3, N up to a multiple of 8), N, F, K, tau (f32), rows
 * of an item (a multiple of 4), memory to work in (0: scratch) and its bytes for an item.
 */
export function infoNceScores(args: usize, item: i32, scratch: usize): void {
  const N = load<i32>(args, 12), length = load<i32>(args, 28);
  const rows = min(length, load<i32>(args, 20) - item * length);
  const padded = (N + 7) & ~7;
  const panel = scores(args, item, scratch), table = expTable(scratch);
  let out = load<usize>(args, 8) + numbers(3 * item * padded);
  for (let i = 0; i < padded; i += 8) {
    const from = panel + numbers(i * length), second = out + numbers(padded);
    let total0 = f32x4.splat(0), total1 = total0;
    for (let at = from, end = from + ((rows as usize) << 5); at < end; at += 32) {
      total0 = f32x4.add(total0, v128.load(at)), total1 = f32x4.add(total1, v128.load(at, 16));
    }
    largest(from, rows, out);
    weigh(from, rows, out, second, table);
    v128.store(second + numbers(padded), total0), v128.store(second + numbers(padded), total1, 16);
    out += 32;
  }
}

/**
 * Sum over the item's rows of e^(score - most) Q_j, for each query.
 *
 * Arguments: q, queue, parts (items, N up to a multiple of 8, F up to a multiple of 8), N, F, K, tau (f32),
 * rows of an item, memory to work in and its bytes as in {@link infoNceScores}, most (N up to a multiple
 * of 8).
 */
export function infoNceGradient(args: usize, item: i32, scratch: usize): void {
  const N = load<i32>(args, 12), F = load<i32>(args, 16), length = load<i32>(args, 28);
  const rows = min(length, load<i32>(args, 20) - item * length);
  const most = load<usize>(args, 40);
  const padded = (N + 7) & ~7, wide = (F + 7) & ~7, even = (rows + 3) & ~3;
  const queue = load<usize>(args, 4) + numbers(item * length * F);
  const part = load<usize>(args, 8) + numbers(item * padded * wide);
  const panel = scores(args, item, scratch), table = expTable(scratch);
  const sums = panel + numbers(padded * length);
  const columns = sums + 32;
  for (let i = 0; i < padded; i += 8) {
    const from = panel + numbers(i * length);
    weigh(from, rows, most + numbers(i), sums, table);
    memory.fill(from + ((rows as usize) << 5), 0, ((even - rows) as usize) << 5);
  }
  for (let f = 0; f < F; f += 8) {
    const from = queue + numbers(f);
    packColumns(from, numbers(F), F - f, rows, even, columns, 32);
    packColumns(from + 16, numbers(F), max(0, F - f - 4), rows, even, columns + 16, 32);
    for (let i = 0; i < padded; i += 8) {
      const to = part + numbers(i * wide + f), weights = panel + numbers(i * length);
      columnsByPanel(weights, 16, 32, 8, columns, 32, even, to, numbers(wide), false);
    }
  }
}

/** Panels (rows of an item x 8) of scores, for all queries: where they begin. */
function scores(args: usize, item: i32, scratch: usize): usize {
  const N = load<i32>(args, 12), F = load<i32>(args, 16), length = load<i32>(args, 28);
  const tau = load<f32>(args, 24);
  const rows = min(length, load<i32>(args, 20) - item * length);
  const padded = (N + 7) & ~7, inner = (F + 3) & ~3, even = (rows + 3) & ~3;
  const own = load<usize>(args, 32);
  const queries = own == 0 ? scratch : own + (item as usize) * load<usize>(args, 36);
  const copy = queries + numbers(padded * inner);
  const panel = copy + numbers(length * inner);
  let queue = load<usize>(args, 4) + numbers(item * length * F);
  if (even != rows || inner != F) {
    // Rows and numbers up to multiples of four.
    memory.fill(copy, 0, numbers(even * inner));
    for (let j = 0; j < rows; j++) {
      memory.copy(copy + numbers(j * inner), queue + numbers(j * F), numbers(F));
    }
    queue = copy;
  }
  const q = load<usize>(args);
  for (let i = 0; i < padded; i += 8) {
    const query = queries + numbers(i * inner);
    if (i + 8 > N || inner != F) memory.fill(query, 0, (inner as usize) << 5);
    for (let r = 0; r < min(8, N - i); r++) {
      const from = q + numbers((i + r) * F);
      for (let f = 0; f < F; f++) {
        store<f32>(query + ((f as usize) << 5) + numbers(r), load<f32>(from + numbers(f)) / tau);
      }
    }
    const to = panel + numbers(i * length);
    rowsByPanel(queue, numbers(inner), even, query, 32, inner, to, 32, false);
  }
  return panel;
}

/** Bytes of so many numbers. */
function numbers(count: i32): usize {
  return (count as usize) << 2;
}
