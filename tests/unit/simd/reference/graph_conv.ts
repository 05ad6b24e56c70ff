/** Spatial graph convolution in float64. */
import type { GraphEdge } from "../../../../stages/tensor/ops/graph_conv.ts";
import type { Numbers, ReferenceOp } from "./reference_op.ts";

/** Sizes of a convolution of x (joints, rows, inner) with w (partitions, inner, outer). */
export interface GraphShape {
  readonly edges: readonly GraphEdge[];
  readonly partitions: number;
  readonly joints: number;
  readonly rows: number;
  readonly inner: number;
  readonly outer: number;
}

/** y (joints, rows, outer) of the inputs x, w, b (partitions, outer), E (partitions, joints, joints). */
export function graphConv(
  { edges, partitions, joints, rows, inner, outer }: GraphShape,
): ReferenceOp {
  const placeOf = ({ partition, from, to }: GraphEdge) => (partition * joints + from) * joints + to;
  /** For each edge, row and output: places of the inputs' first number in x and w, and of y and b. */
  const each = (visit: (edge: GraphEdge, x: number, w: number, y: number, b: number) => void) => {
    for (const edge of edges) {
      for (let r = 0; r < rows; r++) {
        for (let o = 0; o < outer; o++) {
          const { partition: k, from, to } = edge;
          visit(
            edge,
            (from * rows + r) * inner,
            k * inner * outer + o,
            (to * rows + r) * outer + o,
            k * outer + o,
          );
        }
      }
    }
  };
  const sizes = [
    joints * rows * inner,
    partitions * inner * outer,
    partitions * outer,
    partitions * joints * joints,
  ];
  const product = ([xs, ws, bs]: readonly Numbers[], x: number, w: number, b: number) => {
    let sum = bs![b]!;
    for (let c = 0; c < inner; c++) sum += xs![x + c]! * ws![w + c * outer]!;
    return sum;
  };
  return {
    sizes,
    forward: (inputs) => {
      const ys = new Float64Array(joints * rows * outer);
      each((edge, x, w, y, b) => {
        ys[y]! += edge.weight * inputs[3]![placeOf(edge)]! * product(inputs, x, w, b);
      });
      return ys;
    },
    gradient: (inputs, dy) => {
      const [xs, ws, , es] = inputs;
      const [dx, dw, db, de] = sizes.map((size) => new Float64Array(size));
      each((edge, x, w, y, b) => {
        const flow = dy[y]! * edge.weight;
        const scaled = flow * es![placeOf(edge)]!;
        de![placeOf(edge)]! += flow * product(inputs, x, w, b);
        db![b]! += scaled;
        for (let c = 0; c < inner; c++) {
          dx![x + c]! += scaled * ws![w + c * outer]!;
          dw![w + c * outer]! += scaled * xs![x + c]!;
        }
      });
      return [dx!, dw!, db!, de!];
    },
  };
}
