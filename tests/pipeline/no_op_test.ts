import { assert, assertEquals } from "@std/assert";
import { openStore } from "../../pipeline/store/store.ts";
import { runToy, toyExperiment, type ToyStage, withFolder } from "./toy_stages.ts";

const STAGES = Deno.env.get("SKELRUN_LONG") ? 1000 : 150;

Deno.test(`a run of ${STAGES} cached stages starts no process and takes well under a second`, () =>
  withFolder(async (folder) => {
    const stages: Record<string, ToyStage> = { s0: { uses: "number" } };
    for (let i = 1; i < STAGES; i++) {
      stages[`s${i}`] = { uses: "total", params: { modulo: i }, inputs: { n: `s0.number` } };
    }
    const { inline } = await import("../../pipeline/executors/inline.ts");
    const experiment = toyExperiment(stages);
    await runToy(experiment, {
      store: await openStore(`${folder}/store`),
      executor: inline,
      jobs: 8,
    });
    const command = Deno.Command;
    const starts: string[] = [];
    Deno.Command = class extends command {
      constructor(program: string | URL, options?: Deno.CommandOptions) {
        super(program, options);
        starts.push(`${program} ${options?.args?.join(" ")}`);
      }
    };
    try {
      const begun = performance.now();
      const store = await openStore(`${folder}/store`);
      const { summary } = await runToy(experiment, { store });
      const seconds = (performance.now() - begun) / 1000;
      assert(summary.stages.every(({ status }) => status === "cached"));
      assertEquals(starts, []);
      assert(seconds < 1, `${seconds} s`);
    } finally {
      Deno.Command = command;
    }
  }));
