/** Matrix products of any sizes, each factor plain or transposed, one or many. */
import { joined } from "./joined";
import { packColumns, packRows } from "./pack";
import { columnsByPanel } from "./tile";
import { wideColumnsByPanel } from "./wide_product";

/** Inner dimension that is packed at once: a panel of 8 columns fills a quarter of the first cache. */
const INNER: i32 = 256;

/** Numbers of one row of C that a block has at most; rows likewise. See `matrix_product.ts`. */
const BLOCK: i32 = 256;

/**
 * C (M x N) = A (M x K) B (K x N) + bias, for one block of C and one slice of K; the bias joins the
 * first slice.
 *
 * Arguments: a, b, c, bias (N numbers added to each row; 0 for none), M, N, K, 1 if A is given as
 * (K x M), 1 if B is given as (N x K), numbers from one matrix to the next of a, of b, of c, rows and
 * columns of a block, length of a slice of K, numbers from one slice's C to the next.
 *
 * Items: for each matrix, slice, block of rows and block of columns, the last fastest.
 */
export function product(args: usize, item: i32, scratch: usize): void {
  const M = load<i32>(args, 16), N = load<i32>(args, 20), K = load<i32>(args, 24);
  const turnA = load<i32>(args, 28) != 0, turnB = load<i32>(args, 32) != 0;
  const blockRows = load<i32>(args, 48), blockColumns = load<i32>(args, 52);
  const sliceLength = load<i32>(args, 56);
  const acrossN = (N + blockColumns - 1) / blockColumns;
  const acrossM = (M + blockRows - 1) / blockRows;
  const slices = (K + sliceLength - 1) / sliceLength;
  const column = (item % acrossN) * blockColumns;
  item /= acrossN;
  const row = (item % acrossM) * blockRows;
  item /= acrossM;
  const slice = item % slices;
  const matrix = item / slices;

  const a = load<usize>(args) + numbers(matrix * load<i32>(args, 36));
  const b = load<usize>(args, 4) + numbers(matrix * load<i32>(args, 40));
  const c = load<usize>(args, 8) + numbers(matrix * load<i32>(args, 44)) +
    numbers(slice * load<i32>(args, 60)) + numbers(row * N + column);
  const bias = load<usize>(args, 12);
  const rows = min(blockRows, M - row), columns = min(blockColumns, N - column);
  const first = slice * sliceLength, last = min(K, first + sliceLength);
  const aRow = numbers(turnA ? M : K), bRow = numbers(turnB ? K : N), cRow = numbers(N);

  const tiles = (rows + 3) >> 2, panels = (columns + 7) >> 3;
  const edge = scratch;
  const packedA = edge + numbers(BLOCK * 8);
  const packedB = packedA + numbers(BLOCK * INNER);
  let add = false;
  if (bias != 0 && slice == 0) {
    for (let i = 0; i < rows; i++) {
      memory.copy(c + (i as usize) * cRow, bias + numbers(column), numbers(columns));
    }
    add = true;
  }
  for (let k = first; k < last; k += INNER) {
    const inner = min(INNER, last - k), padded = (inner + 3) & ~3;
    const tileA = (padded as usize) << 4, panelB = (padded as usize) << 5;
    for (let t = 0; t < tiles; t++) {
      const i = t << 2, to = packedA + (t as usize) * tileA;
      if (turnA) {
        const from = a + (k as usize) * aRow + numbers(row + i);
        packColumns(from, aRow, rows - i, inner, padded, to, 16);
      } else {
        const from = a + ((row + i) as usize) * aRow + numbers(k);
        packRows(from, aRow, rows - i, inner, padded, to, 16);
      }
    }
    for (let g = 0; g < panels << 1; g++) {
      const j = g << 2;
      const to = packedB + ((g >> 1) as usize) * panelB + ((g & 1) << 4);
      if (turnB) {
        const from = b + ((column + j) as usize) * bRow + numbers(k);
        packRows(from, bRow, columns - j, inner, padded, to, 32);
      } else {
        const from = b + (k as usize) * bRow + numbers(column + j);
        packColumns(from, bRow, columns - j, inner, padded, to, 32);
      }
    }
    const whole = rows & ~3;
    for (let p = 0; p < panels;) {
      const panel = packedB + (p as usize) * panelB, to = c + numbers(p << 3);
      const wide = columns - (p << 3);
      const both = joined() && wide >= 16;
      if (both) {
        wideColumnsByPanel(packedA, tileA, 16, whole, panel, panelB, 32, padded, to, cRow, add);
      } else if (wide >= 8) {
        columnsByPanel(packedA, tileA, 16, whole, panel, 32, padded, to, cRow, add);
      }
      // What is left of four rows or of eight columns.
      const done = wide >= 8 ? whole : 0;
      if (done < rows) {
        const tile = packedA + ((done >> 2) as usize) * tileA;
        const from = to + (done as usize) * cRow;
        const left = ((tiles << 2) - done) as i32;
        for (let half = 0, halves = both ? 2 : 1; half < halves; half++) {
          columnsByPanel(tile, tileA, 16, left, panel + panelB * half, 32, padded, edge, 32, false);
          putEdge(edge, rows - done, min(8, wide), from + ((half as usize) << 5), cRow, add);
        }
      }
      p += both ? 2 : 1;
    }
    add = true;
  }
}

/** Part of a tile's 8 columns into C. */
function putEdge(
  edge: usize,
  rows: i32,
  columns: i32,
  c: usize,
  cRow: usize,
  add: bool,
): void {
  for (let i = 0; i < rows; i++) {
    for (let j: usize = 0; j < numbers(columns); j += 4) {
      const value = load<f32>(edge + j);
      store<f32>(c + j, add ? load<f32>(c + j) + value : value);
    }
    edge += 32, c += cRow;
  }
}

/** Bytes of so many numbers. */
function numbers(count: i32): usize {
  return (count as usize) << 2;
}
