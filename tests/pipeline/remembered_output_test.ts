import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runCommandLine } from "../../pipeline/command_line.ts";
import { PINNED_DENO } from "../../pipeline/pinned_deno.ts";
import type { Verb } from "../../pipeline/verb.ts";
import { pipelineVerbs } from "../../pipeline/verbs/mod.ts";
import { CapturedTerminal } from "../unit/cli/captured_terminal.ts";
import { toyStages } from "./toy_stages.ts";

/** Where the toy verb found an output. */
const seen: string[] = [];

/** Lists the files of an output, and fails if asked to. */
const peek: Verb = {
  name: "peek",
  summary: "Lists an output's files",
  arguments: [{ name: "OUTPUT", summary: "STAGE.OUTPUT" }],
  options: {
    fail: { kind: "flag", summary: "Fail while looking" },
    store: { kind: "value", value: "DIR", summary: "The store" },
    experiment: { kind: "value", value: "FILE", summary: "The experiment" },
    variant: { kind: "value", value: "NAME", summary: "The variant" },
  },
  example: "peek one.number",
  async run(call) {
    await call.withOutput!(call.args.OUTPUT!, async (folder) => {
      seen.push(folder);
      const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
      call.terminal.out(`${names.sort().join(" ")}\n`);
      if (call.flag("fail")) throw new Error("the look failed");
    });
    return 0;
  },
};

const EXPERIMENT = `name: toys
stages:
  one: {uses: number, params: {value: 1}}
  sum: {uses: total, inputs: {a: one.number, b: one.number}}
`;

async function command(store: string, ...args: string[]) {
  const terminal = new CapturedTerminal();
  const status = await runCommandLine([...args, "--store", store], {
    verbs: [...pipelineVerbs, peek],
    catalogue: toyStages(),
    terminal,
    resolveDevice: () =>
      Promise.resolve({ backend: "cpu", class: "cpu", software: false, why: "a test" }),
    deno: PINNED_DENO,
  });
  return { status, stdout: terminal.stdout, stderr: terminal.stderr };
}

Deno.test("an output of the last run is handed out as a folder, and nothing of it stays", async () => {
  const folder = await Deno.makeTempDir({ prefix: "skelrun-peek-" });
  try {
    const [store, file] = [`${folder}/store`, `${folder}/toys.yaml`];
    await Deno.writeTextFile(file, EXPERIMENT);
    const early = await command(store, "peek", "one");
    assertEquals(early.status, 2);
    assertStringIncludes(early.stderr, "nothing was run yet");
    assertEquals((await command(store, "run", file, "-q")).status, 0);
    const before = await Array.fromAsync(Deno.readDir(`${store}/local`), ({ name }) => name);

    const whole = await command(store, "peek", "one");
    assertEquals([whole.status, whole.stderr], [0, ""]);
    assert(whole.stdout.trim().length > 0);
    const named = await command(store, "peek", "one.number", "--experiment", file);
    assertEquals(named.stdout, whole.stdout);
    const failed = await command(store, "peek", "sum", "--fail");
    assertStringIncludes(failed.stderr, "the look failed");
    assertEquals(seen.length, 3);
    for (const place of seen) {
      assert(place.startsWith(`${store}/local/`), place);
      assertEquals(await Deno.stat(place).catch(() => "gone"), "gone");
    }
    const after = await Array.fromAsync(Deno.readDir(`${store}/local`), ({ name }) => name);
    assertEquals(after.sort(), before.sort());

    const wrong = await command(store, "peek", "one.letter");
    assertEquals(wrong.status, 2);
    assertStringIncludes(
      wrong.stderr,
      "stage one has the outputs number: say which, as one.number",
    );
    const none = await command(store, "peek", "onee");
    assertStringIncludes(none.stderr, 'no stage "onee" in the last run of toys');
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
