import { assert, assertEquals } from "@std/assert";
import { Capacity, type Fit, type Need } from "../../pipeline/running/capacity.ts";
import { ReadyLine } from "../../pipeline/running/ready_line.ts";

interface Item {
  readonly rank: number;
  readonly need: Need;
}

const need = (cores: number, memoryMiB = 100, device?: string): Need => ({
  cores,
  memoryMiB,
  device,
});

/** Starts what may start, and gives the ranks. */
function startAll(line: ReadyLine<Item>, capacity: Capacity): number[] {
  const ranks: number[] = [];
  for (let next = line.next(capacity); next; next = line.next(capacity)) {
    assert(capacity.take(`${next.rank}`, next.need));
    ranks.push(next.rank);
  }
  return ranks;
}

Deno.test("what fits starts in the order of the graph, weighed by cores, memory and device", () => {
  const line = new ReadyLine<Item>();
  const capacity = new Capacity(4, 1000);
  for (
    const [rank, needed] of [
      [5, need(1)],
      [3, need(1, 100, "gpu")],
      [1, need(2, 500)],
      [2, need(1, 600)],
      [4, need(1, 100, "gpu")],
      [6, need(8)],
    ] as const
  ) line.add({ rank, need: needed });
  assertEquals(startAll(line, capacity), [1, 3, 5], "2: no memory; 4: no device; 6: no cores");
  capacity.give("1");
  assertEquals(startAll(line, capacity), [2]);
  capacity.give("3");
  assertEquals(startAll(line, capacity), [4]);
  for (const rank of ["2", "4", "5"]) capacity.give(rank);
  assertEquals(startAll(line, capacity), [6], "more than the machine has runs alone");
  line.add({ rank: 0, need: need(1) });
  assertEquals(startAll(line, capacity), []);
  capacity.give("6");
  assertEquals(startAll(line, capacity), [0]);
  assertEquals(line.size, 0);
});

Deno.test("a big stage is overtaken by small ones for a while, and not for ever", () => {
  const line = new ReadyLine<Item>();
  const capacity = new Capacity(2, 1e6);
  line.add({ rank: 0, need: need(1) });
  startAll(line, capacity);
  line.add({ rank: 1, need: need(2) });
  for (let rank = 2; rank < 1000; rank++) line.add({ rank, need: need(1) });
  const order: number[] = [];
  const running = [0];
  for (let i = 0; i < 200 && !order.includes(1); i++) {
    for (const rank of startAll(line, capacity)) {
      order.push(rank);
      running.push(rank);
    }
    // The longest that runs is over first, so that there is never room for the big one by chance.
    capacity.give(`${running.shift()}`);
  }
  assertEquals(order.indexOf(1), 16, order.join(" "));
});

Deno.test("a stage that waits for its device holds nothing up, and a blocked device is let go", () => {
  const line = new ReadyLine<Item>();
  const capacity = new Capacity(2, 1e6);
  capacity.block("elsewhere", "gpu");
  line.add({ rank: 0, need: need(1, 1, "gpu") });
  for (let rank = 1; rank < 100; rank++) {
    line.add({ rank, need: need(1) });
    assertEquals(startAll(line, capacity), [rank]);
    capacity.give(`${rank}`);
  }
  line.add({ rank: 100, need: need(64) });
  assertEquals(startAll(line, capacity), [100], "a blocked device is no running stage");
  capacity.give("100");
  capacity.give("elsewhere");
  assertEquals(startAll(line, capacity), [0]);
});

Deno.test("looking for the next stage costs the same with 40,000 ready as with 100", () => {
  class Counting extends Capacity {
    looks = 0;
    override fit(need: Need): Fit {
      this.looks++;
      return super.fit(need);
    }
  }
  const looks = (count: number) => {
    const line = new ReadyLine<Item>();
    const capacity = new Counting(3, 1e6);
    for (let rank = count; rank > 0; rank--) line.add({ rank, need: need(1 + rank % 2) });
    let started = 0;
    let last = 0;
    while (started < count) {
      for (const rank of startAll(line, capacity)) {
        started++;
        last = rank;
        capacity.give(`${rank}`);
      }
    }
    assertEquals(last > 0, true);
    return capacity.looks / count;
  };
  const few = looks(100);
  const begun = performance.now();
  const many = looks(40_000);
  assert(many <= few * 1.1, `${many} looks a stage, ${few} with 100`);
  assert(performance.now() - begun < 4000, `${performance.now() - begun} ms`);
});
