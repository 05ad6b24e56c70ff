import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { z } from "zod";
import { runCommandLine } from "../../../pipeline/command_line.ts";
import { PINNED_DENO } from "../../../pipeline/pinned_deno.ts";
import type { Catalogue, StageDefinition } from "../../../pipeline/stage.ts";
import { openStore } from "../../../pipeline/store/store.ts";
import { pipelineVerbs } from "../../../pipeline/verbs/mod.ts";
import { compareFiles } from "../../../stages/tensor_difference/compare_files.ts";
import { toyStages } from "../../pipeline/toy_stages.ts";
import { CapturedTerminal } from "./captured_terminal.ts";

const weights: StageDefinition = {
  name: "weights",
  summary: "Writes tensors",
  params: z.strictObject({ sound: z.boolean().default(true) }),
  inputs: {},
  outputs: {
    weights: { type: "weights", summary: "net.safetensors" },
    note: { type: "text", summary: "note.txt" },
  },
  entry: new URL("./toy_weights.ts", import.meta.url).href,
  resources: { cores: 1, memoryMiB: 100 },
};
const catalogue: Catalogue = { ...toyStages(), weights };

const EXPERIMENT = `name: toys
stages:
  one: {uses: number, params: {value: 1}}
  net: {uses: weights}
  sum: {uses: total, inputs: {a: one.number}}
`;

