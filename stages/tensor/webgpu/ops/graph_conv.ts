/**
 * The spatial graph convolution on the `webgpu` backend; see the definition for what it gives.
 *
 * @module
 */
import type { Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import type { EdgeTensors } from "../../ops/graph_conv.ts";
import type { Tape } from "../../tape.ts";
import { edgeGradients } from "../edge_gradients.ts";
import { edgeProducts } from "../edge_products.ts";
import { graphTables } from "../graph_edges.ts";
import { giveMoments } from "../moments.ts";
import { neighbourSum } from "../neighbour_products.ts";

/** y[w] = sum over edges e into w of A[e] E[e] (x[from(e)] W[k(e)] + b[k(e)]). */
export function graphConv(
  tape: Tape,
  x: Tensor4D,
  w: Tensor3D,
  b: Tensor2D,
  importance: Tensor3D,
  edges: EdgeTensors,
): Tensor4D {
  const tables = graphTables(edges, w.shape[0]);
  return tape.record([x, w, b, importance], (save) => {
    const { tensor, arriving, leaving } = tables;
    const along = { importance, edges: tensor };
    const { y, moments } = neighbourSum(
      { ...along, x, w, b, turned: false, table: arriving },
      { moments: true },
    );
    giveMoments(y, moments!);
    const xs = save(x);
    const own = { w: save(w), b: save(b), importance: save(importance) };
    return [y, (flow, needs) => {
      const dy = flow as Tensor4D;
      const back = { x: dy, w: own.w, b: null, turned: true, table: leaving };
      const dx = needs[0]
        ? neighbourSum({ importance: own.importance, edges: tensor, ...back }).y
        : null;
      if (!needs[1] && !needs[2] && !needs[3]) return [dx, null, null, null];
      const d = edgeGradients(edgeProducts(xs, dy, tables), dy, own, tables);
      return [dx, d.w, d.b, d.importance];
    }, moments!.parts];
  });
}
