/**
 * Moments of a product's columns, by tile of rows, at the end of the product's kernel: means first and
 * then sums of squared deviations from them, each by a fixed tree, so that nothing cancels and every
 * run gives the same bytes.
 *
 * @module
 */
import type { Tile } from "./product.ts";
import type { Places } from "./product_steps.ts";

/** Workgroup memory that {@link columnMoments} needs: a vector for each thread. */
export function momentsMemory({ m, n, perM, perN }: Tile): string {
  return `var<workgroup> columnParts: array<vec4<f32>, ${(m / perM) * (n / perN)}>;`;
}

/**
 * Statements that write the moments of the columns of `c{row}_{column / 4}`.
 *
 * @param binding Takes them: (tiles of rows, 2, N).
 */
export function columnMoments(
  binding: string,
  { m }: Tile,
  { down, across, rows, columns, rowOf, columnOf }: Places,
): string {
  const sum = (name: string, j: number, term: string) => `
var ${name}: vec4<f32>;
{
  var own = vec4<f32>();
${
    rows.map((i) => `if (firstRow + ${rowOf(i)} < M) { let value = c${i}_${j}; own += ${term}; }`)
      .join("\n")
  }
  workgroupBarrier();
  columnParts[part] = own;
${tree(down, across)}
  workgroupBarrier();
  ${name} = columnParts[threadColumn];
}`;
  const groups = columns.map((j) => `
${sum(`mean${j}`, j, "value")}
mean${j} /= rowsHere;
${sum(`squares${j}`, j, `(value - mean${j}) * (value - mean${j})`)}
if (threadRow == 0u) {
  let col = firstColumn + ${columnOf(j)};
  let at = (wid.z * groups.y + wid.y) * 2u * N + col;
${
    ["x", "y", "z", "w"].map((part, i) =>
      `  if (col + ${i}u < N) { ${binding}[at + ${i}u] = mean${j}.${part}; ` +
      `${binding}[at + N + ${i}u] = squares${j}.${part}; }`
    ).join("\n")
  }
}`);
  return `
let rowsHere = f32(min(${m}u, M - min(M, firstRow)));
let part = threadRow * ${across}u + threadColumn;
${groups.join("\n")}`;
}

/** Adds the parts of all thread rows into those of the first. */
function tree(down: number, across: number): string {
  const halves: string[] = [];
  for (let half = down / 2; half >= 1; half /= 2) {
    halves.push(`  workgroupBarrier();
  if (threadRow < ${half}u) { columnParts[part] += columnParts[part + ${half * across}u]; }`);
  }
  return halves.join("\n");
}
