/**
 * Kernels of layer normalisation: a few threads share a row, each with a few elements in registers.
 *
 * @module
 */
import { LAYER_NORM_EPSILON } from "../ops/layer_norm.ts";
import { type Kernel, kernelOf } from "./kernel_code.ts";
import { laneTree, lines } from "./row_slices.ts";

const THREADS = 64;

/** Elements of a row that a thread holds, about. */
const HELD = 4;

/** Numbers of a slice whose gradients of weight and bias are summed, about. */
const SUMMED = 32768;

/** A way of sharing rows. */
export interface RowShare {
  /** Numbers of a row. */
  readonly size: number;
  /** WGSL type of an element. */
  readonly type: "vec4<f32>" | "f32";
  /** Elements of a row. */
  readonly width: number;
  /** Threads of a row. */
  readonly across: number;
  /** Elements that each of them has. */
  readonly held: number;
  /** Rows of a workgroup at a time. */
  readonly lanes: number;
  /** Times that a workgroup takes rows, where it sums over them. */
  readonly steps: number;
}

/** How rows of a size are shared. */
export function rowShare(size: number): RowShare {
  const wide = size % 4 === 0;
  const width = wide ? size / 4 : size;
  const wanted = 2 ** Math.ceil(Math.log2(Math.max(1, width / HELD)));
  const across = Math.min(THREADS, wanted);
  const lanes = THREADS / across;
  return {
    size,
    type: wide ? "vec4<f32>" : "f32",
    width,
    across,
    held: Math.ceil(width / across),
    lanes,
    steps: Math.max(1, Math.round(SUMMED / (lanes * size))),
  };
}

/** Of a vector all numbers' sum; a number is its own. */
function total({ type }: RowShare, value: string): string {
  return type === "f32" ? value : `dot(${value}, vec4<f32>(1.0))`;
}

/** Whether element `i` of some thread may lie beyond the row. */
function partly({ width, across }: RowShare, i: number): boolean {
  return (i + 1) * across > width;
}

/** Numbers of a row that thread `p` of it has. */
function countOf({ size, width, across }: RowShare, p: number): number {
  return Math.ceil((width - p) / across) * (size / width);
}

/** A sum over the threads of a row, by `term` of each. */
function overRow({ across }: RowShare, term: (p: number) => string): string {
  return Array.from({ length: across }, (_, p) => term(p)).join(" + ");
}

/** A load of element `i`, zero beyond the row. */
function load(share: RowShare, array: string, i: number): string {
  const value = `${array}[at + ${i * share.across}u]`;
  if (!partly(share, i)) return value;
  return `select(${share.type}(0.0), ${value}, lid.x + ${i * share.across}u < ${share.width}u)`;
}

/** y, and the moments (rows, 2) of the rows: mean and inverse deviation. */
export function layerNormKernel(share: RowShare): Kernel {
  const { size, type, width, across, held, lanes } = share;
  const each = (text: (i: number) => string) => lines(held, text);
  const inside = (i: number) =>
    partly(share, i)
      ? `lid.x + ${i * across}u < ${width}u && row < numbers.rows`
      : "row < numbers.rows";
  return kernelOf(`layer norm ${size}`, () => ({
    bindings: [
      ...["x", "weight", "bias"].map((name) => ({ name, type })),
      { name: "y", type, write: true },
      { name: "moments", type: "vec2<f32>", write: true },
    ],
    numbers: ["rows: u32"],
    workgroup: [across, lanes],
    declarations: `var<workgroup> parts: array<vec2<f32>, ${THREADS}>;`,
    main: `let row = (wid.y * groups.x + wid.x) * ${lanes}u + lid.y;
      let at = row * ${width}u + lid.x;
      ${each((i) => `let x${i} = ${load(share, "x", i)};`)}
      let count = ${countsText(share)};
      let own = (${
      Array.from({ length: held }, (_, i) => total(share, `x${i}`)).join(" + ")
    }) / max(count, 1.0);
      ${
      each((i) => {
        const apart = `x${i} - own`;
        const kept = partly(share, i)
          ? `select(${type}(0.0), ${apart}, lid.x + ${i * across}u < ${width}u)`
          : apart;
        return `let d${i} = ${kept};`;
      })
    }
      let spread = ${Array.from({ length: held }, (_, i) => square(share, `d${i}`)).join(" + ")};
      parts[lix] = vec2<f32>(own, spread);
      workgroupBarrier();
      let first = lid.y * ${across}u;
      ${lines(across, (p) => `let p${p} = parts[first + ${p}u];`)}
      let mean = ${overRow(share, (p) => `p${p}.x * ${countOf(share, p) / size}`)};
      ${lines(across, (p) => `let a${p} = p${p}.x - mean;`)}
      let squares = ${overRow(share, (p) => `(p${p}.y + a${p} * a${p} * ${countOf(share, p)}.0)`)};
      let inverse = inverseSqrt(squares * ${1 / size} + ${LAYER_NORM_EPSILON});
      if (lid.x == 0u && row < numbers.rows) { moments[row] = vec2<f32>(mean, inverse); }
      ${
      each((i) =>
        `if (${inside(i)}) {
          let column = lid.x + ${i * across}u;
          y[at + ${i * across}u] = fma((x${i} - mean) * inverse, weight[column], bias[column]);
        }`
      )
    }`,
  }));
}

