/** Stages that can use many threads, and how many of them a run gives to each. */
import { assertEquals } from "@std/assert";
import type { StageDefinition } from "../../pipeline/stage.ts";
import { digestOf, runToy, toyExperiment, toyStages, withStore } from "./toy_stages.ts";

const TOYS = toyStages();
const entry = new URL("./toy/threads.ts", import.meta.url).href;
const wide: StageDefinition = {
  ...TOYS.number,
  name: "wide",
  entry: { cpu: entry, simd: entry },
  resourcesOn: { simd: { cores: 1024, memoryMiB: 100 } },
};
const experiment = toyExperiment({
  a: { uses: "wide", params: { value: 1 } },
  b: { uses: "wide", params: { value: 2 } },
}, { ...TOYS, wide });

/** What the stages say of their threads, how many of them were under way at once, and their bytes. */
function runWide(cores: { readonly jobs?: number; readonly threads?: number }) {
  return withStore(async (store) => {
    const { events, stage } = await runToy(experiment, {
      store,
      ...cores,
      backend: "simd",
      device: () => Promise.resolve({ backend: "simd", class: "simd:toy" }),
    });
    let working = 0;
    let most = 0;
    const said: string[] = [];
    for (const event of events) {
      if (event.type === "stage-start") most = Math.max(most, ++working);
      else if (event.type === "stage-done") working--;
      else if (event.type === "log") said.push(event.message);
    }
    return { most, said, digests: ["a", "b"].map((id) => digestOf(stage(id))) };
  });
}

Deno.test("a stage of many threads runs alone, unless it is given fewer cores than there are", async () => {
  const all = await runWide({});
  assertEquals(all.most, 1);
  assertEquals(all.said, ["threads: all", "threads: all"]);
  const beside = await runWide({ jobs: 4, threads: 2 });
  assertEquals(beside.most, 2);
  assertEquals(beside.said, ["threads: 2", "threads: 2"]);
  const few = await runWide({ jobs: 3, threads: 2 });
  assertEquals(few.most, 1);
  assertEquals(beside.digests, all.digests);
  assertEquals(few.digests, all.digests);
});
