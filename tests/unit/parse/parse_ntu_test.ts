import { assertEquals, assertRejects } from "@std/assert";
import { TextReader, Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from "@zip.js/zip.js";
import { BadRecording } from "../../../stages/formats/bad_recording.ts";
import { readJson } from "../../../stages/formats/json_text.ts";
import { openNpy } from "../../../stages/formats/npy.ts";
import { UnusableInput } from "../../../stages/formats/unusable_input.ts";
import { parseNtu, parseNtuParams } from "../../../stages/parse/ntu/definition.ts";
import entry from "../../../stages/parse/ntu/entry.ts";
import { missingNames } from "../../../stages/parse/ntu/missing_lists.ts";
import { coordinate, skeletonLines, textOf } from "../formats/skeleton_fixture.ts";
import { digests, runStage, temporaryFolder } from "./stage_run.ts";

interface Index {
  readonly dataset: string;
  readonly bodies: number;
  readonly classes: number;
  readonly class_names: readonly string[];
  readonly clips: readonly { name: string; label: number; frames: number; row: number }[];
}

interface Report {
  readonly files: number;
  readonly clips: number;
  readonly excluded: readonly { name: string; line?: number; reason: string }[];
  readonly notes: readonly { name: string; note: string }[];
  readonly left_out: number;
  readonly other_files: number;
  readonly bodies: Readonly<Record<string, { clips: number; first?: string[]; share?: number }>>;
  readonly completeness?: { expected: number; found: number; fetch: string[] };
}

/** Files in a folder, parsed: `files` by name. */
async function parse(
  files: Readonly<Record<string, Uint8Array>>,
  params: unknown = {},
  strict = false,
) {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await Deno.mkdir(`${path}/in`);
  await Deno.mkdir(`${path}/raw`);
  for (const [name, bytes] of Object.entries(files)) {
    await Deno.writeFile(`${path}/in/${name}`, bytes);
  }
  const run = await runStage(
    entry,
    parseNtuParams.parse(params),
    { recordings: `${path}/in` },
    { raw: `${path}/raw` },
    strict,
  );
  await using shard = await openNpy(`${path}/raw/frames-00000.npy`);
  return {
    run,
    index: await readJson<Index>(`${path}/raw/index.json`),
    report: await readJson<Report>(`${path}/raw/report.json`),
    shape: shard.shape,
    rows: await shard.readRows(0, shard.shape[0]!),
  };
}

const good = (frames: number) => textOf(skeletonLines(new Array(frames).fill(1)));

const FILES = {
  "S001C001P003R001A002.skeleton": good(3),
  "S001C001P001R001A001.skeleton": good(2),
  "S002C003P007R002A004.skeleton": textOf(skeletonLines([2, 0]), "\r\n"),
};

Deno.test("good recordings become clips in the order of their names", async () => {
  const { index, report, run, shape, rows } = await parse(FILES);
  assertEquals(index.dataset, "ntu");
  assertEquals([index.bodies, index.classes, index.class_names], [2, 4, []]);
  assertEquals<unknown>(index.clips, [
    {
      name: "S001C001P001R001A001",
      label: 0,
      subject: 1,
      camera: 1,
      setup: 1,
      replication: 1,
      frames: 2,
      shard: 0,
      row: 0,
    },
    {
      name: "S001C001P003R001A002",
      label: 1,
      subject: 3,
      camera: 1,
      setup: 1,
      replication: 1,
      frames: 3,
      shard: 0,
      row: 2,
    },
    {
      name: "S002C003P007R002A004",
      label: 3,
      subject: 7,
      camera: 3,
      setup: 2,
      replication: 2,
      frames: 2,
      shard: 0,
      row: 5,
    },
  ]);
  assertEquals(shape, [7, 2, 25, 3]);
  assertEquals(rows[4 * 150], coordinate(2, 0, 0, 0));
  assertEquals(rows[5 * 150 + 149], coordinate(0, 1, 24, 2));
  assertEquals(rows.subarray(6 * 150).every((value) => value === 0), true);
  assertEquals([report.files, report.clips, report.excluded, report.other_files], [3, 3, [], 0]);
  const bodies = { late_or_gaps: 0, slot_changes: 0, more_than_two: 0, two_bodies: 1 };
  assertEquals(run.metrics, { clips: 3, excluded: 0, ...bodies });
  assertEquals(run.facts.raw, {
    ...{ dataset: "ntu", files: 3, clips: 3 },
    ...{ bodies: 2, joints: 25, classes: 4 },
  });
  assertEquals(run.progress.at(-1), [3, 3]);
});

const BAD: Readonly<Record<string, readonly [Uint8Array, number | undefined, string]>> = {
  "S001C001P001R001A003.skeleton": [
    textOf(skeletonLines([1, 1]).slice(0, 40)),
    41,
    "the file ends after 8 of 25 joints of body 1 of frame 2",
  ],
  "S001C001P001R001A005.skeleton": [new Uint8Array(0), 1, "the file is empty"],
  "S001C001P001R001A006.skeleton": [
    textOf(skeletonLines([0, 0])),
    1,
    "no frame has a body (2 frames)",
  ],
  "S001C001P001R001A007.skeleton": [
    textOf(
      skeletonLines([1]).map((line, i) => i > 3 ? line.replace(/^(\S+ ){3}/, "0 0 0 ") : line),
    ),
    1,
    "no frame has a first body with coordinates (1 frame)",
  ],
  "walking.skeleton": [
    good(1),
    undefined,
    "expected a name of the form SsssCcccPpppRrrrAaaa, three digits each, none zero, camera 1 to 3",
  ],
};

Deno.test("bad recordings are listed with line and reason and stop no good one", async () => {
  const bad = Object.fromEntries(Object.entries(BAD).map(([name, [bytes]]) => [name, bytes]));
  const { index, report, run } = await parse({ ...FILES, ...bad });
  assertEquals(index.clips.length, 3);
  assertEquals([report.files, report.clips], [8, 3]);
  const listed = new Map(report.excluded.map(({ name, line, reason }) => [name, [line, reason]]));
  for (const [name, [, line, reason]] of Object.entries(BAD)) {
    assertEquals(listed.get(name), [line, reason]);
  }
  assertEquals([run.metrics.clips, run.metrics.excluded], [3, 5]);
  assertEquals(run.warnings.at(-1)?.startsWith("3 clips taken, 5 excluded (5 bad)"), true);
  assertEquals(
    run.warnings.includes(
      "excluded S001C001P001R001A003.skeleton:41: the file ends after 8 of 25 joints of body 1 " +
        "of frame 2",
    ),
    true,
  );
});

Deno.test("strict makes each bad recording fatal", async () => {
  for (const [name, [bytes, line, reason]] of Object.entries(BAD)) {
    const error = await assertRejects(
      () => parse({ ...FILES, [name]: bytes }, {}, true),
      BadRecording,
    );
    assertEquals(error.message, [name, line].filter((part) => part).join(":") + `: ${reason}`);
  }
});

Deno.test("when nothing is left the error says so and gives the first reasons", async () => {
  const bad = Object.fromEntries(Object.entries(BAD).map(([name, [bytes]]) => [name, bytes]));
  const error = await assertRejects(() => parse(bad), UnusableInput);
  const lines = error.message.split("\n");
  assertEquals(lines[0], "none of 5 recordings can be used:");
  assertEquals(lines.length, 6);
  assertEquals(lines.includes("  S001C001P001R001A005.skeleton:1: the file is empty"), true);
});

Deno.test("a folder without recordings is an error", async () => {
  await assertRejects(() => parse({}), UnusableInput, "expected .skeleton files in this folder");
  await assertRejects(
    () => parse({ "truth.json": textOf(["{}"]) }),
    UnusableInput,
    "found none among 1 file",
  );
});

Deno.test("numbers that nothing reads and are not finite make a note, not an exclusion", async () => {
  const lines = skeletonLines([1]);
  lines[5] = lines[5]!.replace("277.419", "-Infinity");
  const { report } = await parse({ "S001C001P001R001A001.skeleton": textOf(lines) });
  assertEquals(report.notes, [{
    name: "S001C001P001R001A001.skeleton",
    note: "not finite, though nothing reads it: 1 number",
  }]);
});

Deno.test("the published lists hold 302 and 535 names, the first within the second", () => {
  const [ntu60, ntu120] = [missingNames("ntu60"), missingNames("ntu120")];
  assertEquals([ntu60.size, ntu120.size], [302, 535]);
  assertEquals([...ntu60].every((name) => ntu120.has(name)), true);
});

Deno.test("listed clips are left out as the data set says, also in strict mode", async () => {
  const files = { ...FILES, "S001C002P005R002A008.skeleton": good(1) };
  const excluded = [{ name: "S001C002P005R002A008.skeleton", reason: "listed as missing" }];
  for (
    const [params, strict] of [[{ dataset: "ntu60" }, false], [
      { missing: "ntu120" },
      true,
    ]] as const
  ) {
    const { index, report } = await parse(files, params, strict);
    assertEquals(index.clips.length, 3);
    assertEquals<unknown>(report.excluded, excluded);
  }
  for (const params of [{}, { dataset: "ntu60", missing: "none" }]) {
    assertEquals((await parse(files, params)).index.clips.length, 4);
  }
});

Deno.test("ntu60 has 60 classes and leaves the other 60 of ntu120 alone", async () => {
  const files = { ...FILES, "S018C001P001R001A061.skeleton": good(1) };
  const ntu60 = await parse(files, { dataset: "ntu60" });
  assertEquals([ntu60.index.classes, ntu60.index.clips.length, ntu60.report.left_out], [60, 3, 1]);
  const ntu120 = await parse(files, { dataset: "ntu120" });
  assertEquals([ntu120.index.classes, ntu120.index.clips.length], [120, 4]);
});

Deno.test("a data set that is not complete is a warning with what to fetch, in strict mode an error", async () => {
  const { report, run } = await parse(FILES, { dataset: "ntu60" });
  const [warning] = run.warnings;
  assertEquals(
    warning?.startsWith("ntu60 is not complete: 56575 of 56578 clips are not there"),
    true,
  );
  assertEquals(
    warning?.includes("Fetch again: nturgbd_skeletons_s001_to_s017.zip (3 of its"),
    true,
  );
  assertEquals([report.completeness?.expected, report.completeness?.found], [56_578, 3]);
  assertEquals(run.metrics.short, 56_575);
  await assertRejects(
    () => parse(FILES, { dataset: "ntu60" }, true),
    UnusableInput,
    "ntu60 is not complete",
  );
  const damaged = { ...FILES, "S001C001P001R001A005.skeleton": new Uint8Array(0) };
  assertEquals(
    (await parse(damaged, { dataset: "ntu60" })).run.infos.at(-1),
    "1 recording of nturgbd_skeletons_s001_to_s017.zip cannot be used, for the reasons in report.json: " +
      "if they were damaged on their way, fetch them again",
  );
  // Recordings of that form in general, and those of other classes, have no number to come to.
  assertEquals((await parse(FILES, {}, true)).report.completeness, undefined);
  const some = await parse(FILES, { dataset: "ntu60", classes: 12 }, true);
  assertEquals(some.report.completeness, undefined);
});

Deno.test("the report counts late starts, gaps, changes of place and second bodies, with names", async () => {
  const lines = skeletonLines([2, 2]);
  // The second frame lists the first body's identifier second.
  const ids = lines.flatMap((line, i) => line.startsWith("7205") ? [i] : []);
  [lines[ids[2]!], lines[ids[3]!]] = [lines[ids[3]!]!, lines[ids[2]!]!];
  const name = (action: string) => `S001C001P001R001A${action}.skeleton`;
  const { report, run } = await parse({
    [name("001")]: textOf(skeletonLines([0, 1, 1])),
    [name("002")]: textOf(skeletonLines([1, 0, 3])),
    [name("003")]: textOf(lines),
    [name("050")]: textOf(skeletonLines([1, 2])),
    [name("055")]: textOf(skeletonLines([1, 1])),
  }, { dataset: "ntu60" });
  const { starts_late, gaps, counts_differ, slot_changes, more_than_two } = report.bodies;
  assertEquals(starts_late, { clips: 1, first: ["S001C001P001R001A001"] });
  assertEquals(gaps, { clips: 1, first: ["S001C001P001R001A002"] });
  assertEquals(counts_differ?.clips, 2);
  assertEquals<unknown>(slot_changes, { changes: 2, clips: 1, first: ["S001C001P001R001A003"] });
  assertEquals<unknown>(more_than_two, { clips: 1, first: ["S001C001P001R001A002"], most: 3 });
  assertEquals(report.bodies.two_bodies, { clips: 3, share: 0.6 });
  assertEquals<unknown>(report.bodies.one_person, { clips: 3, share: 2 / 3, two_bodies: 2 });
  assertEquals<unknown>(report.bodies.mutual, { clips: 2, share: 0.5, two_bodies: 1 });
  assertEquals(report.bodies.mutual_alone, { clips: 1, first: ["S001C001P001R001A055"] });
  assertEquals([run.metrics.late_or_gaps, run.metrics.two_bodies], [2, 3]);
  assertEquals(
    run.infos.includes(
      "bodies: of 5 clips 1 start late, 1 have gaps, in 1 a body changes its place, 1 list more than " +
        "two, 60.0 % have two bodies",
    ),
    true,
  );
});

Deno.test("several inputs are read as one, in the order of names", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  const found: string[][] = [];
  const names = Object.keys(FILES);
  for (const [i, [name, bytes]] of Object.entries(FILES).entries()) {
    for (const place of ["all", i === 0 ? "one" : "two"]) {
      await Deno.mkdir(`${path}/${place}`, { recursive: true });
      await Deno.writeFile(`${path}/${place}/${name}`, bytes);
    }
  }
  // One of them also lies in both places.
  await Deno.copyFile(`${path}/one/${names[0]}`, `${path}/two/${names[0]}`);
  for (
    const inputs of [
      { recordings: `${path}/all` },
      { recordings: `${path}/two`, more: `${path}/one` },
    ] as Record<string, string>[]
  ) {
    const raw = `${path}/raw${found.length}`;
    await Deno.mkdir(raw);
    await runStage(entry, parseNtuParams.parse({}), inputs, { raw });
    found.push(await digests(raw));
  }
  assertEquals(found[1], found[0]);
});

