/** Sums cut into fixed parts, so that their order does not depend on who adds what. */

/** Numbers of the result in an item of {@link addParts}. */
const CHUNK: i32 = 4096;

/** Columns in an item of {@link columnSums}. */
const COLUMNS: i32 = 64;

/**
 * y[i] = sum over p of parts[p size + i], in the order of p. Arguments: parts, y, size, count of parts.
 */
export function addParts(args: usize, item: i32, _scratch: usize): void {
  const size = load<i32>(args, 8), count = load<i32>(args, 12);
  const first = item * CHUNK, last = min(size, first + CHUNK);
  const stride = (size as usize) << 2;
  let from = load<usize>(args) + ((first as usize) << 2);
  let to = load<usize>(args, 4) + ((first as usize) << 2);
  let i = first;
  for (; i + 4 <= last; i += 4) {
    let sum = v128.load(from);
    let at = from;
    for (let p = 1; p < count; p++) sum = f32x4.add(sum, v128.load(at += stride));
    v128.store(to, sum);
    from += 16, to += 16;
  }
  for (; i < last; i++) {
    let sum = load<f32>(from);
    let at = from;
    for (let p = 1; p < count; p++) sum += load<f32>(at += stride);
    store<f32>(to, sum);
    from += 4, to += 4;
  }
}

/**
 * Sums of a slice of rows, column by column, in the order of the rows. Arguments: x (rows x columns),
 * sums (slices x columns), rows, columns, rows of a slice. Items: for each slice, 64 columns at a time.
 */
export function columnSums(args: usize, item: i32, _scratch: usize): void {
  const rows = load<i32>(args, 8), columns = load<i32>(args, 12), length = load<i32>(args, 16);
  const groups = (columns + COLUMNS - 1) / COLUMNS;
  const slice = item / groups;
  const column = (item % groups) * COLUMNS, end = min(columns, column + COLUMNS);
  const row = slice * length, count = min(length, rows - row);
  const stride = (columns as usize) << 2;
  const x = load<usize>(args) + (((row * columns) as usize) << 2);
  const y = load<usize>(args, 4) + (((slice * columns) as usize) << 2);
  let j = column;
  for (; j + 16 <= end; j += 16) {
    let at = x + ((j as usize) << 2);
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
    for (let i = 0; i < count; i++) {
      s0 = f32x4.add(s0, v128.load(at)), s1 = f32x4.add(s1, v128.load(at, 16));
      s2 = f32x4.add(s2, v128.load(at, 32)), s3 = f32x4.add(s3, v128.load(at, 48));
      at += stride;
    }
    const to = y + ((j as usize) << 2);
    v128.store(to, s0), v128.store(to, s1, 16);
    v128.store(to, s2, 32), v128.store(to, s3, 48);
  }
  for (; j < end; j++) {
    let at = x + ((j as usize) << 2);
    let sum: f32 = 0;
    for (let i = 0; i < count; i++) sum += load<f32>(at), at += stride;
    store<f32>(y + ((j as usize) << 2), sum);
  }
}
