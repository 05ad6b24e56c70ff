import { assert, assertEquals } from "@std/assert";
import { adjacency, PARTITIONS } from "../../../stages/model/graph.ts";
import { JOINTS } from "../../../stages/skeleton/joints.ts";
import type { GraphEdge } from "../../../stages/tensor/ops/graph_conv.ts";
import { EDGE_STRIDE, type JointTable, layOut } from "../../../stages/tensor/webgpu/graph_edges.ts";

const floatOf = (bits: number) => new Float32Array(Int32Array.of(bits).buffer)[0]!;

/** The edges that a table by joints holds, as `other partition place weight` by joint. */
function entries(numbers: Int32Array, { at, stride }: JointTable, joints: number) {
  return Array.from({ length: joints }, (_, joint) => {
    const own = numbers.subarray(at + joint * stride, at + (joint + 1) * stride);
    return Array.from({ length: own[0]! }, (_, i) => {
      const [other, partition, place, weight] = own.subarray(1 + i * EDGE_STRIDE);
      return `${other} ${partition} ${place} ${floatOf(weight!)}`;
    });
  });
}

Deno.test("the tables of the skeleton hold its 73 edges by both ends", () => {
  const edges = adjacency();
  const { numbers, arriving, leaving, list } = layOut(edges, PARTITIONS, JOINTS);
  assertEquals([list.count, arriving.degree, leaving.degree], [73, 5, 5]);
  for (const [table, end, other] of [[arriving, "to", "from"], [leaving, "from", "to"]] as const) {
    const expected = Array.from(
      { length: JOINTS },
      (_, joint) =>
        edges.filter((edge) => edge[end] === joint).map((edge) => {
          const place = (edge.partition * JOINTS + edge.from) * JOINTS + edge.to;
          return `${edge[other]} ${edge.partition} ${place} ${Math.fround(edge.weight)}`;
        }),
    );
    assertEquals(entries(numbers, table, JOINTS), expected);
  }
  for (let e = 0; e < list.count; e++) {
    const [from, to, place] = numbers.subarray(list.at + e * EDGE_STRIDE);
    assertEquals(numbers[list.places + place!], e);
    const k = Math.floor(place! / JOINTS ** 2);
    assertEquals(place, (k * JOINTS + from!) * JOINTS + to!);
    assert(numbers[list.starts + k]! <= e && e < numbers[list.starts + k + 1]!, `edge ${e}`);
  }
  const none = numbers.subarray(list.places).filter((e) => e === list.count);
  assertEquals(none.length, PARTITIONS * JOINTS ** 2 - 73);
});

Deno.test("edges of one place are one edge with the sum of their weights", () => {
  const edge: GraphEdge = { partition: 1, from: 0, to: 1, weight: 0.5 };
  const { numbers, arriving, list } = layOut([edge, { ...edge, weight: 0.25 }], 2, 2);
  assertEquals(list.count, 1);
  assertEquals(entries(numbers, arriving, 2), [[], ["0 1 5 0.75"]]);
});
