import { assert, assertEquals } from "@std/assert";
import flatten from "../../../stages/flatten/entry.ts";
import { flattenParams } from "../../../stages/flatten/definition.ts";
import { readJson } from "../../../stages/formats/json_text.ts";
import { linearEval } from "../../../stages/linear_eval/definition.ts";
import evaluate from "../../../stages/linear_eval/entry.ts";
import { normalizeParams } from "../../../stages/normalize/definition.ts";
import normalize from "../../../stages/normalize/entry.ts";
import { parseNtuParams } from "../../../stages/parse/ntu/definition.ts";
import parseNtu from "../../../stages/parse/ntu/entry.ts";
import { parsePkuParams } from "../../../stages/parse/pku/definition.ts";
import parsePku from "../../../stages/parse/pku/entry.ts";
import { readPreparedParams } from "../../../stages/prepared/read/definition.ts";
import readPrepared from "../../../stages/prepared/read/entry.ts";
import { writePreparedParams } from "../../../stages/prepared/write/definition.ts";
import writePrepared from "../../../stages/prepared/write/entry.ts";
import { clipsOrigin, type DataOrigin } from "../../../stages/results/data_origin.ts";
import type { ResultFile } from "../../../stages/results/result_file.ts";
import { splitParams } from "../../../stages/split/definition.ts";
import split from "../../../stages/split/entry.ts";
import synth from "../../../stages/synth/entry.ts";
import { synthPkuParams } from "../../../stages/synth/pku/definition.ts";
import synthPku from "../../../stages/synth/pku/entry.ts";
import { table } from "../../../stages/table/definition.ts";
import makeTable from "../../../stages/table/entry.ts";
import type { StageMain } from "../../../pipeline/stage.ts";
import { runStage, temporaryFolder } from "../parse/stage_run.ts";
import { smallParams } from "../synth/small_data_set.ts";

/** A chain of stages whose outputs lie in one folder, by name. */
class Chain {
  constructor(readonly folder: string) {}

  /** Runs a stage; its only output is stored under a name. */
  async run(
    main: StageMain<never>,
    params: unknown,
    inputs: Readonly<Record<string, string>>,
    port: string,
    as = port,
  ): Promise<string> {
    const at = (name: string) => `${this.folder}/${name}`;
    await Deno.mkdir(at(as));
    const paths = Object.fromEntries(
      Object.entries(inputs).map(([name, output]) => [name, at(output)]),
    );
    await runStage(main as unknown as StageMain, params, paths, { [port]: at(as) });
    return at(as);
  }
}

Deno.test("synthetic recordings are known as such from their files to the level in the table", async () => {
  await using folder = await temporaryFolder();
  const chain = new Chain(folder.path);
  const params = smallParams({ performers: 4, two_body: 0.4, missing: 0 });
  const recordings = await chain.run(synth, params, {}, "recordings");
  await chain.run(parseNtu, parseNtuParams.parse({}), { recordings: "recordings" }, "raw");
  const clips = await chain.run(
    normalize,
    normalizeParams.parse({ frames: 16 }),
    { raw: "raw" },
    "clips",
  );
  const people = (await readJson<{ actions: { label: number; people: number }[] }>(
    `${recordings}/truth.json`,
  )).actions;
  const mutual = people.filter((action) => action.people === 2).map(({ label }) => label);
  assertEquals(mutual.length, 2);
  const origin = await clipsOrigin(clips);
  assertEquals([origin.synthetic, origin.mutual, origin.dataset], [true, mutual, "ntu"]);

  await chain.run(split, splitParams.parse({}), { clips: "clips" }, "split");
  await chain.run(flatten, flattenParams.parse({}), { clips: "clips" }, "features");
  const inputs = { features: "features", split: "split" };
  const probe = linearEval.params.parse({ seed: 1, epochs: 5 });
  const folderOf = await chain.run(evaluate, probe, inputs, "result");
  const result = await readJson<ResultFile>(`${folderOf}/result.json`);
  assertEquals(result.data, origin);
  const tested = result.rows[0]!;
  assertEquals(tested.one_person!.n + tested.mutual!.n, result.test);
  assert(tested.mutual!.n > 0);

  await Deno.rename(folderOf, `${folder.path}/ours`);
  await Deno.mkdir(`${folder.path}/floor`);
  for await (const { name } of Deno.readDir(`${folder.path}/ours`)) {
    await Deno.copyFile(`${folder.path}/ours/${name}`, `${folder.path}/floor/${name}`);
  }
  const made = await chain.run(
    makeTable,
    table.params.parse({
      rows: [{ input: "ours" }, { input: "floor", control: true }],
    }),
    { ours: "ours", floor: "floor" },
    "table",
  );
  const { rows } = await readJson<{ rows: { claim?: { level: string; reason: string } }[] }>(
    `${made}/table.json`,
  );
  assertEquals(rows.map(({ claim }) => claim), [
    { level: "P", reason: "synthetic recordings" },
    undefined,
  ]);
});

Deno.test("synthetic long videos are known as such too", async () => {
  await using folder = await temporaryFolder();
  const chain = new Chain(folder.path);
  const params = synthPkuParams.parse({
    actions: 5,
    two_body: 0.4,
    performers: 2,
    sequences: 1,
    cameras: 1,
    frames: [20, 30],
  });
  await chain.run(synthPku, params, {}, "recordings");
  const raw = await chain.run(
    parsePku,
    parsePkuParams.parse({}),
    { recordings: "recordings" },
    "raw",
  );
  const { synthetic, mutual } = await readJson<DataOrigin>(`${raw}/index.json`);
  assertEquals([synthetic, mutual!.length], [true, 2]);
});

Deno.test("what was parsed of a sensor says nothing of the kind; arrays say that they were prepared", async () => {
  await using folder = await temporaryFolder();
  const chain = new Chain(folder.path);
  const recordings = await chain.run(
    synth,
    smallParams({ performers: 4, missing: 0 }),
    {},
    "recordings",
  );
  // Without their truth they cannot be told from recordings of people.
  await Deno.remove(`${recordings}/truth.json`);
  const raw = await chain.run(
    parseNtu,
    parseNtuParams.parse({}),
    { recordings: "recordings" },
    "raw",
  );
  const plain = await readJson<Record<string, unknown>>(`${raw}/index.json`);
  assertEquals(["synthetic", "prepared", "mutual"].filter((key) => key in plain), []);
  await chain.run(
    writePrepared,
    writePreparedParams.parse({ form: "st_gcn", protocol: "xsub" }),
    { raw: "raw", ...(await splitOf(chain)) },
    "prepared",
  );
  const read = await chain.run(
    readPrepared,
    readPreparedParams.parse({}),
    { prepared: "prepared" },
    "raw",
    "raw_again",
  );
  assertEquals((await readJson<DataOrigin>(`${read}/index.json`)).prepared, true);
});

/** A split of the parsed recordings, and the clips that it is of. */
async function splitOf(chain: Chain): Promise<Record<string, string>> {
  await chain.run(normalize, normalizeParams.parse({ frames: 16 }), { raw: "raw" }, "clips");
  await chain.run(split, splitParams.parse({}), { clips: "clips" }, "split");
  return { clips: "clips", split: "split" };
}
