import { assert, assertEquals } from "@std/assert";
import { benchText, spreads } from "../../../pipeline/bench/statistics.ts";
import type { Measurement } from "../../../pipeline/bench/suite.ts";

Deno.test("goals are of speeds beside a peer, of own rates and of own times", () => {
  const measurements: Measurement[] = [
    { name: "a", unit: "clips/s", by: "skelrun", values: [10, 30, 20] },
    { name: "a", unit: "clips/s", by: "peer", values: [10, 10, 10], goal: 2 },
    { name: "b", unit: "s", by: "skelrun", values: [4] },
    { name: "b", unit: "s", by: "peer", values: [6], goal: 1.6 },
    { name: "c", unit: "s", by: "skelrun", values: [29], goal: 30 },
    { name: "d", unit: "clips/s", by: "skelrun", values: [29], goal: 30 },
    { name: "e", unit: "s", by: "skelrun", values: [1] },
  ];
  const rows = spreads(measurements);
  assertEquals(rows.map(({ reached }) => reached), [
    undefined,
    true,
    undefined,
    false,
    true,
    false,
    undefined,
  ]);
  const lines = benchText({ measurements, notes: [] }).split("\n");
  assert(lines[0]!.endsWith("goal"));
  assert(/2\.00 \(1\.00 to 3\.00\) +2, reached$/.test(lines[2]!), lines[2]);
  assert(lines[4]!.endsWith("1.6, missed"), lines[4]);
  assertEquals(
    benchText({ measurements: measurements.slice(6), notes: [] }).includes("goal"),
    false,
  );
});