/** An expression of f32: how many numbers of its row a thread has. */
function countsText(share: RowShare): string {
  const { across, width, size, held } = share;
  const [full, per] = [width - (held - 1) * across, size / width];
  if (full === across) return `${held * per}.0`;
  return `select(${(held - 1) * per}.0, ${held * per}.0, lid.x < ${full}u)`;
}

function square({ type }: RowShare, value: string): string {
  return type === "f32" ? `${value} * ${value}` : `dot(${value}, ${value})`;
}

/** dx, and parts (slices, 2, size) of the gradients of weight and bias. */
export function layerNormGradientKernel(share: RowShare): Kernel {
  const { size, type, width, across, held, lanes, steps } = share;
  const each = (text: (i: number) => string) => lines(held, text);
  const sum = (text: (i: number) => string) =>
    Array.from({ length: held }, (_, i) => text(i)).join(" + ");
  const inside = (i: number) => partly(share, i) ? `lid.x + ${i * across}u < ${width}u && ` : "";
  return kernelOf(`layer norm gradient ${size}`, () => ({
    bindings: [
      ...["x", "dy", "weight"].map((name) => ({ name, type })),
      { name: "moments", type: "vec2<f32>" },
      { name: "dx", type, write: true },
      { name: "parts", type, write: true },
    ],
    numbers: ["rows: u32"],
    workgroup: [across, lanes],
    declarations: `var<workgroup> rows_of: array<vec2<f32>, ${2 * THREADS}>;
      var<workgroup> along_of: array<${type}, ${THREADS}>;
      var<workgroup> level_of: array<${type}, ${THREADS}>;`,
    main: `let slice = wid.y * groups.x + wid.x;
      let lane = lid.y;
      let zero = ${type}(0.0);
      ${each((i) => `let g${i} = ${load(share, "weight", i).replace("at + ", "lid.x + ")};`)}
      ${each((i) => `var along${i} = zero; var level${i} = zero;`)}
      for (var s = 0u; s < ${steps}u; s++) {
        let row = (slice * ${steps}u + s) * ${lanes}u + lid.y;
        let at = row * ${width}u + lid.x;
        let is_row = row < numbers.rows;
        let own = select(vec2<f32>(0.0), moments[row], is_row);
        ${each((i) => `let dy${i} = select(zero, ${load(share, "dy", i)}, is_row);`)}
        ${each((i) => `let x${i} = (${load(share, "x", i)} - own.x) * own.y;`)}
        ${each((i) => `let f${i} = dy${i} * g${i};`)}
        // Two rows of parts in turn: a thread still reads the one while another writes the other.
        let turn = (s & 1u) * ${THREADS}u;
        rows_of[turn + lix] = vec2<f32>(${sum((i) => total(share, `f${i}`))},
          ${sum((i) => total(share, `(f${i} * x${i})`))});
        workgroupBarrier();
        let first = turn + lid.y * ${across}u;
        let sums = (${overRow(share, (p) => `rows_of[first + ${p}u]`)}) * ${1 / size};
        ${
      each((i) =>
        `if (${inside(i)}is_row) {
          dx[at + ${i * across}u] = (f${i} - sums.x - x${i} * sums.y) * own.y;
        }
        along${i} += dy${i} * x${i};
        level${i} += dy${i};`
      )
    }
      }
      ${
      each((i) =>
        `workgroupBarrier();
        along_of[lix] = along${i};
        level_of[lix] = level${i};
        ${
          laneTree(
            across,
            lanes,
            (other) => `along${i} += along_of[${other}]; level${i} += level_of[${other}];`,
            `along_of[lix] = along${i}; level_of[lix] = level${i};`,
          )
        }
        if (${inside(i)}lane == 0u && slice * ${lanes * steps}u < numbers.rows) {
          parts[slice * ${2 * width}u + lid.x + ${i * across}u] = along${i};
          parts[slice * ${2 * width}u + ${width}u + lid.x + ${i * across}u] = level${i};
        }`
      )
    }`,
  }));
}
