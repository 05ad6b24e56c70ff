/**
 * The backbone (method section 5): data normalisation and ten blocks of a graph convolution and a
 * temporal convolution. Activations are (V, T, B, C), B = N M bodies: joints lead, so that the graph
 * picks whole runs of memory, and channels come last, so that every product walks along them.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor4D, Tensor5D } from "@tensorflow/tfjs-core";
import { type EdgeTensors, graphConv } from "../tensor/ops/graph_conv.ts";
import { frameRows, jointRows } from "../tensor/ops/joint_rows.ts";
import { temporalConv } from "../tensor/ops/temporal_conv.ts";
import type { BlockSpec } from "./parameters.ts";
import type { Convolved, Named, NetworkPass } from "./pass.ts";

/**
 * Features of a batch.
 *
 * @param clips (N, 3, T, V, M), as a stream.
 * @returns F (V, T/4, N M, hidden_dim), row n M + m for body m of clip n.
 */
export function stGcn(
  pass: NetworkPass,
  weights: Named,
  clips: Tensor5D,
  blocks: readonly BlockSpec[],
  edges: EdgeTensors,
): Tensor4D {
  let x = dataNorm(pass, weights, clips);
  blocks.forEach((spec, i) => {
    const before = x;
    x = tf.tidy(() => block(pass, weights, before, spec, i, edges));
    before.dispose();
  });
  return x;
}

/** Batch normalisation of the 3 V coordinates of a frame: (N, 3, T, V, M) -> (V, T, N M, 3). */
function dataNorm(pass: NetworkPass, weights: Named, clips: Tensor5D): Tensor4D {
  const [n, channels, frames, joints, bodies] = clips.shape;
  return tf.tidy(() => {
    const normal = pass.normalize(weights, frameRows(clips), "backbone.data_bn");
    return jointRows(pass.tape, normal, [joints, frames, n * bodies, channels]);
  });
}

/** y = ReLU(Dropout(BN(Conv_9x1(ReLU(BN(GraphConv(x)))))) + r): (V, T, B, C) -> (V, T/stride, B, O). */
function block(
  pass: NetworkPass,
  weights: Named,
  x: Tensor4D,
  { stride, residual }: BlockSpec,
  i: number,
  edges: EdgeTensors,
): Tensor4D {
  const { tape } = pass;
  const name = `backbone.st_gcn_networks.${i}`;
  const g = graphConv(
    tape,
    x,
    weights.get(`${name}.gcn.conv.weight`),
    weights.get(`${name}.gcn.conv.bias`),
    weights.get(`backbone.edge_importance.${i}`),
    edges,
  );
  const a = pass.normalizeRelu(weights, g, `${name}.tcn.0`);
  const t = temporalConv(tape, a, weights.get(`${name}.tcn.2.weight`), stride);
  const h = { x: t, name: `${name}.tcn.3`, before: `${name}.tcn.2` };
  let r: null | Tensor4D | Convolved<Tensor4D> = null;
  if (residual === "identity") r = x;
  if (residual === "conv") {
    const c = temporalConv(tape, x, weights.get(`${name}.residual.0.weight`), stride);
    r = { x: c, name: `${name}.residual.1`, before: `${name}.residual.0` };
  }
  // The first block has no dropout.
  return pass.blockEnd(weights, h, r, i === 0 ? null : i);
}
