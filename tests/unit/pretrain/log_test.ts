import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { trainingChart } from "../../../stages/curves/training_chart.ts";
import { atChance, chanceMessage } from "../../../stages/pretrain/chance_watch.ts";
import { BatchOrder, epochOrder } from "../../../stages/pretrain/data_order.ts";
import {
  chanceLevels,
  LOG_COLUMNS,
  logCsv,
  type LogRow,
  parseLogCsv,
} from "../../../stages/pretrain/log_row.ts";

function row(values: Partial<LogRow>): LogRow {
  const zeros = Object.fromEntries(LOG_COLUMNS.map((column) => [column, 0]));
  return { ...zeros, chance_z: Math.log(257), ...values } as LogRow;
}

Deno.test("chanceLevels() are ln(K+1) and ln(K+2)", () => {
  const chance = chanceLevels(32_768);
  assertAlmostEquals(chance.z, Math.log(32_769), 1e-12);
  assertAlmostEquals(chance.s, Math.log(32_770), 1e-12);
  assertEquals(chance.ns, chance.s);
});

Deno.test("log.csv comes back as it was written", () => {
  const rows = [row({ step: 10, epoch: 1, loss_z: 5.25, learning_rate: 1e-7 }), row({ step: 20 })];
  const text = logCsv(rows);
  const back = parseLogCsv(text, "log.csv");
  assertEquals(logCsv(back), text);
  assertEquals(back[0]!.loss_z, 5.25);
  assertEquals(back[0]!.learning_rate, 1e-7);
});

Deno.test("parseLogCsv() names the line that is wrong", () => {
  const text = logCsv([row({ step: 1 })]) + "1,2,x\n";
  assertThrows(() => parseLogCsv(text, "log.csv"), Error, "log.csv, line 3");
  assertThrows(() => parseLogCsv("a,b\n", "log.csv"), Error, "log.csv, line 1");
});

Deno.test("a loss near chance counts only once the queue is full", () => {
  const near = Math.log(257) * 0.985;
  assert(!atChance(row({ step: 31, loss_z: near }), 256, 8));
  assert(atChance(row({ step: 32, loss_z: near }), 256, 8));
  assert(atChance(row({ step: 32, loss_z: Math.log(257) * 1.1 }), 256, 8));
  assert(!atChance(row({ step: 32, loss_z: Math.log(257) * 0.97 }), 256, 8));
});

Deno.test("the warning comes at idle rows 1, 2, 4, 8; a dip does not start the count again", () => {
  const rows: LogRow[] = [];
  const warned: number[] = [];
  for (let i = 1; i <= 10; i++) {
    rows.push(row({ step: 100 * i, loss_z: i === 3 ? 3 : Math.log(257) * (i === 2 ? 1.1 : 1) }));
    const said = chanceMessage(rows, 256, 8);
    if (said === undefined) continue;
    warned.push(i);
    assert(said.includes(i === 2 ? "above chance" : "less than 2 % below chance"), said);
  }
  assertEquals(warned, [1, 2, 5, 9]);
});

Deno.test("epochOrder() is a permutation that seed and epoch alone decide", () => {
  const clips = [3, 5, 8, 13, 21, 34];
  const order = epochOrder(7, 1, clips);
  assertEquals([...order].sort((a, b) => a - b), clips);
  assertEquals(epochOrder(7, 1, clips), order);
  const others = [epochOrder(7, 2, clips), epochOrder(7, 3, clips), epochOrder(8, 1, clips)];
  assert(others.some((other) => other.join() !== order.join()));
});

Deno.test("BatchOrder gives a batch whatever was asked before", () => {
  const clips = Array.from({ length: 11 }, (_, i) => i);
  const straight = new BatchOrder(1, clips, 4);
  const seen = [1, 2].flatMap((epoch) => [0, 1].map((step) => [...straight.indices(epoch, step)]));
  const resumed = new BatchOrder(1, clips, 4);
  assertEquals([...resumed.indices(2, 1)], seen[3]);
  assertEquals([...resumed.indices(1, 0)], seen[0]);
  assertEquals(new Set([...seen[0]!, ...seen[1]!]).size, 8);
});

Deno.test("trainingChart() draws losses and chance, and an empty log", () => {
  const rows = [1, 2, 3].map((step) => row({ step, loss_z: 5 - step, chance_s: 5.6 }));
  const svg = trainingChart(rows, "Losses & more");
  assert(svg.includes("Losses &amp; more") && svg.includes("chance of L_z"));
  assertEquals(trainingChart(rows, "Losses & more"), svg);
  assert(trainingChart([], "none").includes("no data"));
});
