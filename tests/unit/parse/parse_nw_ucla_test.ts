import { assertEquals, assertRejects } from "@std/assert";
import { BadRecording } from "../../../stages/formats/bad_recording.ts";
import { readJson } from "../../../stages/formats/json_text.ts";
import { openNpy } from "../../../stages/formats/npy.ts";
import { parseNwUcla, parseNwUclaParams } from "../../../stages/parse/nw_ucla/definition.ts";
import entry from "../../../stages/parse/nw_ucla/entry.ts";
import type { IndexedClip } from "../../../stages/parse/raw_clips_writer.ts";
import { divide } from "../../../stages/split/divide.ts";
import { runStage, temporaryFolder } from "./stage_run.ts";

const RECORDINGS = Deno.env.get("NW_UCLA_DIR");

interface Index {
  readonly dataset: string;
  readonly classes: number;
  readonly class_names: readonly string[];
  readonly clips: readonly IndexedClip[];
}

interface Report {
  readonly excluded: readonly { name: string; line?: number; reason: string }[];
  readonly notes: readonly { name: string; note: string }[];
  readonly left_out: number;
}

async function parse(recordings: string, params: unknown = {}, strict = false) {
  await using folder = await temporaryFolder();
  const { path } = folder;
  const parsed = parseNwUclaParams.parse(params);
  const run = await runStage(entry, parsed, { recordings }, { raw: path }, strict);
  await using shard = await openNpy(`${path}/frames-00000.npy`);
  return {
    run,
    index: await readJson<Index>(`${path}/index.json`),
    report: await readJson<Report>(`${path}/report.json`),
    shape: shard.shape,
    rows: await shard.readRows(0, Math.min(shard.shape[0]!, 100)),
  };
}

async function parseFiles(
  files: Readonly<Record<string, unknown>>,
  strict = false,
  params: unknown = {},
) {
  await using folder = await temporaryFolder();
  for (const [name, value] of Object.entries(files)) {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    await Deno.writeTextFile(`${folder.path}/${name}`, text);
  }
  return await parse(folder.path, params, strict);
}

function recording(label: number, frames = 2) {
  const skeletons = Array.from(
    { length: frames },
    (_, f) => Array.from({ length: 20 }, (_, j) => [f + 0.5, j + 1, 3]),
  );
  return { skeletons, label };
}

Deno.test("20 joints become 25: the chest from the neck's place, tips and thumbs from the hands", async () => {
  const { index, shape, rows, run } = await parseFiles({
    "a08_s02_e00_v03.json": recording(7),
    "a01_s01_e01_v01.json": recording(1),
  });
  assertEquals(shape, [4, 1, 25, 3]);
  assertEquals(index.clips.map(({ name }) => name), ["a01_s01_e01_v01", "a08_s02_e00_v03"]);
  assertEquals(index.clips[1], {
    name: "a08_s02_e00_v03",
    label: 6,
    subject: 2,
    camera: 3,
    setup: 0,
    replication: 0,
    frames: 2,
    shard: 0,
    row: 2,
  });
  const y = Array.from({ length: 25 }, (_, joint) => rows[75 + joint * 3 + 1]);
  assertEquals(y, [...Array.from({ length: 20 }, (_, j) => j + 1), 3, 8, 8, 12, 12]);
  assertEquals([index.dataset, index.classes, index.class_names[6]], ["nw_ucla", 10, "donning"]);
  const facts = { dataset: "nw_ucla", bodies: 1, joints: 25, classes: 10 };
  assertEquals(run.facts.raw, { ...facts, files: 2, clips: 2 });
  assertEquals(parseNwUcla.facts!(parseNwUclaParams.parse({}), {}).raw, facts);
  const few = parseNwUclaParams.parse({ per_class: 5 });
  assertEquals(parseNwUcla.facts!(few, {}).raw, { ...facts, clips: 50 });
});

const zeros = { skeletons: [Array.from({ length: 20 }, () => [0, 0, 0])], label: 1 };
const BAD: Readonly<Record<string, readonly [unknown, string]>> = {
  "a01_s01_e02_v01.json": [recording(2), "expected label 1, as its name says, found 2"],
  "a01_s01_e03_v01.json": [{ skeletons: [], label: 1 }, "skeletons has no frames"],
  "a01_s01_e04_v01.json": [zeros, "no frame has a body with coordinates (1 frame)"],
  "a01_s01_e05_v01.json": [
    '{"skeletons": [[[1, 2',
    "column 22: expected ] (the end of a joint's coordinates), found the end of the file",
  ],
  "a01_s01_e06_v01.json": [
    '{"skeletons": [[[NaN, 1, 2]]], "label": 1}',
    'column 18: expected a finite number (x of joint 1 of frame 1), found "NaN"',
  ],
  "a01_s01_e07_v01.json": [
    { skeletons: [[[1, 2, 3]]], label: 1 },
    "column 24: expected 20 joints in frame 1, found 1",
  ],
  "a07_s01_e00_v01.json": [
    recording(7),
    "expected one of the actions 1, 2, 3, 4, 5, 6, 8, 9, 11, 12, found 7",
  ],
  "notes.json": [{}, "expected a name of the form aAA_sSS_eEE_vVV, two digits each"],
};

