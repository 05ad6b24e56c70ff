import { assertEquals, assertThrows } from "@std/assert";
import { explainStage } from "../../pipeline/explain/explanation.ts";
import { plan } from "../../pipeline/plan.ts";
import type { Store } from "../../pipeline/store/store.ts";
import { runToy, toyExperiment, type ToyStage, withStore } from "./toy_stages.ts";

/** number -> total -> last, with a second number. */
const stages = (
  { value = 3, limit = 1e9, modulo = 1000, other = 5 } = {},
): Record<string, ToyStage> => ({
  number: { uses: "number", params: { value } },
  other: { uses: "number", params: { value: other } },
  total: { uses: "total", params: { modulo }, inputs: { a: "number.number" } },
  last: {
    uses: "total",
    params: { limit },
    inputs: { a: "total.number", b: "other.number" },
  },
});

async function explain(
  store: Store,
  id: string,
  experiment: Record<string, ToyStage>,
  name = "toy",
) {
  return explainStage(
    await plan(toyExperiment(experiment, undefined, name), { store }),
    id,
  );
}

Deno.test("a stage that never ran is a first run, and what follows waits for it", () =>
  withStore(async (store) => {
    const number = await explain(store, "number", stages());
    assertEquals(number.state, "runs");
    assertEquals(number.rootCause, "number: first run");
    assertEquals(number.follows, 2);
    assertEquals(number.compared, undefined);
    const last = await explain(store, "last", stages());
    assertEquals(last.state, "waits");
    assertEquals(last.key, undefined);
    assertEquals(last.rootCause, "number: first run; other: first run");
    assertEquals(last.roots, ["number", "other"]);
    assertEquals(last.chain, ["other", "last"]);
    const total = await explain(store, "total", stages());
    assertEquals([total.chain, total.follows], [["number", "total"], 1]);
  }));

Deno.test("a cached stage says which result it is; a changed one, what differs from it", () =>
  withStore(async (store) => {
    const { stage } = await runToy(toyExperiment(stages()), { store });
    const cached = await explain(store, "number", stages());
    assertEquals(cached.state, "cached");
    assertEquals(cached.rootCause, "");
    assertEquals(cached.key, stage("number").key);
    assertEquals(cached.compared?.key, stage("number").key);
    assertEquals([cached.compared?.experiment, cached.compared?.stage], ["toy", "number"]);

    const changed = await explain(store, "number", stages({ value: 4 }));
    assertEquals(changed.rootCause, "number: value 3 -> 4");
    assertEquals(changed.follows, 2);
    assertEquals(changed.compared?.key, stage("number").key);
    assertEquals(changed.differences, [
      { kind: "param", path: "value", old: 3, new: 4, text: "value 3 -> 4" },
    ]);
    const last = await explain(store, "last", stages({ value: 4 }));
    assertEquals(last.rootCause, "number: value 3 -> 4");
    assertEquals(last.chain, ["number", "total", "last"]);
    assertEquals(last.differences, []);
  }));

Deno.test("a stage that waits also says what differs already of its own", () =>
  withStore(async (store) => {
    await runToy(toyExperiment(stages()), { store });
    const last = await explain(store, "last", stages({ value: 4, limit: 100 }));
    assertEquals(last.state, "waits");
    assertEquals(last.rootCause, "number: value 3 -> 4");
    assertEquals(last.differences.map(({ text }) => text), ["limit 1000000000 -> 100"]);
  }));

Deno.test("an input that changed is followed back to the edit that began it", () =>
  withStore(async (store) => {
    await runToy(toyExperiment(stages()), { store });
    // The stages before the last one have run with the new value; the last one has not.
    const { last: _, ...before } = stages({ value: 4 });
    await runToy(toyExperiment(before), { store });
    const last = await explain(store, "last", stages({ value: 4 }));
    assertEquals(last.state, "runs");
    assertEquals(last.differences.map(({ text }) => text), ["input a changed (total.number)"]);
    assertEquals(last.rootCause, "number: value 3 -> 4");
    assertEquals(last.roots, ["number"]);
    // With a change of its own it is itself a cause.
    const own = await explain(store, "last", stages({ value: 4, limit: 50 }));
    assertEquals(own.rootCause, "last: limit 1000000000 -> 50; input a changed (total.number)");
  }));

Deno.test("an input from elsewhere names both sources", () =>
  withStore(async (store) => {
    await runToy(toyExperiment(stages()), { store });
    const rewired = {
      ...stages(),
      last: { uses: "total", inputs: { a: "number.number", b: "other.number" } },
    };
    const last = await explain(store, "last", rewired);
    assertEquals(last.rootCause, "last: input a changed (total.number -> number.number)");
  }));

Deno.test("the earlier result that differs least is compared, not the latest", () =>
  withStore(async (store) => {
    const first = await runToy(toyExperiment(stages({ modulo: 7 })), { store });
    await runToy(toyExperiment(stages({ modulo: 8, value: 4 })), { store });
    const total = await explain(store, "total", stages({ modulo: 9 }));
    assertEquals(total.rootCause, "total: modulo 7 -> 9");
    assertEquals(total.compared?.key, first.stage("total").key);
  }));

Deno.test("a stage that is new here is compared with its like elsewhere", () =>
  withStore(async (store) => {
    await runToy(
      toyExperiment({ seven: { uses: "number", params: { value: 7 } } }, undefined, "x"),
      {
        store,
      },
    );
    const number = await explain(store, "number", stages());
    assertEquals(number.rootCause, "number: first run; nearest is seven of x: value 7 -> 3");
    assertEquals(number.compared?.experiment, "x");
  }));

Deno.test("a record that is gone is said to be so; an unknown stage is an error", () =>
  withStore(async (store) => {
    const { stage } = await runToy(toyExperiment(stages()), { store });
    await Deno.remove(`${store.root}/actions/${stage("number").key}.json`);
    await Deno.remove(`${store.local}`, { recursive: true });
    await Deno.mkdir(store.local, { recursive: true });
    const number = await explain(store, "number", stages());
    assertEquals(number.rootCause, "number: its record is gone");
    const planned = await plan(toyExperiment(stages()), { store });
    assertThrows(() => explainStage(planned, "nobody"), Error, 'no stage "nobody"');
  }));
