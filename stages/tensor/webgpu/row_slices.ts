/**
 * How kernels walk a matrix of rows whose columns are treated alike: each thread has one column, or four
 * in a row, and takes eight rows at a time as straight-line text; a workgroup has a slice of rows.
 * Slices hang on the matrix's width alone, so that sums over rows are added in the same order on every
 * device and every run.
 *
 * @module
 */

/** Rows that a thread takes at once. */
export const UNROLLED = 8;

/** Threads of a workgroup, at most. */
const THREADS = 256;

/** Elements of a row that a workgroup takes, at most; wider rows are taken in pieces. */
const WIDEST = 128;

/** Numbers of a slice that is summed over, about: long enough that its parts cost little. */
const SUMMED = 16384;

/** Workgroups along one axis, on any device. */
const MOST_GROUPS = 65535;

/** How a matrix of some number of columns is walked. */
export interface RowWalk {
  /** Numbers of a row. */
  readonly columns: number;
  /** Whether an element is four numbers in a row, rather than one. */
  readonly wide: boolean;
  /** WGSL type of an element. */
  readonly type: "vec4<f32>" | "f32";
  /** Elements of a row. */
  readonly width: number;
  /** Threads along a row. */
  readonly across: number;
  /** Threads down the rows. */
  readonly lanes: number;
  /** Pieces of a row, each of `across` elements. */
  readonly pieces: number;
  /** Rows of a step: eight of each lane. */
  readonly step: number;
  /** Steps of a slice that is summed over. */
  readonly steps: number;
}

/** How a matrix is walked. */
export function rowWalk(columns: number): RowWalk {
  const wide = columns % 4 === 0;
  const width = wide ? columns / 4 : columns;
  const pieces = Math.ceil(width / WIDEST);
  const across = Math.ceil(width / pieces);
  const lanes = Math.floor(THREADS / across);
  const step = lanes * UNROLLED;
  const steps = Math.max(1, Math.round(SUMMED / (step * across * (wide ? 4 : 1))));
  const type = wide ? "vec4<f32>" : "f32";
  return { columns, wide, type, width, across, lanes, pieces, step, steps };
}

/** Slices of a pass over some rows, each of so many steps. */
export function sliceCount(walk: RowWalk, rows: number, steps: number): number {
  return Math.ceil(rows / (walk.step * steps));
}

/** The workgroups of a pass over some rows, each with so many steps. */
export function rowGroups(walk: RowWalk, rows: number, steps: number): [number, number, number] {
  const count = sliceCount(walk, rows, steps);
  const layers = Math.ceil(count / MOST_GROUPS);
  return [Math.ceil(count / layers), walk.pieces, layers];
}

/**
 * Statements that say where a thread of a {@link rowGroups} call is: `slice`, `column` (of elements;
 * beyond the row where pieces do not fit: `inside` is false there) and `lane`.
 */
export function rowPlace({ across, width, pieces }: RowWalk): string {
  return `let slice = wid.z * groups.x + wid.x;
    let column = wid.y * ${across}u + lid.x;
    let inside = ${across * pieces === width ? "true" : `column < ${width}u`};
    let lane = lid.y;`;
}

/** `text(i)` for each i below `count`, one a line. */
export function lines(count: number, text: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => text(i)).join("\n");
}

/** Lanes that a thread takes in between two barriers of a {@link laneTree}, its own among them. */
const JOINED = 4;

/**
 * Statements that combine all lanes of a column into lane 0, in a fixed tree, where each thread's part is
 * in workgroup memory already, by thread.
 *
 * @param merge Statements by which a thread takes in the part of thread `other`.
 * @param store Statements that put what came of it where its own part was.
 */
export function laneTree(
  across: number,
  lanes: number,
  merge: (other: string) => string,
  store: string,
): string {
  const rounds: string[] = [];
  for (let live = lanes; live > 1;) {
    const left = Math.ceil(live / JOINED);
    const merges: string[] = [];
    for (let i = 1; i * left < live; i++) {
      const text = merge(`lix + ${i * left * across}u`);
      const all = live - i * left >= left;
      merges.push(all ? `{ ${text} }` : `if (lane < ${live - i * left}u) { ${text} }`);
    }
    rounds.push(`workgroupBarrier();
      if (lane < ${left}u) {
        ${merges.join("\n")}
        ${store}
      }`);
    live = left;
  }
  return rounds.join("\n");
}

/** A sum as text, added in pairs: a power of two of terms. */
export function pairwise(terms: readonly string[]): string {
  if (terms.length === 1) return terms[0]!;
  const half = terms.length / 2;
  return `(${pairwise(terms.slice(0, half))} + ${pairwise(terms.slice(half))})`;
}