Deno.test("a second slot for a body stays empty", async () => {
  const files = { "a01_s01_e01_v01.json": recording(1) };
  const one = await parseFiles(files);
  const two = await parseFiles(files, false, { bodies: 2 });
  assertEquals(two.shape, [2, 2, 25, 3]);
  for (const frame of [0, 1]) {
    const at = 150 * frame;
    assertEquals(two.rows.slice(at, at + 75), one.rows.slice(75 * frame, 75 * frame + 75));
    assertEquals(two.rows.slice(at + 75, at + 150), new Float32Array(75));
  }
});

Deno.test("bad recordings are listed with their reasons and stop no good one", async () => {
  const bad = Object.fromEntries(Object.entries(BAD).map(([name, [value]]) => [name, value]));
  const good = { "a01_s01_e00_v01.json": recording(1) };
  const { index, report } = await parseFiles({ ...good, ...bad });
  assertEquals(index.clips.length, 1);
  const listed = Object.fromEntries(report.excluded.map(({ name, reason }) => [name, reason]));
  assertEquals(
    listed,
    Object.fromEntries(Object.entries(BAD).map(([name, [, why]]) => [name, why])),
  );
  for (const [name, [value]] of Object.entries(BAD)) {
    const error = await assertRejects(() => parseFiles({ ...good, [name]: value }, true));
    assertEquals(error instanceof BadRecording && error.file === name, true);
  }
});

Deno.test("a file that calls itself otherwise is taken, with a note", async () => {
  const { report } = await parseFiles({
    "a01_s01_e00_v01.json": { ...recording(1), file_name: "a01_s09_e00_v01" },
    "a01_s01_e01_v01.json": { ...recording(1), file_name: "a01_s01_e01_v01" },
  });
  assertEquals(report.notes, [{
    name: "a01_s01_e00_v01.json",
    note: "calls itself a01_s09_e00_v01",
  }]);
});

Deno.test({
  name: "the published recordings parse whole, with the published splits" +
    (RECORDINGS === undefined ? " [absent: NW_UCLA_DIR]" : ""),
  ignore: RECORDINGS === undefined,
  fn: async () => {
    const { index, report, shape } = await parse(RECORDINGS!);
    assertEquals([index.clips.length, report.excluded.length, shape[0]], [1484, 0, 58534]);
    const origins = {
      subjects: index.clips.map(({ subject }) => subject),
      cameras: index.clips.map(({ camera }) => camera),
      setups: index.clips.map(({ setup }) => setup),
    };
    const sizes = (protocol: "xview" | "xsub" | "xview_loso") =>
      divide("nw_ucla", protocol, origins).folds.map((
        { train, test },
      ) => [train.length, test.length]);
    assertEquals(sizes("xview"), [[1020, 464]]);
    assertEquals(sizes("xsub"), [[724, 760]]);
    const folds = sizes("xview_loso");
    assertEquals(folds.length, 10);
    assertEquals(folds.reduce((sum, [, test]) => sum + test!, 0), 464);
    assertEquals(folds.reduce((sum, [train]) => sum + train!, 0), 9 * 1020);
  },
});

Deno.test({
  name: "a subset of the published recordings holds every class, subject and view" +
    (RECORDINGS === undefined ? " [absent: NW_UCLA_DIR]" : ""),
  ignore: RECORDINGS === undefined,
  fn: async () => {
    const { index, report } = await parse(RECORDINGS!, { per_class: 12 });
    assertEquals([index.clips.length, report.left_out], [120, 1364]);
    const tested = index.clips.filter(({ camera }) => camera === 3).map(({ subject }) => subject);
    assertEquals(new Set(tested).size, 10);
    for (const clips of Map.groupBy(index.clips, ({ label }) => label).values()) {
      assertEquals(clips.length, 12);
      assertEquals(new Set(clips.map(({ subject }) => subject)).size >= 9, true);
      for (const view of [1, 2, 3]) {
        assertEquals(clips.filter(({ camera }) => camera === view).length, 4);
      }
    }
  },
});
