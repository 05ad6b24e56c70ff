/**
 * Cases of the self-test for the backbone: its blocks in training, in evaluation and with frozen
 * statistics, as the model runs them one into the other.
 *
 * @module
 */
import type { Tensor1D, Tensor2D, Tensor3D, Tensor4D, Tensor5D } from "@tensorflow/tfjs-core";
import { type BlockSpec, blockSpecs } from "../../../model/parameters.ts";
import {
  batchNorm,
  batchNormEval,
  batchNormRelu,
  batchNormReluEval,
  type BatchStatistics,
} from "../../ops/batch_norm.ts";
import { blockEnd, blockEndEval } from "../../ops/block_end.ts";
import { frozenBlockEnd, frozenNorm, frozenNormRelu } from "../../ops/frozen_norm.ts";
import { EdgeTensors, graphConv } from "../../ops/graph_conv.ts";
import { frameRows, jointRows } from "../../ops/joint_rows.ts";
import { temporalConv } from "../../ops/temporal_conv.ts";
import { NO_TAPE, type Tape } from "../../tape.ts";
import type { Draw, Inputs, SelfTestCase } from "./self_test_case.ts";

/** How a network normalises; `forward` is `train` without gradients. */
export type Mode = "train" | "forward" | "eval" | "frozen";

/** Joints with five edges, as many as any of the skeleton's has. */
const JOINTS = 5;
const PARTITIONS = 3;
const NEIGHBOURS = 5;

/** Joints of a graph with as many edges as the skeleton's has or so: more than 64. */
const MANY_JOINTS = 13;

/** Frames for all taps of a kernel; frames by bodies: more rows than the smallest tile has. */
const FRAMES = 8;
const BODIES = 9;
const TAPS = 9;

/** Bodies for sums over whole steps of rows. */
const MANY_BODIES = 16;

/** Columns of the clips' own normalisation. */
const SKELETON = 25;
const CLIP_COLUMNS = 3 * SKELETON;

const near = (size: number, shift = 0): Draw => ({ shape: [size], scale: 0.3, shift });
const norm = (name: string, size: number) => ({
  [`${name} weight`]: near(size, 1),
  [`${name} bias`]: near(size),
});
const running = (name: string, size: number) => ({
  [`${name} mean`]: near(size),
  [`${name} variance`]: near(size, 1),
});
const kernel = (...shape: readonly number[]): Draw => ({
  shape,
  scale: 2 * shape.slice(0, -1).reduce((product, n) => product * n, 1) ** -0.5,
});

function edges(joints: number): EdgeTensors {
  // In order of partition, then of the joint that an edge comes from, as an adjacency's entries are.
  const all = Array.from(
    { length: PARTITIONS },
    (_, partition) =>
      Array.from({ length: joints }, (_, from) =>
        Array.from({ length: NEIGHBOURS }, (_, n) => n)
          .filter((n) => n % PARTITIONS === partition)
          .map((n) => ({ partition, from, to: (from + 2 * n) % joints, weight: 0.1 + 0.05 * n }))),
  )
    .flat(2);
  return new EdgeTensors(all, PARTITIONS, joints);
}

const normOf = (inputs: Inputs, name: string, before?: string) => ({
  weight: inputs[`${name} weight`] as Tensor1D,
  bias: inputs[`${name} bias`] as Tensor1D,
  ...(before === undefined ? {} : { before: inputs[before] as Tensor1D }),
});
const statisticsOf = (inputs: Inputs, name: string): BatchStatistics => ({
  mean: inputs[`${name} mean`] as Tensor1D,
  variance: inputs[`${name} variance`] as Tensor1D,
});

