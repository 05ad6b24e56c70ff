/**
 * The gradient of a convolution's kernel along time as matrix products, summed over parts of the rows.
 *
 * @module
 */
import { PARTS, rowLoad, rowStore, vectors } from "./matrix_product.ts";
import type { ProductCode } from "./product.ts";
import { type ConvForm, NUMBERS } from "./temporal_conv_code.ts";

/**
 * Parts of dw: rows tap C + c of x, moved by the tap, by columns of dy, summed over a part of a joint's
 * rows each. `wid.z` is joint parts + part, from a first joint on.
 *
 * @param bodies Whether there are `few`: less than the depth of a step.
 */
export function kernelGradientCode(
  { inner, outer, stride }: ConvForm,
  bodies: "few" | "many",
): ProductCode {
  const wide = { x: inner % 4 === 0, y: outer % 4 === 0 };
  const meets = meetsText(stride, bodies);
  const key = `${stride}${stride === 1 ? "" : ` ${bodies}`} ${+wide.x} ${+wide.y}`;
  return {
    key: `temporal conv kernel gradient ${key}`,
    bindings: [
      vectors("x", wide.x),
      vectors("dy", wide.y),
      { ...vectors("parts", wide.y), write: true },
    ],
    numbers: [...NUMBERS, "perJoint: u32", "rows: u32", "joint: u32"],
    declarations: `
fn loadFrame(first: u32, moved: u32, c: u32, inside: bool) -> ${wide.x ? "vec4<f32>" : "f32"} {
  let back = (numbers.taps / 2u) * numbers.B;
  if (inside && moved >= back && moved - back < numbers.T * numbers.B) {
    return x[((first + moved - back) * numbers.C + c)${wide.x ? " / 4u" : ""}];
  }
  return ${wide.x ? "vec4<f32>()" : "0.0"};
}
${rowLoad("loadFlow", "dy", wide.y)}
${rowStore("keep", "parts", wide.y)}`,
    begin: `let M = numbers.taps * numbers.C;
let N = numbers.O;
let joint = numbers.joint + wid.z / numbers.perJoint;
let firstRowHere = (wid.z % numbers.perJoint) * numbers.rows;
let rowsOfJoint = numbers.steps * numbers.B;
let K = min(numbers.rows, rowsOfJoint - min(rowsOfJoint, firstRowHere));
let firstFrame = joint * numbers.T * numbers.B;
let firstFlow = joint * rowsOfJoint + firstRowHere;`,
    ...meets.step === undefined ? {} : { step: meets.step },
    loadA: wide.x
      ? {
        along: "out",
        prepare: rowOfKernel("$", "out$"),
        value: `loadFrame(firstFrame, ${meets.place} + move$, c$, out$ < M && k$ < K)`,
      }
      : {
        along: "out",
        prepare: PARTS.map((part, i) => rowOfKernel(`${part}$`, `(out$ + ${i}u)`)).join("\n"),
        value: `vec4<f32>(${
          PARTS.map((part, i) =>
            `loadFrame(firstFrame, ${meets.place} + move${part}$, c${part}$, ` +
            `out$ + ${i}u < M && k$ < K)`
          ).join(", ")
        })`,
      },
    loadB: {
      along: "out",
      // Beyond the end: some numbers, which A's zeros or no column want.
      value: wide.y
        ? "dy[((firstFlow + k$) * N + out$) / 4u]"
        : "loadFlow(firstFlow + k$, N, out$, k$ < K)",
    },
    store: "if (row < M && col < N) { keep(wid.z * M + row, N, col, value); }",
  };
}

/**
 * Where a row of dy meets x without being moved, in its joint. Where a step of the product is not longer
 * than a frame has bodies, its rows are divided by the bodies once for all.
 */
function meetsText(stride: number, bodies: "few" | "many"): { step?: string; place: string } {
  const row = "firstRowHere + k$";
  if (stride === 1) return { place: `(${row})` };
  const frames = `${stride - 1}u * numbers.B`;
  if (bodies === "few") return { place: `(${row} + ((${row}) / numbers.B) * ${frames})` };
  return {
    step: `let frame = (firstRowHere + base) / numbers.B;
let nextFrame = (frame + 1u) * numbers.B;`,
    place: `(${row} + select(frame, frame + 1u, ${row} >= nextFrame) * ${frames})`,
  };
}

/** A row tap C + c of the kernel: its channel, and how far its tap moves. */
function rowOfKernel(name: string, row: string): string {
  return `let tap${name} = ${row} / numbers.C;
let c${name} = ${row} - tap${name} * numbers.C;
let move${name} = tap${name} * numbers.B;`;
}
