import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { local } from "../../../pipeline/executors/local.ts";
import type { StageDefinition } from "../../../pipeline/stage.ts";
import { pretrain } from "../../../stages/pretrain/definition.ts";
import { resolveDevice } from "../../../stages/tensor/device_class.ts";
import { runToy, toyExperiment, withStore } from "../../pipeline/toy_stages.ts";
import { TINY_PRETRAIN, TinyRun } from "../pretrain/tiny_run.ts";
import { gpuTest } from "./gpu_run.ts";

const request = { backend: "webgpu", allowSoftware: true } as const;

/** The stage, its inputs given as folders. */
function withEntry(name: string, webgpu: string): StageDefinition {
  const external = { external: true, summary: "A folder" };
  return {
    ...pretrain,
    name,
    inputs: {
      clips: { type: "clips", ...external },
      split: { type: "split", ...external },
      policy: { type: "policy", ...external },
    },
    entry: { cpu: webgpu, webgpu },
    // Of what was bound nothing is known before it is read.
    facts: () => ({}),
    check: () => [],
  } as unknown as StageDefinition;
}

gpuTest(
  "a device that is lost in the middle of pre-training: another attempt goes on from the checkpoint " +
    "and ends with the same bytes",
  async () => {
    const own = new URL("./steady_pretrain.ts", import.meta.url).href;
    const losing = new URL("./losing_pretrain.ts", import.meta.url).href;
    const catalogue = { steady: withEntry("steady", own), lost: withEntry("lost", losing) };
    await using tiny = await TinyRun.make();
    const params = {
      ...TINY_PRETRAIN,
      steps: 4,
      checkpoint_every: 2,
      knn: { every: 0 },
      mask: { clips: 0 },
    };
    const inputs = Object.fromEntries(
      ["clips", "split", "policy"].map((name) => [name, `${tiny.home}/${name}`]),
    );
    const experiment = toyExperiment({
      steady: { uses: "steady", params, inputs },
      lost: { uses: "lost", params, inputs },
    }, catalogue);
    await withStore(async (store) => {
      const { stage, statuses, events } = await runToy(experiment, {
        store,
        executor: local,
        backend: "webgpu",
        allowSoftware: true,
        device: () => resolveDevice(request),
      });
      assertEquals(statuses, { steady: "ran", lost: "ran" }, JSON.stringify(events));
      const digests = (id: string) => stage(id).outputs.map(({ name, digest }) => [name, digest]);
      assertEquals(digests("lost"), digests("steady"));

      const { provenance } = store.readAction(stage("lost").key!)!;
      assertEquals(provenance.attempts, 2);
      const { ended } = provenance.earlier![0]!;
      assertMatch(ended, /^failed: the device \S.* was lost \(destroyed/);
      const said = events.flatMap((event) =>
        event.type === "log" && event.level === "warn" ? [event.message] : []
      );
      assertStringIncludes(said.join("\n"), "Another attempt goes on from the last checkpoint");
      // Adapter and driver, and the version of Deno, are part of where a result comes from.
      assertMatch(String(provenance.device!.class), /^webgpu:\d+\/.+\/.+:.+/);
      assertEquals(provenance.deno, Deno.version.deno);
    });
  },
);
