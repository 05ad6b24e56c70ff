import { assertEquals } from "@std/assert";
import { estimate } from "../../pipeline/explain/estimate.ts";
import { plan } from "../../pipeline/plan.ts";
import { runAgain } from "../../pipeline/explain/run_again.ts";
import type { Store } from "../../pipeline/store/store.ts";
import { runToy, toyExperiment, withStore } from "./toy_stages.ts";

const { inline } = await import("../../pipeline/executors/inline.ts");

/** `a` and `other` -> `b` -> `c`, whose limit may be changed. */
const chain = (limit = 100) =>
  toyExperiment({
    a: { uses: "number", params: { value: 1 } },
    other: { uses: "number", params: { value: 2 } },
    b: { uses: "total", inputs: { a: "a.number", other: "other.number" } },
    c: { uses: "total", params: { limit }, inputs: { b: "b.number" } },
  });

/** Removes the number of a stage's output; its note is every number's. */
function lose(store: Store, digest: string): void {
  const entry = store.readTree(digest)!.find(({ name }) => name === "number.txt")!;
  Deno.removeSync(store.blobPath(entry.digest));
}

Deno.test("a plan tells which cached stages run again because their bytes are gone and needed", () =>
  withStore(async (store) => {
    const { stage, summary } = await runToy(chain(), { store, executor: inline });
    const output = (id: string) => stage(id).outputs[0]!.digest;
    const again = async (limit?: number) => [...runAgain(await plan(chain(limit), { store }))];
    assertEquals(await again(7), []);
    lose(store, output("b"));
    assertEquals(await again(), [], "nobody needs them while all is cached");
    assertEquals(await again(7), [["b", "c"]]);
    lose(store, output("a"));
    assertEquals(await again(7), [["b", "c"], ["a", "b"]]);

    const planned = await plan(chain(7), { store });
    const { schedule, stages } = estimate(planned, 1);
    assertEquals(schedule.order, ["a", "b", "c"]);
    assertEquals(stages.get("a")?.basis, "stage");
    const ran = await runToy(chain(7), { store, executor: inline });
    assertEquals(ran.statuses, { a: "ran", b: "ran", c: "ran", other: "cached" });
    assertEquals(ran.stage("b").key, summary.stages.find(({ id }) => id === "b")!.key);
  }));
