/**
 * A matrix whose rows are the embeddings or features of clips, as the metrics take them.
 *
 * @module
 */

/** A matrix of float32 in row-major order, one row a clip. */
export interface RowMatrix {
  /** Number of rows N (clips). */
  readonly rows: number;
  /** Number of columns D (dimensions of the embedding). */
  readonly columns: number;
  /** The values, `rows * columns` of them. */
  readonly values: Float32Array;
}

/**
 * Wraps values as a matrix.
 *
 * @throws {RangeError} If the number of values is no whole number of rows.
 */
export function rowMatrix(values: Float32Array, columns: number): RowMatrix {
  if (columns < 1 || values.length % columns !== 0) {
    throw new RangeError(`${values.length} values do not fill rows of ${columns}`);
  }
  return { rows: values.length / columns, columns, values };
}

/** The rows of the given indices, in that order, as a matrix of its own. */
export function selectRows(matrix: RowMatrix, indices: ArrayLike<number>): RowMatrix {
  const { columns } = matrix;
  const values = new Float32Array(indices.length * columns);
  for (let i = 0; i < indices.length; i++) {
    const row = indices[i]!;
    values.set(matrix.values.subarray(row * columns, (row + 1) * columns), i * columns);
  }
  return { rows: indices.length, columns, values };
}

/** The matrix with every row scaled to unit length; zero rows stay zero. */
export function normalizeRows(matrix: RowMatrix): RowMatrix {
  const { rows, columns, values } = matrix;
  const out = new Float32Array(values.length);
  for (let r = 0; r < rows; r++) {
    const start = r * columns;
    let square = 0;
    for (let c = 0; c < columns; c++) square += values[start + c]! ** 2;
    const scale = 1 / Math.max(Math.sqrt(square), 1e-12);
    for (let c = 0; c < columns; c++) out[start + c] = values[start + c]! * scale;
  }
  return { rows, columns, values: out };
}