/** A folder with an experiment that ran, and a command line that works in it. */
async function withExperiment(
  text: string,
  use: (
    call: (...args: string[]) => Promise<{ status: number; stdout: string; stderr: string }>,
    folder: string,
  ) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "skelrun-verify-" });
  await Deno.writeTextFile(`${folder}/toys.yaml`, text);
  try {
    await use(async (...args) => {
      const terminal = new CapturedTerminal({ columns: 200 });
      const status = await runCommandLine(
        [
          ...args.map((arg) => arg === "FILE" ? `${folder}/toys.yaml` : arg),
          "--store",
          `${folder}/store`,
        ],
        {
          verbs: pipelineVerbs,
          catalogue,
          terminal,
          compareFiles,
          resolveDevice: () =>
            Promise.resolve({ backend: "cpu", class: "cpu", software: false, why: "a test" }),
          deno: PINNED_DENO,
        },
      );
      const plain = (text: string) => text.replaceAll(`${folder}/`, "");
      return { status, stdout: plain(terminal.stdout), stderr: plain(terminal.stderr) };
    }, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Times and digests replaced, so that the rest can be compared in full. */
function masked(text: string): string {
  return text.replaceAll(/\b[0-9a-f]{12}\b/g, "<digest>").replaceAll(/\d+\.\d s/g, "<time>")
    .replaceAll(/ +/g, " ").replaceAll(/[0-9a-f]{64}/g, "<key>");
}

Deno.test("verify says that all is the same, stage by stage, and ends with status 0", () =>
  withExperiment(EXPERIMENT, async (call) => {
    assertEquals((await call("run", "FILE", "-q")).status, 0);
    const { status, stdout, stderr } = await call("verify", "FILE");
    assertEquals(status, 0, stderr);
    assertEquals(
      masked(stdout),
      `stage state time note
one same <time>
net same <time>
sum same <time>
`,
    );
    assertStringIncludes(stderr, "toys: 3 stages: 3 same, in ");
    const one = await call("verify", "FILE", "net", "--times", "2", "--json");
    const { stages, stopped } = JSON.parse(one.stdout);
    assertEquals([one.status, stopped, stages.length], [0, false, 1]);
    assertEquals([stages[0].id, stages[0].state, stages[0].recomputed], ["net", "same", 2]);
    const lineage = await call("lineage", "net.weights");
    assertStringIncludes(
      lineage.stdout.replaceAll(/\s+/g, " "),
      "recomputed 3 times with the same result",
    );
  }));

Deno.test("verify names stage, output, file, the first tensor that differs and by how many ulps", () =>
  withExperiment(
    EXPERIMENT.replace("{uses: weights}", "{uses: weights, params: {sound: false}}"),
    async (call) => {
      await call("run", "FILE", "-q");
      const { status, stdout, stderr } = await call("verify", "FILE");
      assertEquals(status, 1);
      assertEquals(
        masked(stdout),
        `stage state time note
one same <time>
net DIFFERS <time> output weights, net.safetensors
sum same <time>
`,
      );
      assertMatch(
        masked(stderr),
        /net: failed after <time>: DIFFERS: the same inputs gave another result \(published \/ recomputed\)\n output weights: <digest> \/ <digest>\n net\.safetensors: tensor "layer\.weight": first differs at \[\d+, \d+\] by 1 ulp \((1 \/ 1\.0000001192092896|1\.0000001192092896 \/ 1)\); \d+ of 256 values differ, by at most 1 ulp\n the published result stays; the recomputed one: store\/verified\/<key>\/differing\n/,
      );
      assert(!stderr.includes("output note"));
      const lineage = await call("lineage", "net.weights");
      assertStringIncludes(
        lineage.stdout.replaceAll(/\s+/g, " "),
        "recomputed once, with ANOTHER RESULT once",
      );
      assertStringIncludes(stderr, "toys: 3 stages: 2 same, 1 DIFFERS, in ");
    },
  ));

Deno.test("verify of what was never computed compares nothing and fails", () =>
  withExperiment(EXPERIMENT, async (call) => {
    const { status, stdout, stderr } = await call("verify", "FILE", "sum");
    assertEquals(status, 1);
    assertEquals(masked(stdout), "stage state time note\nsum not computed yet waits for one\n");
    assertStringIncludes(stderr, "verify: nothing was compared");
  }));

Deno.test("verify asks for a file or --blobs, and knows the stages by name", () =>
  withExperiment(EXPERIMENT, async (call) => {
    const none = await call("verify");
    assertEquals(none.status, 2);
    assertStringIncludes(none.stderr, "expected an experiment FILE whose results to recompute");
    const both = await call("verify", "FILE", "--blobs");
    assertEquals(both.status, 2);
    const wrong = await call("verify", "FILE", "nett");
    assertEquals(wrong.status, 2);
    assertStringIncludes(wrong.stderr, 'no stage "nett" in toys; did you mean "net"?');
    const times = await call("verify", "FILE", "--times", "0");
    assertEquals(times.status, 2);
  }));

Deno.test("verify of a stage that a matrix multiplies takes all its cells, of a cell that one", () =>
  withExperiment(
    `${EXPERIMENT}matrix: {axes: {value: {set: stages.one.params.value, values: [1, 2]}}}\n`,
    async (call) => {
      await call("run", "FILE", "-q");
      const cells = await call("verify", "FILE", "sum");
      assertEquals(cells.status, 0, cells.stderr);
      const names = (text: string) =>
        text.trim().split("\n").slice(1).map((row) => row.split(" ")[0]);
      assertEquals(names(cells.stdout), ["sum@value=1", "sum@value=2"]);
      assertEquals(names((await call("verify", "FILE", "sum@value=2")).stdout), ["sum@value=2"]);
    },
  ));

Deno.test("verify --blobs: sound, damaged, set aside, and remade by verify --repair", () =>
  withExperiment(EXPERIMENT, async (call, folder) => {
    const missing = await call("verify", "--blobs");
    assertEquals(missing.status, 2);
    assertStringIncludes(missing.stderr, "nothing was run yet with the store");
    await call("run", "FILE", "-q");
    const sound = await call("verify", "--blobs");
    assertEquals(sound.status, 0, sound.stderr);
    assertMatch(sound.stdout, /^all sound: 3 records, \d lists of files, \d blobs \(.* KiB\)\n$/);
    assertMatch(sound.stderr, /hashed in \d+\.\d s, [\d.]+ [KM]iB\/s\n$/);

    const store = await openStore(`${folder}/store`);
    const { stages } = JSON.parse((await call("run", "FILE", "-q", "--json")).stdout);
    const net = stages.find(({ id }: { id: string }) => id === "net");
    const { digest } = store.readTree(net.outputs[0].digest)![0]!;
    await Deno.chmod(store.blobPath(digest), 0o644);
    await Deno.writeTextFile(store.blobPath(digest), "rotten");
    const damaged = await call("verify", "--blobs", "--json");
    assertEquals(damaged.status, 1);
    assertEquals(JSON.parse(damaged.stdout).damaged[0].name, digest);
    const repaired = await call("verify", "--blobs", "--repair");
    assertEquals(repaired.status, 1);
    assertStringIncludes(repaired.stdout, `DAMAGED blob ${digest}`);
    assertStringIncludes(repaired.stdout, "  part of net.safetensors of net.weights in toys (key ");
    assertStringIncludes(repaired.stdout, `  set aside: store/damaged/blob-${digest}`);
    const gone = await call("verify", "--blobs");
    assertEquals(gone.status, 0);
    assertStringIncludes(gone.stdout, "  net.weights in toys");
    const remade = await call("verify", "FILE", "net", "--repair");
    assertEquals(remade.status, 0);
    assertStringIncludes(masked(remade.stdout), "net same <time> bytes put back: weights");
    const again = await call("verify", "--blobs");
    assertEquals([again.status, again.stdout], [0, sound.stdout]);
  }));
