/** `kill -9` of a whole run while it pre-trains, then the same command line again. */
import { assert, assertEquals } from "@std/assert";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;

/** From recordings to an encoder in eight steps, with a checkpoint after each. */
const EXPERIMENT = `name: killed
seed: 5
stages:
  synth:
    uses: synth
    params: { actions: 2, performers: 4, cameras: 1, replications: 1, frames: [10, 14] }
  parse: { uses: parse_ntu, inputs: { recordings: synth.recordings } }
  normalize: { uses: normalize, inputs: { raw: parse.raw }, params: { frames: 8 } }
  split: { uses: split, inputs: { clips: normalize.clips } }
  augment: { uses: augment, inputs: { clips: normalize.clips } }
  pretrain:
    uses: pretrain
    inputs: { clips: normalize.clips, split: split.split, policy: augment.policy }
    params:
      width: 2
      hidden_dim: 8
      feature_dim: 8
      heads: 2
      queue: 8
      batch: 4
      epochs: 8
      milestones: [6]
      checkpoint_every: 1
      log_every: 3
      knn: { every: 3, k: [1] }
`;

function start(file: string, store: string): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", MAIN, "run", file, "--store", store, "--backend", "cpu", "--json"],
    stdout: "piped",
    stderr: "null",
  }).spawn();
}

/** Waits for the run's end; the digests of the outputs of its pre-training, by name. */
async function finish(child: Deno.ChildProcess): Promise<Record<string, string>> {
  const { code, stdout } = await child.output();
  assertEquals(code, 0);
  const { stages } = JSON.parse(new TextDecoder().decode(stdout)) as {
    stages: { id: string; outputs: { name: string; digest: string }[] }[];
  };
  const { outputs } = stages.find(({ id }) => id === "pretrain")!;
  return Object.fromEntries(outputs.map(({ name, digest }) => [name, digest]));
}

/** The paths of all folders under a folder, as far as they are there. */
async function* walk(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (!isDirectory) continue;
    yield `${folder}/${name}`;
    yield* walk(`${folder}/${name}`);
  }
}

/** The number of the newest complete checkpoint in a store; 0 before the first. */
async function checkpoints(store: string): Promise<number> {
  let newest = 0;
  try {
    for await (const file of walk(`${store}/scratch`)) {
      newest = Math.max(newest, Number(/checkpoint-(\d+)$/.exec(file)?.[1] ?? 0));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return newest;
}

Deno.test("a run killed three times while it pre-trains ends with the digests of one that was not", async () => {
  const home = await Deno.makeTempDir();
  try {
    const file = `${home}/killed.yaml`;
    await Deno.writeTextFile(file, EXPERIMENT);
    const expected = await finish(start(file, `${home}/whole`));
    assertEquals(Object.keys(expected).sort(), ["encoder", "log", "training"]);

    const store = `${home}/killed`;
    for (const wanted of [1, 3, 5]) {
      const child = start(file, store);
      let ended = false;
      const status = child.status.then((status) => (ended = true, status));
      while (!ended && await checkpoints(store) < wanted) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      child.kill("SIGKILL");
      await child.stdout.cancel();
      assertEquals((await status).signal, "SIGKILL");
    }
    assert(await checkpoints(store) < 8, "the last kill came after the end");
    assertEquals(await finish(start(file, store)), expected);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});
