import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Capacity } from "../../pipeline/running/capacity.ts";
import { schedule, type Task } from "../../pipeline/explain/schedule_estimate.ts";

const task = (
  id: string,
  seconds: number,
  after: readonly string[] = [],
  need: Partial<Task["need"]> = {},
): Task => ({ id, seconds, after, need: { cores: 1, memoryMiB: 1, device: undefined, ...need } });

Deno.test("tasks that wait for each other add up; others run side by side up to the cores", () => {
  const tasks = [task("a", 2), task("b", 3), task("c", 4, ["a"])];
  const one = schedule(tasks, new Capacity(1));
  assertEquals(one.wallSeconds, 9);
  assertEquals(one.order, ["a", "b", "c"]);
  const two = schedule(tasks, new Capacity(2));
  assertEquals(two.wallSeconds, 6);
  assertEquals(two.workSeconds, 9);
  assertEquals([two.chain, two.chainSeconds], [["a", "c"], 6]);
});

Deno.test("tasks of one device run one after the other, and those that need many cores alone", () => {
  const gpu = { device: "webgpu:x" };
  const tasks = [task("a", 2, [], gpu), task("b", 2, [], gpu), task("c", 3)];
  assertEquals(schedule(tasks, new Capacity(8)).wallSeconds, 4);
  const wide = [task("a", 2), task("b", 2, [], { cores: 64 }), task("c", 1)];
  assertEquals(schedule(wide, new Capacity(4)).wallSeconds, 4);
});

Deno.test("nothing to do takes no time", () => {
  assertEquals(schedule([], new Capacity(1)), {
    order: [],
    wallSeconds: 0,
    workSeconds: 0,
    chain: [],
    chainSeconds: 0,
  });
});

Deno.test("whatever the tasks, none starts before those it waits for, and the bounds hold", () => {
  const graphs = fc.array(
    fc.record({
      seconds: fc.integer({ min: 0, max: 9 }),
      cores: fc.integer({ min: 1, max: 3 }),
      after: fc.array(fc.nat(19), { maxLength: 3 }),
    }),
    { maxLength: 20 },
  );
  fc.assert(fc.property(graphs, fc.integer({ min: 1, max: 4 }), (rows, cores) => {
    const tasks = rows.map(({ seconds, after, cores }, i) =>
      task(String(i), seconds, [...new Set(after.filter((n) => n < i))].map(String), { cores })
    );
    const { order, wallSeconds, workSeconds, chainSeconds, chain } = schedule(
      tasks,
      new Capacity(cores),
    );
    assertEquals([...order].sort(), tasks.map(({ id }) => id).sort());
    for (const { id, after } of tasks) {
      for (const other of after) assert(order.indexOf(other) < order.indexOf(id));
    }
    assert(wallSeconds >= chainSeconds);
    assert(wallSeconds <= workSeconds);
    if (cores === 1) assertAlmostEquals(wallSeconds, workSeconds);
    const sum = chain.reduce((n, id) => n + tasks[Number(id)]!.seconds, 0);
    assertEquals(sum, chainSeconds);
  }));
});

Deno.test("ten thousand tasks are played through in well under a second", () => {
  const tasks = Array.from(
    { length: 10_000 },
    (_, i) => task(String(i), 1 + i % 7, i < 100 ? [] : [String(i - 100)]),
  );
  const begun = performance.now();
  assertEquals(schedule(tasks, new Capacity(8)).order.length, 10_000);
  assert(performance.now() - begun < 2000);
});
