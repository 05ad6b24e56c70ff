/**
 * The gradient of a convolution's kernel along time as matrix products, summed over parts of the rows.
 *
 * @module
 */
import { rowLoad, rowStore, vectors } from "./matrix_product.ts";
import type { ProductCode } from "./product.ts";
import { type ConvForm, frameLoad, NOWHERE, NUMBERS } from "./temporal_conv_code.ts";

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
  const unit = wide.x ? 4 : 1;
  const lines = wide.x ? [0] : [0, 1, 2, 3];
  const meets = meetsText(stride, bodies);
  const frames = lines.map((i) => {
    const place = `${meets.place} + move${i}$`;
    return `loadFrame(select(${NOWHERE}, ${place}, k$ < K), ` +
      `(firstFrame + ${place}) * inputs + c${i}$, all)`;
  });
  const key = `${stride}${stride === 1 ? "" : ` ${bodies}`} ${+wide.x} ${+wide.y}`;
  return {
    key: `temporal conv kernel gradient ${key}`,
    bindings: [
      vectors("x", wide.x),
      vectors("dy", wide.y),
      { ...vectors("parts", wide.y), write: true },
    ],
    numbers: [...NUMBERS, "perJoint: u32", "rows: u32", "joint: u32"],
    declarations: `${frameLoad("x", wide.x)}
${rowLoad("loadFlow", "dy", wide.y)}
${rowStore("keep", "parts", wide.y)}`,
    begin: `let M = numbers.taps * numbers.C;
let N = numbers.O;
let joint = numbers.joint + wid.z / numbers.perJoint;
let firstRowHere = (wid.z % numbers.perJoint) * numbers.rows;
let rowsOfJoint = numbers.steps * numbers.B;
let K = min(numbers.rows, rowsOfJoint - min(rowsOfJoint, firstRowHere));
let all = numbers.T * numbers.B;
let firstFrame = joint * all;
let firstFlow = joint * rowsOfJoint + firstRowHere;
let inputs = numbers.C / ${unit}u;
let width = N / 4u;`,
    ...meets.step === undefined ? {} : { step: meets.step },
    loadA: {
      along: "out",
      prepare: lines.map((i) => rowOfKernel(`${i}$`, `(out$ + ${i}u)`, unit)).join("\n"),
      value: wide.x ? frames[0]! : `vec4<f32>(${frames.join(", ")})`,
    },
    loadB: {
      along: "out",
      prepare: "let column$ = out$ / 4u;",
      // Beyond the end: some numbers, which A's zeros or no column want.
      value: wide.y
        ? "dy[(firstFlow + k$) * width + column$]"
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

/** A row tap C + c of the kernel: where its channel lies, and how far its tap moves. */
function rowOfKernel(name: string, row: string, unit: number): string {
  return `let tap${name} = ${row} / numbers.C;
let c${name} = (${row} - tap${name} * numbers.C) / ${unit}u;
let move${name} = (tap${name} - numbers.taps / 2u) * numbers.B;`;
}
