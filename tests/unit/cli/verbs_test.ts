import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { z } from "zod";
import { runCommandLine } from "../../../pipeline/command_line.ts";
import { PINNED_DENO } from "../../../pipeline/pinned_deno.ts";
import type { Catalogue, StageDefinition } from "../../../pipeline/stage.ts";
import type { DeviceRequest } from "../../../pipeline/types.ts";
import { pipelineVerbs } from "../../../pipeline/verbs/mod.ts";
import { toyStages } from "../../pipeline/toy_stages.ts";
import { CapturedTerminal } from "./captured_terminal.ts";

const table: StageDefinition = {
  name: "table",
  summary: "Writes a table",
  params: z.strictObject({ title: z.string().default("Numbers") }),
  inputs: { "*": { type: "number", summary: "A row" } },
  outputs: { table: { type: "table", summary: "table.md" } },
  entry: new URL("./toy_table.ts", import.meta.url).href,
  resources: { cores: 1, memoryMiB: 100 },
};
const catalogue: Catalogue = { ...toyStages(), table };

const EXPERIMENT = `name: toys
stages:
  one: {uses: number, params: {value: 1}}
  sum: {uses: total, inputs: {a: one.number, b: one.number}, params: {limit: 100}}
  table: {uses: table, inputs: {sum: sum.number, one: one.number}}
expect:
  table.rows: {min: 2, max: 2}
`;

/** A folder with an experiment and a store, and a command line that works in it. */
class Workplace implements AsyncDisposable {
  readonly folder: string = Deno.makeTempDirSync({ prefix: "skelrun-verbs-" });
  readonly file: string = `${this.folder}/toys.yaml`;
  readonly asked: DeviceRequest[] = [];

  constructor(text: string = EXPERIMENT) {
    Deno.writeTextFileSync(this.file, text);
  }

