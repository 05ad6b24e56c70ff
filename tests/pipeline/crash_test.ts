import { assert, assertEquals } from "@std/assert";
import { hashFile } from "../../pipeline/tree.ts";
import { openStore } from "../../pipeline/store/store.ts";
import { withFolder } from "./toy_stages.ts";

const LONG = Deno.env.get("SKELRUN_LONG") !== undefined;

const STAGES = {
  a: { uses: "number", params: { value: 5 } },
  slow: {
    uses: "count",
    params: { steps: 15, every: 2, stepMs: 30 },
    inputs: { start: "a.number" },
  },
  other: { uses: "count", params: { steps: 9, every: 1, stepMs: 30 } },
  sum: { uses: "total", inputs: { s: "slow.number", o: "other.number" } },
  last: { uses: "total", params: { modulo: 77 }, inputs: { s: "sum.number", a: "a.number" } },
};

function start(store: string, stages: unknown): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-check",
      new URL("./toy_runner.ts", import.meta.url).pathname,
      store,
      JSON.stringify(stages),
    ],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

async function finish(child: Deno.ChildProcess) {
  const lines = (await new Response(child.stdout).text()).trim().split("\n");
  await child.status;
  return {
    started: lines.slice(0, -1).map((line) => (JSON.parse(line) as { started: string }).started),
    end: JSON.parse(lines.at(-1)!) as {
      status: string;
      digests: Record<string, string>;
      reasons: string[];
    },
  };
}

/** Every record is whole and every blob is what its name says. */
async function checkStore(folder: string): Promise<void> {
  await openStore(folder);
  for (const { name } of Deno.readDirSync(`${folder}/actions`)) {
    if (name.endsWith(".json")) JSON.parse(Deno.readTextFileSync(`${folder}/actions/${name}`));
  }
  for (const kind of ["blobs", "trees"]) {
    for (const { name: shard } of Deno.readDirSync(`${folder}/${kind}`)) {
      for (const { name } of Deno.readDirSync(`${folder}/${kind}/${shard}`)) {
        if (name.endsWith(".tmp")) continue;
        assertEquals((await hashFile(`${folder}/${kind}/${shard}/${name}`)).digest, name);
      }
    }
  }
}

/** Numbers that look random and are the same in every run of the test. */
function* numbers(seed: number): Generator<number> {
  for (let x = seed;;) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    yield x / 2 ** 32;
  }
}

Deno.test("killed at any point and run again, the store is whole and the digests are the same", () =>
  withFolder(async (folder) => {
    const whole = await finish(start(`${folder}/whole`, STAGES));
    assertEquals(whole.end.status, "done");
    assertEquals(whole.started.length, 5);
    const random = numbers(7);
    const kills = LONG ? 200 : 12;
    let interrupted = 0;
    for (let i = 0; i < kills; i++) {
      const store = `${folder}/store-${Math.floor(i / 4)}`;
      const child = start(store, STAGES);
      const reading = new Response(child.stdout).text();
      const timer = setTimeout(() => child.kill("SIGKILL"), 80 + random.next().value! * 700);
      const { success } = await child.status;
      clearTimeout(timer);
      await reading;
      if (!success) interrupted++;
      if (await Deno.stat(`${store}/format`).catch(() => undefined)) await checkStore(store);
      if (i % 4 === 3) {
        const again = await finish(start(store, STAGES));
        assertEquals(again.end, whole.end);
        await checkStore(store);
      }
    }
    assert(interrupted > kills / 3, `only ${interrupted} of ${kills} runs were cut short`);
  }));

Deno.test("two processes on one store compute each key once", () =>
  withFolder(async (folder) => {
    const both = await Promise.all([
      finish(start(`${folder}/store`, STAGES)),
      finish(start(`${folder}/store`, STAGES)),
    ]);
    assertEquals(both[0].end, both[1].end);
    assertEquals(both[0].end.status, "done");
    const started = both.flatMap((run) => run.started).sort();
    assertEquals(started, ["a", "last", "other", "slow", "sum"]);
  }));
