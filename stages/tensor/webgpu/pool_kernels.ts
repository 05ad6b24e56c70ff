/**
 * Kernels of the pooling operations. All of them move memory: at most two operations for each number
 * (0.25 operations a byte), so what counts is that neighbouring threads read neighbouring numbers, four at
 * once, and that there are enough of them.
 *
 * @module
 */
import { type Kernel, kernelOf } from "./kernel_code.ts";
import { elementOf, type Lanes } from "./lanes.ts";
import { sumTree } from "./workgroup_tree.ts";

/** Elements of a row that a workgroup takes, and rows that it takes at once. */
const ACROSS = 16;
const DOWN = 16;

/** Rows that a thread takes, at distances of {@link DOWN}. */
const EACH = 4;

/** Workgroups of {@link columnMeans} and {@link maskedMeans}: `columns` are elements. */
export function meansGroups(columns: number, bodies: number): [number, number, number] {
  return [Math.ceil(columns / ACROSS), bodies, 1];
}

/** Workgroups of the kernels that go over matrices (rows, columns), one for each body. */
export function rowsGroups(
  columns: number,
  rows: number,
  bodies: number,
): [number, number, number] {
  return [Math.ceil(columns / ACROSS), bodies, Math.ceil(rows / (DOWN * EACH))];
}

/** Statements for the rows of a thread of {@link rowsGroups}: they see `row`, and `column` before. */
function eachRow(statement: string): string {
  const steps = Array.from({ length: EACH }, (_, i) =>
    `{
    let row = first + ${i * DOWN}u;
    if (column < numbers.columns && row < numbers.rows) { ${statement} }
  }`);
  return `let column = wid.x * ${ACROSS}u + lid.x;
    let body = wid.y;
    let first = wid.z * ${DOWN * EACH}u + lid.y;
    ${steps.join("\n")}`;
}

/**
 * Means over rows: f (bodies, rows, columns) -> y (bodies, columns). Sums are taken in sixteen slices of
 * four partial sums each, which are then joined.
 */
export function columnMeans(lanes: Lanes): Kernel {
  return kernelOf(`column means ${lanes}`, () => means(lanes, false));
}

/** As {@link columnMeans}, of f m and of f (1 - m): y (2, bodies, columns). */
export function maskedMeans(lanes: Lanes): Kernel {
  return kernelOf(`masked means ${lanes}`, () => means(lanes, true));
}

function means(lanes: Lanes, masked: boolean) {
  const type = elementOf(lanes);
  const names = masked ? ["salient", "rest"] : ["whole"];
  const loads = Array.from({ length: EACH }, (_, i) => {
    const at = `(base + min(t + ${i * DOWN}u, last) * numbers.columns)`;
    const value = `select(${type}(0.0), f[${at}], t + ${i * DOWN}u <= last)`;
    if (!masked) return `whole${i} += ${value};`;
    return `{ let v = ${value}; let s = v * m[${at}]; salient${i} += s; rest${i} += v - s; }`;
  });
  const sums = names.flatMap((name) =>
    Array.from({ length: EACH }, (_, i) => `var ${name}${i} = ${type}(0.0);`)
  );
  const threads = ACROSS * DOWN;
  const store = names.map((name, i) =>
    `y[(${i}u * groups.y + body) * numbers.columns + column] = ${name}_sums[lix] * numbers.share;`
  );
  return {
    bindings: [
      { name: "f", type },
      ...(masked ? [{ name: "m", type }] : []),
      { name: "y", type, write: true },
    ],
    numbers: ["rows: u32", "columns: u32", "share: f32"],
    workgroup: [ACROSS, DOWN] as const,
    declarations: names
      .map((name) => `var<workgroup> ${name}_sums: array<${type}, ${threads}>;`).join("\n"),
    main: `let column = wid.x * ${ACROSS}u + lid.x;
      let body = wid.y;
      let last = numbers.rows - 1u;
      ${sums.join("\n")}
      if (column < numbers.columns) {
        let base = body * numbers.rows * numbers.columns + column;
        for (var t = lid.y; t <= last; t += ${DOWN * EACH}u) {
          ${loads.join("\n")}
        }
      }
      ${
      names.map((name) => `${name}_sums[lix] = (${name}0 + ${name}1) + (${name}2 + ${name}3);`)
        .join("\n")
    }
      ${sumTree(names.map((name) => `${name}_sums`), threads, ACROSS)}
      if (lid.y == 0u && column < numbers.columns) { ${store.join("\n")} }`,
  };
}

/** The same row everywhere: dy (bodies, columns) times a share -> dx (bodies, rows, columns). */
export function spreadRow(lanes: Lanes): Kernel {
  const type = elementOf(lanes);
  return kernelOf(`spread row ${lanes}`, () => ({
    bindings: [{ name: "dy", type }, { name: "dx", type, write: true }],
    numbers: ["rows: u32", "columns: u32", "share: f32"],
    workgroup: [ACROSS, DOWN],
    main: eachRow(`dx[(body * numbers.rows + row) * numbers.columns + column] =
      dy[body * numbers.columns + column] * numbers.share;`),
  }));
}

/** (rows, bodies, columns) -> (bodies, rows, columns). */
export function leadingSwap(lanes: Lanes): Kernel {
  const type = elementOf(lanes);
  return kernelOf(`leading swap ${lanes}`, () => ({
    bindings: [{ name: "x", type }, { name: "y", type, write: true }],
    numbers: ["rows: u32", "columns: u32"],
    workgroup: [ACROSS, DOWN],
    main: eachRow(`y[(body * numbers.rows + row) * numbers.columns + column] =
      x[(row * groups.y + body) * numbers.columns + column];`),
  }));
}

/**
 * Gradients of {@link maskedMeans}: with the gradients (2, bodies, columns) of both means,
 * df = m (ds - dns) + dns and dm = f (ds - dns), each times a share.
 */
export function maskedMeansGradient(lanes: Lanes, ofF: boolean, ofMask: boolean): Kernel {
  const type = elementOf(lanes);
  return kernelOf(`masked means gradient ${lanes} ${ofF} ${ofMask}`, () => ({
    bindings: [
      { name: "dy", type },
      ...(ofF ? [{ name: "m", type }, { name: "df", type, write: true }] : []),
      ...(ofMask ? [{ name: "f", type }, { name: "dm", type, write: true }] : []),
    ],
    numbers: ["rows: u32", "columns: u32", "share: f32"],
    workgroup: [ACROSS, DOWN],
    main: eachRow(`let at = (body * numbers.rows + row) * numbers.columns + column;
      let rest = dy[(groups.y + body) * numbers.columns + column] * numbers.share;
      let apart = dy[body * numbers.columns + column] * numbers.share - rest;
      ${ofF ? "df[at] = m[at] * apart + rest;" : ""}
      ${ofMask ? "dm[at] = f[at] * apart;" : ""}`),
  }));
}