function block(spec: BlockSpec, mode: Mode): SelfTestCase {
  const { inner, outer, stride, residual } = spec;
  const x: Draw = { shape: [JOINTS, FRAMES, BODIES, inner] };
  const first = inner === 3;
  const conv = residual === "conv";
  return {
    name: `block ${inner} > ${outer}${stride === 1 ? "" : ` by ${stride}`}, ${mode}`,
    constants: {
      "time bias": near(outer),
      "beside bias": near(outer),
      ...(mode === "train" || mode === "forward"
        ? {}
        : { ...running("a", outer), ...running("b", outer), ...running("c", outer) }),
    },
    parameters: {
      x,
      "graph": kernel(PARTITIONS, inner, outer),
      "graph bias": { shape: [PARTITIONS, outer], scale: 0.3 },
      importance: { shape: [PARTITIONS, JOINTS, JOINTS], scale: 0.3, shift: 1 },
      ...norm("a", outer),
      time: kernel(TAPS, outer, outer),
      ...norm("b", outer),
      ...(conv ? { beside: kernel(1, inner, outer), ...norm("c", outer) } : {}),
    },
    run(tape, inputs, say, after) {
      const x = inputs.x as Tensor4D;
      const own = edges(JOINTS);
      after(() => own.dispose());
      const on = mode === "eval" || mode === "forward" ? NO_TAPE : tape;
      const g = say(
        "graphConv",
        graphConv(
          on,
          x,
          inputs.graph as Tensor3D,
          inputs["graph bias"] as Tensor2D,
          inputs.importance as Tensor3D,
          own,
        ),
      );
      const a = normalised(on, g, inputs, mode, say);
      const t = say(
        "batchNormRelu, temporalConv",
        temporalConv(on, a, inputs.time as Tensor3D, stride),
      );
      const h = { x: t, weights: normOf(inputs, "b", "time bias") };
      const c = conv
        ? say("temporalConv beside", temporalConv(on, x, inputs.beside as Tensor3D, stride))
        : undefined;
      const r = c === undefined ? undefined : { x: c, weights: normOf(inputs, "c", "beside bias") };
      const alone = residual === "none" ? null : x;
      if (mode === "forward") {
        say("blockEnd", blockEnd(on, h, r ?? alone, null).y);
        return undefined;
      }
      if (mode === "train") {
        const mask = first ? null : { key: [17, outer] as const, p: 0.5 };
        // Keys are made without a tape.
        say("blockEnd without gradient", blockEnd(NO_TAPE, h, r ?? alone, mask).y);
        const { y, statistics } = blockEnd(on, h, r ?? alone, mask);
        statistics.forEach(({ mean, variance }, i) => {
          say(`mean ${i}`, mean);
          say(`variance ${i}`, variance);
        });
        return say("blockEnd", y);
      }
      const end = mode === "eval" ? blockEndEval : frozenBlockEnd;
      const y = end(
        on,
        { ...h, running: statisticsOf(inputs, "b") },
        r === undefined ? alone : {
          ...r,
          running: statisticsOf(inputs, "c"),
        },
      );
      say(mode === "eval" ? "blockEndEval" : "frozenBlockEnd", y);
      return mode === "eval" ? undefined : y;
    },
  };
}

function normalised(
  tape: Tape,
  g: Tensor4D,
  inputs: Inputs,
  mode: Mode,
  say: <T extends Tensor1D>(name: string, tensor: T) => T,
): Tensor4D {
  const weights = normOf(inputs, "a");
  if (mode === "eval") return batchNormReluEval(g, weights, statisticsOf(inputs, "a"));
  if (mode === "frozen") return frozenNormRelu(tape, g, weights, statisticsOf(inputs, "a"));
  const { y, statistics } = batchNormRelu(tape, g, weights);
  say("mean", statistics.mean);
  say("variance", statistics.variance);
  return y;
}

/** The graph's convolution alone, where its edges and rows are many. */
function graph(size: number): SelfTestCase {
  return {
    name: `graph ${size} > ${size}`,
    parameters: {
      x: { shape: [MANY_JOINTS, FRAMES, MANY_BODIES, size] },
      kernel: kernel(PARTITIONS, size, size),
      bias: { shape: [PARTITIONS, size], scale: 0.3 },
      importance: { shape: [PARTITIONS, MANY_JOINTS, MANY_JOINTS], scale: 0.3, shift: 1 },
    },
    run(tape, { x, kernel, bias, importance }, say, after) {
      const own = edges(MANY_JOINTS);
      after(() => own.dispose());
      const [w, b, e] = [kernel as Tensor3D, bias as Tensor2D, importance as Tensor3D];
      return say("graphConv", graphConv(tape, x as Tensor4D, w, b, e, own));
    },
  };
}

/** What happens to clips before the first block: laid out by frame, normalised, laid out by joint. */
function clips(mode: Mode): SelfTestCase {
  const [clips, people] = [5, 2];
  const size = [SKELETON, FRAMES, clips * people, 3] as const;
  return {
    name: `clips, ${mode}`,
    constants: {
      clips: { shape: [clips, 3, FRAMES, SKELETON, people] },
      ...(mode === "train" || mode === "forward" ? {} : running("a", CLIP_COLUMNS)),
    },
    parameters: norm("a", CLIP_COLUMNS),
    run(tape, inputs, say) {
      const on = mode === "train" || mode === "frozen" ? tape : NO_TAPE;
      const x = say("frameRows", frameRows(inputs.clips as Tensor5D));
      const weights = normOf(inputs, "a");
      const normal = mode === "eval"
        ? batchNormEval(x, weights, statisticsOf(inputs, "a"))
        : mode === "frozen"
        ? frozenNorm(on, x, weights, statisticsOf(inputs, "a"))
        : batchNorm(on, x, weights).y;
      const y = say("normalisation, jointRows", jointRows(on, normal, size));
      return on === tape ? y : undefined;
    },
  };
}

/** Cases for a backbone: one for each kind of block that it has. */
export function backboneCases(
  sizes: { readonly width: number; readonly hidden_dim: number },
  mode: Mode,
): SelfTestCase[] {
  const kinds = new Map(
    blockSpecs(sizes).map((spec) => [JSON.stringify(spec), spec] as const),
  );
  const graphs = mode === "eval" || mode === "forward"
    ? []
    : [graph(sizes.width), graph(2 * sizes.width)];
  return [clips(mode), ...[...kinds.values()].map((spec) => block(spec, mode)), ...graphs];
}
