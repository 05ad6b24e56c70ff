import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { readCall } from "../../../pipeline/command_line.ts";
import { pipelineSuite } from "../../../pipeline/bench/pipeline_suite.ts";
import { prepareNoOp } from "../../../pipeline/bench/no_op_graph.ts";
import { peersOf, PERMISSIONS, timed } from "../../../pipeline/bench/runners.ts";
import { benchText, median, spreads } from "../../../pipeline/bench/statistics.ts";
import type { Measurement } from "../../../pipeline/bench/suite.ts";
import { benchVerb } from "../../../pipeline/verbs/bench.ts";
import { stageSuites } from "../../../stages/bench/suites.ts";
import { findPeer, Peer } from "../../../stages/bench/peer.ts";

const interpreter = await findPeer();
const root = new URL("../../../", import.meta.url);
const bench = benchVerb([pipelineSuite(new URL("stages/mod.ts", root).href), ...stageSuites]);

/** Calls `bench` as the command line does. */
async function called(args: readonly string[]) {
  const said = { out: "", err: "" };
  const call = readCall(bench, args, {
    catalogue: {},
    terminal: {
      out: (text) => void (said.out += text),
      err: (text) => void (said.err += text),
      live: false,
      columns: 80,
    },
    resolveDevice: () => Promise.reject(new Error("no device is needed")),
    deno: { running: Deno.version.deno, pinned: Deno.version.deno },
  });
  return { status: await bench.run(call), ...said };
}

async function refused(...args: string[]): Promise<string> {
  try {
    await called(args);
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
  return "";
}

Deno.test("medians are of the middle; speeds are over the peer's, round by round, of rates and times", () => {
  assertEquals(median([3, 1, 2]), 2);
  assertEquals(median([4, 1, 2, 3]), 2.5);
  const measurements: Measurement[] = [
    { name: "train", unit: "clips/s", by: "skelrun", values: [1, 2, 6] },
    { name: "eval", unit: "clips/s", by: "skelrun", values: [5] },
    { name: "train", unit: "clips/s", by: "pytorch", values: [8] },
    { name: "no-op", unit: "s", by: "skelrun", values: [1, 2, 3] },
    { name: "no-op", unit: "s", by: "make", values: [2, 3, 30] },
    { name: "no-op", unit: "s", by: "snakemake", values: [10, 10, 10] },
  ];
  assertEquals(
    spreads(measurements).map(({ speedup }) => speedup),
    [undefined, undefined, 0.25, undefined, 2, 5],
  );
  assertEquals(spreads(measurements)[4]!.speedups, [1.5, 10]);
  assertEquals(spreads(measurements)[0]!.highest, 6);
  const text = benchText({ measurements, notes: ["no peer"] });
  assert(/train +pytorch +8\.00 +8\.00 +8\.00 +clips\/s +0\.250/.test(text), text);
  assert(text.endsWith("note: no peer\n"));
});

Deno.test("`bench` lists its suites, and refuses unknown ones and wrong numbers", async () => {
  const { status, out } = await called([]);
  assertEquals(status, 0);
  assertEquals(out.split("\n").map((line) => line.split(":")[0]), [
    "pipeline",
    "train",
    "gpu",
    "memory",
    "data",
    "",
  ]);
  assertEquals(
    await refused("trian"),
    'UsageError: expected a suite (pipeline, train, gpu, memory, data), found "trian"; did you mean "train"?',
  );
  assertEquals(
    await refused("train", "--batch", "2"),
    "UsageError: --batch: expected a whole number of at least 3, found 2",
  );
  assert((await refused("pipeline", "--runs", "x")).startsWith("UsageError: --runs"));
  assertEquals(
    await refused("train", "--frames", "6"),
    "UsageError: --frames: expected a multiple of 4, found 6",
  );
  assertThrows(() => readCall(bench, ["pipeline", "--widht", "1"], {} as never), Error, "--width");
});

Deno.test("`bench pipeline` measures with the permissions of the tasks", () => {
  const { tasks } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", root))) as {
    tasks: Record<string, string>;
  };
  assertEquals(tasks.run, `deno run ${PERMISSIONS.join(" ")} main.ts run`);
});

