/**
 * The edges of a graph as kernels read them: one array of whole numbers, weights as the bits of theirs.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D } from "@tensorflow/tfjs-core";
import type { EdgeTensors, GraphEdge } from "../ops/graph_conv.ts";

/**
 * Edges by the joint that they lead to, or that they come from. A joint's entry: the number of its edges
 * and, for each of them, the joint at the other end, the partition, the edge's place in E, and its weight.
 */
export interface JointTable {
  /** Where it begins. */
  readonly at: number;
  /** Numbers of a joint's entry. */
  readonly stride: number;
  /** Edges of a joint, at most. */
  readonly degree: number;
}

/** Numbers of an edge. */
export const EDGE_STRIDE = 4;

/**
 * All edges, partition by partition, each as the joint it comes from, the one it leads to, its place in
 * E, and its weight.
 */
export interface EdgeList {
  readonly at: number;
  readonly count: number;
  /** Where the list of partitions begins: of each its first edge, and after them the number of edges. */
  readonly starts: number;
  /** Where the list of places begins: of each place in E its edge, or `count` where there is none. */
  readonly places: number;
}

/** See the module. */
export interface GraphTables {
  readonly tensor: Tensor1D;
  readonly arriving: JointTable;
  readonly leaving: JointTable;
  readonly list: EdgeList;
}

const tablesOf = new WeakMap<Tensor1D, GraphTables>();

/**
 * The tables of some edges, made when they are first asked for and freed with the edges.
 *
 * @param partitions K.
 */
export function graphTables(edges: EdgeTensors, partitions: number): GraphTables {
  const name = `webgpu tables of ${partitions}`;
  const known = tablesOf.get(edges.made.get(name) as Tensor1D);
  if (known !== undefined && !known.tensor.isDisposed) return known;
  const { numbers, ...tables } = layOut(edges.edges, partitions, edges.arriving.length);
  const tensor = tf.keep(tf.tensor1d(numbers, "int32"));
  edges.made.set(name, tensor);
  const made = { tensor, ...tables };
  tablesOf.set(tensor, made);
  return made;
}

/** The tables as numbers; edges of one place, which act as one, are joined. */
export function layOut(
  edges: readonly GraphEdge[],
  partitions: number,
  joints: number,
): Omit<GraphTables, "tensor"> & { readonly numbers: Int32Array } {
  const numbers: number[] = [];
  const placeOf = ({ partition, from, to }: GraphEdge) => (partition * joints + from) * joints + to;
  const byPlace = new Map<number, GraphEdge>();
  for (const edge of edges) {
    const place = placeOf(edge);
    const weight = edge.weight + (byPlace.get(place)?.weight ?? 0);
    byPlace.set(place, { ...edge, weight });
  }
  const all = [...byPlace.values()].sort((a, b) => a.partition - b.partition);
  const byJoint = (end: "from" | "to", other: "from" | "to"): JointTable => {
    const own = Array.from({ length: joints }, (_, joint) => all.filter((e) => e[end] === joint));
    const degree = Math.max(1, ...own.map(({ length }) => length));
    const stride = 1 + EDGE_STRIDE * degree;
    const at = numbers.length;
    for (const edges of own) {
      const entry = new Array<number>(stride).fill(0);
      entry[0] = edges.length;
      edges.forEach((edge, i) => {
        const found = [edge[other], edge.partition, placeOf(edge), bitsOf(edge.weight)];
        entry.splice(1 + EDGE_STRIDE * i, EDGE_STRIDE, ...found);
      });
      numbers.push(...entry);
    }
    return { at, stride, degree };
  };
  const arriving = byJoint("to", "from");
  const leaving = byJoint("from", "to");
  const at = numbers.length;
  for (const edge of all) {
    numbers.push(edge.from, edge.to, placeOf(edge), bitsOf(edge.weight));
  }
  const starts = numbers.length;
  for (let k = 0; k <= partitions; k++) {
    numbers.push(all.filter((edge) => edge.partition < k).length);
  }
  const places = numbers.length;
  const edgeAt = new Map(all.map((edge, e) => [placeOf(edge), e]));
  for (let place = 0; place < partitions * joints * joints; place++) {
    numbers.push(edgeAt.get(place) ?? all.length);
  }
  const list = { at, count: all.length, starts, places };
  return { numbers: Int32Array.from(numbers), arriving, leaving, list };
}

const bits = new DataView(new ArrayBuffer(4));

function bitsOf(weight: number): number {
  bits.setFloat32(0, weight);
  return bits.getInt32(0);
}
