import { assert, assertEquals } from "@std/assert";
import { TextLineStream } from "../../pipeline/executors/lines.ts";
import { inline } from "../../pipeline/executors/inline.ts";
import { tryClaim } from "../../pipeline/running/lease.ts";
import { saveCheckpoint } from "../../pipeline/running/checkpoint.ts";
import { compute, flakyExperiment, verifyToy } from "./toy_flaky.ts";
import { withStore } from "./toy_stages.ts";

const scratch = (root: string) => [...Deno.readDirSync(`${root}/scratch`)].map(({ name }) => name);

Deno.test("a verification that is killed leaves nothing that the next one trips over or keeps", () =>
  withStore(async (store) => {
    const slow = { uses: "count", params: { steps: 40, every: 1, stepMs: 25 } };
    const experiment = flakyExperiment({ slow, other: { uses: "number" } });
    const { stage } = await compute(experiment, store);
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--no-check",
        new URL("./toy_verifier.ts", import.meta.url).pathname,
        store.root,
        JSON.stringify({ slow }),
      ],
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const lines = child.stdout.pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream()).getReader();
    assertEquals((await lines.read()).value, "slow");
    await new Promise((resolve) => setTimeout(resolve, 400));
    child.kill("SIGKILL");
    await child.status;
    await lines.cancel();
    assertEquals(scratch(store.root), [`verify-${stage("slow").key}`]);

    const { states } = await verifyToy(experiment, { store, jobs: 2 });
    assertEquals(states, { slow: "same", other: "same" });
    assertEquals(scratch(store.root), []);
    const logs = [...Deno.readDirSync(`${store.root}/logs`)].map(({ name }) => name);
    assertEquals(logs.filter((name) => name.startsWith("verify-")), []);
  }));

Deno.test("what a killed verification left goes also when its stage is no longer verified", () =>
  withStore(async (store) => {
    const experiment = flakyExperiment({ a: { uses: "number" } });
    await compute(experiment, store);
    const left = `verify-${"0".repeat(64)}`;
    await Deno.mkdir(`${store.root}/scratch/${left}/attempt-1/out`, { recursive: true });
    await Deno.writeTextFile(`${store.root}/logs/${left}-1.log`, "");
    await Deno.mkdir(`${store.root}/scratch/${"1".repeat(64)}`);
    await verifyToy(experiment, { store });
    assertEquals(scratch(store.root), ["1".repeat(64)]);
    assert(!Deno.readDirSync(`${store.root}/logs`).some(({ name }) => name.startsWith("verify")));
  }));

Deno.test("a recomputation begins afresh: checkpoints of runs and of other verifications do not count", () =>
  withStore(async (store) => {
    const experiment = flakyExperiment({ slow: { uses: "count" } });
    const { stage } = await compute(experiment, store);
    for (const name of [stage("slow").key!, `verify-${stage("slow").key}`]) {
      const folder = `${store.root}/scratch/${name}/attempt-9/checkpoints`;
      await Deno.mkdir(folder, { recursive: true });
      await saveCheckpoint(
        folder,
        (folder) => Deno.writeTextFile(`${folder}/state.json`, '{"step":9,"hash":1}'),
      );
    }
    const { states } = await verifyToy(experiment, { store });
    assertEquals(states, { slow: "same" });
    assertEquals(scratch(store.root), [stage("slow").key!]);
  }));

Deno.test("a run and a verification of one action do not wait for each other", () =>
  withStore(async (store) => {
    const experiment = flakyExperiment({ slow: { uses: "count" } });
    const { stage } = await compute(experiment, store);
    const key = stage("slow").key!;
    const begun = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    const verifying = verifyToy(experiment, {
      store,
      executor: {
        name: "held",
        async submit(job, onMessage) {
          begun.resolve();
          await released.promise;
          return inline.submit(job, onMessage);
        },
      },
    });
    await begun.promise;
    await Deno.remove(`${store.root}/actions/${key}.json`);
    const { statuses } = await withinSeconds(20, compute(experiment, store));
    assertEquals(statuses, { slow: "ran" });
    released.resolve();
    assertEquals((await verifying).states, { slow: "same" });

    const lease = await tryClaim(store, key);
    const { states } = await withinSeconds(20, verifyToy(experiment, { store }));
    assertEquals(states, { slow: "same" });
    await lease!.release();
  }));

/** Fails where something waits that must not. */
async function withinSeconds<T>(seconds: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