Deno.test("`bench pipeline` measures without its peers, and says which are missing", async () => {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...PERMISSIONS, "main.ts", "bench", "pipeline"]
      .concat("--targets", "10", "--runs", "1", "--json"),
    cwd: root.pathname,
    env: { PATH: "/nowhere" },
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  const { rows, notes } = JSON.parse(out!) as {
    rows: { name: string; by: string; unit: string; median: number }[];
    notes: string[];
  };
  assertEquals(rows.map(({ name, by }) => `${name}: ${by}`), [
    "no-op, 1 targets: skelrun",
    "no-op, 10 targets: skelrun",
    "plan, 1 stages, all cached: skelrun",
    "plan, 1 stages, nothing cached: skelrun",
    "plan, 10 stages, all cached: skelrun",
    "plan, 10 stages, nothing cached: skelrun",
    "plan, 50 stages, all cached: skelrun",
    "plan, 50 stages, nothing cached: skelrun",
  ]);
  assert(rows.every(({ median, unit }) => median > 0 && unit === "s"));
  assertEquals(notes.slice(0, 2), [
    "no snakemake to measure against: install it with apt-get install snakemake",
    "no make to measure against: install it with apt-get install make",
  ]);
  assert(notes[2]!.endsWith("with 10 (1 is linear)"), notes[2]);
  assert(err!.includes("no-op, 10 targets: skelrun"), err);
});

/** Whether a program is installed. */
function installed(name: string): boolean {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  return folders.some((folder) => {
    try {
      return Deno.statSync(`${folder}/${name}`).isFile;
    } catch {
      return false;
    }
  });
}

for (const [name, by] of [["snakemake", /^snakemake \d/], ["make", /^GNU Make \d/]] as const) {
  Deno.test({
    name:
      `a peer finds nothing to do on the graph it is measured on, or is left out [needs ${name}]`,
    ignore: !installed(name),
    fn: async () => {
      const folder = await Deno.makeTempDir({ prefix: "skelrun-peers-" });
      try {
        const graph = await prepareNoOp(folder, 3);
        const idle = await peersOf(graph, [name]);
        assertEquals([idle.peers.length, idle.missing], [1, []]);
        assert(by.test(idle.peers[0]!.by), idle.peers[0]!.by);
        assert(await timed(idle.peers[0]!) > 0);
        const soon = new Date(Date.now() + 5000);
        await Deno.utime(`${folder}/in/1.txt`, soon, soon);
        const busy = await peersOf(graph, [name]);
        assertEquals(busy.peers, []);
        assert(busy.missing[0]!.includes("is not measured: it found something to do"));
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

Deno.test("a peer that ends at once is an error that says what was run", async () => {
  const error = await assertRejects(() => Peer.spawn(Deno.execPath(), ["eval", "0"]), Error);
  assertEquals(error.message, "the peer ended before it had answered: eval 0");
});

Deno.test({
  name: "the peer waits for its turns, and takes time for each [needs python3-torch]",
  ignore: interpreter === undefined,
  fn: async () => {
    const size = { width: 2, hidden: 8, batch: 3, bodies: 2, frames: 8, queue: 9, threads: 1 };
    const peer = await Peer.start(interpreter!, size);
    assert(peer.name.startsWith("pytorch "));
    for (const run of ["train", "eval", "eval-one", "train"] as const) {
      assert(await peer.seconds(run) > 0, run);
    }
    await peer.close();
  },
});

Deno.test("`bench train` measures steps and evaluation, and says how much was done how fast", async () => {
  const sizes = ["--width", "2", "--batch", "3", "--frames", "8", "--threads", "2"];
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...PERMISSIONS, "main.ts", "bench", "train", "--backend", "simd", ...sizes]
      .concat("--runs", "2", "--json"),
    cwd: root.pathname,
    env: { PATH: "/nowhere" },
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert(out!.startsWith("{"), err);
  const { rows, notes } = JSON.parse(out!) as {
    rows: { name: string; by: string; unit: string; median: number }[];
    notes: string[];
  };
  const own = rows.filter(({ by }) => by === "skelrun");
  assertEquals(own.map(({ name }) => name), [
    "2/8 batch 3 frames 8: a step",
    "2/8 batch 3 frames 8: evaluation",
    "2/8 batch 3 frames 8: evaluation, one body present",
  ]);
  assert(own.every(({ median, unit }) => median > 0 && unit === "clips/s"));
  const step = notes.filter((note) => note.startsWith(`${own[0]!.name}: `));
  assert(/G multiply-adds and .* GFLOP\/s, \d+ % of a bare/.test(step[0]!), step[0]);
  for (const  of of["graph convolution", "attention", "update", "between kernels"]) {
    assert(new RegExp(`${of} \\d.*? %`).test(step[1]!), step[1]);
  }
});