Deno.test("an action beyond the given classes is excluded", async () => {
  const { index, report } = await parse(FILES, { classes: 3 });
  assertEquals([index.classes, index.clips.length], [3, 2]);
  assertEquals<unknown>(report.excluded, [{
    name: "S002C003P007R002A004.skeleton",
    reason: "expected an action from 1 to 3 (parameter classes), found 4",
  }]);
});

Deno.test("a subset per class spreads over cameras and subjects", async () => {
  const files: Record<string, Uint8Array> = {};
  for (const camera of [1, 2, 3]) {
    for (const performer of [1, 2, 3]) {
      for (const action of [1, 2]) {
        files[`S001C00${camera}P00${performer}R001A00${action}.skeleton`] = good(1);
      }
    }
  }
  const { index, report } = await parse(files, { per_class: 3 });
  assertEquals(report.left_out, 12);
  const chosen = index.clips.filter(({ label }) => label === 0).map(({ name }) => name);
  assertEquals(new Set(chosen.map((name) => name.slice(4, 8))).size, 3);
  assertEquals(new Set(chosen.map((name) => name.slice(8, 12))).size, 3);
  assertEquals(index.clips.length, 6);
});

Deno.test("a folder and archives of it give the same artifact, byte by byte", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  const files = { ...FILES, "S001C001P001R001A005.skeleton": new Uint8Array(0) };
  await Deno.mkdir(`${path}/in/deep`, { recursive: true });
  const zip = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
  await zip.add("top/readme.txt", new TextReader("text"));
  await Deno.writeTextFile(`${path}/in/readme.txt`, "text");
  for (const [name, bytes] of Object.entries(files)) {
    await zip.add(`top/${name}`, new Uint8ArrayReader(bytes));
    await Deno.writeFile(`${path}/in/deep/${name}`, bytes);
  }
  await Deno.writeFile(`${path}/in.zip`, await zip.close());
  const found: string[][] = [];
  for (const source of ["in", "in.zip"]) {
    const raw = `${path}/raw of ${source}`;
    await Deno.mkdir(raw);
    const params = parseNtuParams.parse({});
    await runStage(entry, params, { recordings: `${path}/${source}` }, { raw });
    found.push(await digests(raw));
  }
  assertEquals(found[0]!.length, 3);
  assertEquals(found[1], found[0]);
});

Deno.test("facts of the recordings pass while planning, unless some may be left out", () => {
  const recordings = { clips: 30, files: 30, classes: 10, clips_xsub_train: 20 };
  const facts = (params: unknown) =>
    parseNtu.facts!(parseNtuParams.parse(params), { recordings }).raw;
  assertEquals(facts({}), {
    ...recordings,
    dataset: "ntu",
    joints: 25,
    bodies: 2,
  });
  assertEquals(facts({ per_class: 2, bodies: 1 }), {
    dataset: "ntu",
    joints: 25,
    bodies: 1,
    classes: 10,
    clips: 20,
  }, "at most: what is there for each class");
  assertEquals(facts({ per_class: 5 })?.clips, 30, "at most: the recordings there are");
  const folder = parseNtu.facts!(parseNtuParams.parse({}), { recordings: { files: 7 } }).raw;
  const several = { recordings: { files: 7 }, more: { files: 5 } };
  assertEquals(parseNtu.facts!(parseNtuParams.parse({}), several).raw?.clips, 12);
  assertEquals(folder?.clips, 7);
  assertEquals(facts({ dataset: "ntu60" })?.classes, 60);
});