  async call(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
    const terminal = new CapturedTerminal();
    const status = await runCommandLine([...args, "--store", `${this.folder}/store`], {
      verbs: pipelineVerbs,
      catalogue,
      terminal,
      resolveDevice: (request) => {
        this.asked.push(request);
        return Promise.resolve({ backend: "cpu", class: "cpu", software: false, why: "a test" });
      },
      deno: PINNED_DENO,
    });
    const plain = (text: string) => text.replaceAll(`${this.folder}/`, "");
    return { status, stdout: plain(terminal.stdout), stderr: plain(terminal.stderr) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Times and digests replaced, so that the rest can be compared in full. */
function masked(text: string): string {
  return text.replaceAll(/\b[0-9a-f]{12}\b/g, "<digest>").replaceAll(/\d+\.\d s/g, "<time>")
    .replaceAll(/ +/g, " ");
}

Deno.test("run prints the table of stages, the expectations and the result, and then all is cached", async () => {
  await using place = new Workplace();
  const first = await place.call("run", place.file);
  assertEquals(first.status, 0);
  assertEquals(
    masked(first.stdout),
    `stage state time output metrics
one ran <time> <digest> value 1
sum ran <time> <digest> value 2
table ran <time> <digest> rows 2

expectations
 pass table.rows = 2 (expected 2 to 2)

# Numbers

| input | number |
| --- | --- |
| one | 1 |
| sum | 2 |
`,
  );
  assertStringIncludes(first.stderr, "sum: runs (first run)\n");
  assertMatch(first.stderr, /toys: done in \d+\.\d s\n$/);
  const second = await place.call("run", place.file);
  assertEquals(
    masked(second.stdout),
    masked(first.stdout).replaceAll("ran <time>", "cached"),
  );
  assert(!second.stderr.includes("runs ("));
  assertEquals(place.asked, [], "no device is asked for where no stage computes on one");
});

Deno.test("run --json prints one document and nothing else on standard output", async () => {
  await using place = new Workplace();
  const { status, stdout } = await place.call("run", place.file, "--json", "--quiet");
  const run = JSON.parse(stdout);
  assertEquals([status, run.experiment, run.status], [0, "toys", "done"]);
  assertEquals(run.stages.map(({ id }: { id: string }) => id), ["one", "sum", "table"]);
  assertEquals(run.expectations, [
    { stage: "table", metric: "rows", min: 2, max: 2, value: 2, passed: true },
  ]);
});

Deno.test("run fails when an expectation does, and says which", async () => {
  await using place = new Workplace();
  const { status, stdout, stderr } = await place.call(
    "run",
    place.file,
    "--set",
    "expect.table.rows.min=3",
    "--set",
    "expect.table.rows.max=9",
  );
  assertEquals(status, 1);
  assertStringIncludes(stdout, "FAIL  table.rows = 2 (expected 3 to 9)");
  assertMatch(stderr, /toys: done in [^;]+; expectations not met: 1 of 1\n$/);
  const unknown = await place.call("run", place.file, "--set", "expect.sum.vlaue.min=1");
  assertEquals(unknown.status, 1);
  assertStringIncludes(
    unknown.stdout,
    "FAIL  sum.vlaue was not reported (expected at least 1; sum reports: value)",
  );
});

Deno.test("plan says what would run and why, and runs nothing", async () => {
  await using place = new Workplace();
  const before = await place.call("plan", place.file);
  assertEquals(
    masked(before.stdout),
    `toys: 3 stages: 0 cached, 1 to run, 2 waiting for it

one: first run; 2 stages follow

# stage state takes why
1 one runs ? first run
2 sum waits ? for one
3 table waits ? for one

How long it takes is not known: no earlier result speaks for a stage.
`,
  );
  await place.call("run", place.file, "-q");
  const after = await place.call("plan", place.file, "--set", "stages.table.params.title=Sums");
  assertStringIncludes(masked(after.stdout), "table: title ");
  assertMatch(masked(after.stdout), /sum cached\n ?1 table runs \S+( \S+)? title/);
  const json = await place.call("plan", place.file, "--json");
  const plan = JSON.parse(json.stdout);
  assertEquals(
    plan.stages.map(({ state }: { state: string }) => state),
    ["cached", "cached", "cached"],
  );
  assertMatch(plan.stages[0].outputs[0].digest, /^[0-9a-f]{64}$/);
});

Deno.test("a parameter rule that the plan finds broken shows the line of the file", async () => {
  await using place = new Workplace(EXPERIMENT.replace("limit: 100", "limit: 0"));
  for (const verb of ["plan", "run"]) {
    const { status, stdout, stderr } = await place.call(verb, place.file);
    assertEquals([status, stdout], [2, ""]);
    assertStringIncludes(stderr, "toys.yaml:4:78: ");
    assertStringIncludes(stderr, "a is over the limit 0");
    assertStringIncludes(stderr, "    4 |   sum: {uses: total");
  }
});

Deno.test("a circle of stages shows the line of the file", async () => {
  await using place = new Workplace(
    "name: x\nstages:\n  a: {uses: total, inputs: {n: b.number}}\n" +
      "  b: {uses: total, inputs: {n: a.number}}\n",
  );
  const { status, stderr } = await place.call("plan", place.file);
  assertEquals(status, 2);
  assertMatch(stderr, /toys\.yaml:\d:\d+: .*circle/);
});

Deno.test("a failing stage is shown when it happens; logs prints its whole log", async () => {
  await using place = new Workplace(
    "name: x\nstages:\n  bad: {uses: fault, params: {how: throw}}\n" +
      "  after: {uses: total, inputs: {n: bad.number}}\n",
  );
  const { status, stdout, stderr } = await place.call("run", place.file);
  assertEquals(status, 1);
  assertStringIncludes(stderr, "bad: failed after");
  assertStringIncludes(stderr, "the end of its log:\n  | about to throw\n");
  assertStringIncludes(stderr, "after: skipped (bad failed)\n");
  assertMatch(stdout, /^bad +failed .*clip 7 has 24 joints/m);
  const log = await place.call("logs", "bad");
  assertEquals(log.status, 0);
  assertStringIncludes(log.stdout, "about to throw");
  const path = await place.call("logs", "bad", place.file, "--path");
  assertStringIncludes(stderr, `the whole log: ${path.stdout.trim()}`);
  const json = JSON.parse((await place.call("logs", "bad", "--json")).stdout);
  assertEquals([json.stage, json.status, json.logFile], ["bad", "failed", path.stdout.trim()]);
  assertEquals(json.lines, log.stdout.trimEnd().split("\n"));
  await Deno.rename(`${place.folder}/store`, `${place.folder}/moved`);
  await Deno.rename(place.folder, `${place.folder}-moved`);
  try {
    const terminal = new CapturedTerminal();
    const moved = `${place.folder}-moved/moved`;
    await runCommandLine(["logs", "bad", "--store", moved, "--path"], {
      verbs: pipelineVerbs,
      catalogue,
      terminal,
      resolveDevice: () => Promise.reject(new Error("no device is needed")),
      deno: PINNED_DENO,
    });
    assert(Deno.statSync(terminal.stdout.trim()).isFile, "a moved store has its logs with it");
  } finally {
    await Deno.rename(`${place.folder}-moved`, place.folder);
    await Deno.rename(`${place.folder}/moved`, `${place.folder}/store`);
  }
  const skipped = await place.call("logs", "after", "--json");
  assertEquals(skipped.status, 1);
  assertStringIncludes(JSON.parse(skipped.stdout).message, "there is no log of after of x");
  assertStringIncludes(skipped.stderr, "there is no log of after of x, run begun");
});

Deno.test("logs and export look back only at runs that were", async () => {
  await using place = new Workplace();
  const early = await place.call("logs", "sum");
  assertEquals(early.status, 2);
  assertStringIncludes(early.stderr, "logs: nothing was run yet with the store");
  assertThrows(() => Deno.statSync(`${place.folder}/store`), Deno.errors.NotFound);
  await place.call("run", place.file, "-q");
  const typo = await place.call("logs", "smu");
  assertStringIncludes(
    typo.stderr,
    'logs: no stage "smu" in the last run of toys; did you mean "sum"? Its stages: one, sum, table',
  );
  Deno.writeTextFileSync(`${place.folder}/other.yaml`, EXPERIMENT.replace("toys", "other"));
  const other = await place.call("logs", "sum", `${place.folder}/other.yaml`);
  assertStringIncludes(other.stderr, "the experiment other was not run yet");
});

Deno.test("export copies an output's files out, writable, and overwrites nothing", async () => {
  await using place = new Workplace();
  await place.call("run", place.file, "-q");
  const folder = `${place.folder}/out`;
  const first = await place.call("export", "table", folder);
  assertEquals([first.status, first.stdout], [0, ""]);
  assertStringIncludes(Deno.readTextFileSync(`${folder}/table.md`), "| sum | 2 |");
  Deno.writeTextFileSync(`${folder}/table.md`, "mine");
  const second = await place.call("export", "table", folder);
  assertEquals(second.status, 1);
  assertStringIncludes(second.stderr, "is not empty");
  assertEquals(Deno.readTextFileSync(`${folder}/table.md`), "mine");
  assertEquals((await place.call("run", place.file, "-q")).status, 0);
  const wrong = await place.call("export", "table.tabel", `${folder}2`);
  assertEquals(wrong.status, 2);
  assertStringIncludes(wrong.stderr, 'has no output "tabel"; did you mean "table"?');
  const deeper = await place.call("export", "table.table.md", `${folder}2`);
  assertStringIncludes(deeper.stderr, 'stage table has no output "table.md"');
  const file = await place.call("export", "table", place.file, "--json");
  assertStringIncludes(JSON.parse(file.stdout).message, "is a file; name a folder that is new");
  const json = await place.call(
    "export",
    "sum.number",
    `${folder}3`,
    "--experiment",
    place.file,
    "--json",
  );
  assertEquals(JSON.parse(json.stdout).outputs[0].name, "number");
});

Deno.test("a wrong option of run is refused before anything is read", async () => {
  await using place = new Workplace();
  for (
    const [option, message] of [
      ["--jobs=0", '--jobs: expected a whole number of at least 1, found "0"'],
      [["--jobs=2", "--threads=3"], "--threads: expected at most the 2 of --jobs, found 3"],
      ["--on-error=go", '--on-error: expected keep or stop, found "go"'],
      ["--backend=cuda", '--backend: expected auto, cpu, simd or webgpu, found "cuda"'],
    ] as const
  ) {
    const { status, stderr } = await place.call("run", "nowhere.yaml", ...[option].flat());
    assertEquals(status, 2);
    assertStringIncludes(stderr, message);
  }
});

Deno.test("a device is asked for where a stage computes on one, with what the user said", async () => {
  await using place = new Workplace("name: x\nstages:\n  g: {uses: gpu}\n");
  const definition = Object.values(catalogue).find(({ entry }) => typeof entry !== "string");
  assert(definition !== undefined, "the toys have a stage that computes on a device");
  Deno.writeTextFileSync(place.file, `name: x\nstages:\n  g: {uses: ${definition.name}}\n`);
  const { stdout } = await place.call("plan", place.file, "--allow-software");
  assertStringIncludes(stdout, "device: cpu (a test)");
  assertEquals(place.asked.map(({ backend, allowSoftware }) => [backend, allowSoftware]), [
    ["auto", true],
  ]);
});
