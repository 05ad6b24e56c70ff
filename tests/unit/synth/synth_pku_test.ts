import { assert, assertEquals } from "@std/assert";
import { openClips } from "../../../stages/clips/clip_store.ts";
import { openRawClips, type RawClips } from "../../../stages/clips/raw_clips.ts";
import { readJson } from "../../../stages/formats/json_text.ts";
import { normalizeParams } from "../../../stages/normalize/definition.ts";
import normalize from "../../../stages/normalize/entry.ts";
import {
  parsePku as parseDefinition,
  parsePkuParams,
} from "../../../stages/parse/pku/definition.ts";
import parsePku from "../../../stages/parse/pku/entry.ts";
import { splitParams } from "../../../stages/split/definition.ts";
import type { Division } from "../../../stages/split/divide.ts";
import split from "../../../stages/split/entry.ts";
import {
  synthPku,
  synthPkuFacts,
  type SynthPkuParams,
  synthPkuParams,
} from "../../../stages/synth/pku/definition.ts";
import entry from "../../../stages/synth/pku/entry.ts";
import { performed } from "../../../stages/synth/pku/long_video.ts";
import { fullProgramme, fullScaleParams } from "../../../stages/synth/pku/full_scale.ts";
import {
  actsOfVideo,
  pkuNameOf,
  type ProgrammedVideo,
  videoNames,
} from "../../../stages/synth/pku/programme.ts";
import type { VideoTruth } from "../../../stages/synth/pku/truth.ts";
import { PKU_FOLDERS, studioOf, writeVideos } from "../../../stages/synth/pku/write_videos.ts";
import { formatPkuName, pkuClipName } from "../../../stages/formats/pku_name.ts";
import { digests, runStage, temporaryFolder } from "../parse/stage_run.ts";

const strict = { sanitizeOps: true, sanitizeResources: true };

function small(changes: Partial<SynthPkuParams> = {}): SynthPkuParams {
  return synthPkuParams.parse({
    actions: 4,
    performers: 3,
    sequences: 2,
    per_video: 3,
    frames: [10, 24],
    pause: [0, 6],
    two_body: 0.5,
    missing: 0.4,
    seed: 3,
    ...changes,
  });
}

interface Truth {
  readonly actions: readonly { readonly name: string }[];
  readonly videos: readonly VideoTruth[];
  readonly splits: Record<"xsub" | "xview", { train: string[]; test: string[] }>;
}

Deno.test("the same parameters give the same videos, labels and splits", strict, async () => {
  const made = async (params: SynthPkuParams) => {
    await using folder = await temporaryFolder();
    await runStage(entry, params, {}, { recordings: folder.path });
    return await digests(folder.path);
  };
  const first = await made(small());
  assertEquals(await made(small()), first);
  assertEquals(first.length, 2 * 3 * 2 * 3 + 2 + 1);
  const other = await made(small({ seed: 4 }));
  const videos = (files: string[]) => files.filter((file) => file.startsWith("Data/"));
  assertEquals(videos(other).filter((file) => first.includes(file)), []);
});

for (const part of [1, 2] as const) {
  Deno.test(
    `part ${part}: what is parsed is what was performed, to the printed precision`,
    strict,
    async () => {
      await using folder = await temporaryFolder();
      const [recordings, raw] = [`${folder.path}/recordings`, `${folder.path}/raw`];
      await Deno.mkdir(recordings);
      await Deno.mkdir(raw);
      const params = small({ part });
      const made = await runStage(entry, params, {}, { recordings });
      const run = await runStage(parsePku, parsePkuParams.parse({}), { recordings }, { raw });
      const names = await performances(params, raw);
      const planned = synthPkuFacts(params);
      const { report, truth } = {
        report: await readJson<{ excluded: unknown[]; notes: unknown[] }>(`${raw}/report.json`),
        truth: await readJson<Truth>(`${recordings}/truth.json`),
      };
      assertEquals([report.excluded, report.notes], [[], []]);
      assertEquals(
        names,
        truth.videos.flatMap(({ actions }) => actions.map(({ clip }) => clip)).sort(),
      );
      assertEquals(made.metrics.clips, names.length);
      assertEquals(run.facts.raw, planned);
      const planFacts = parseDefinition.facts!(parsePkuParams.parse({}), { recordings: planned })
        .raw!;
      assertEquals(planFacts.clips, names.length);
    },
  );
}

/** Compares every clip with the recording it was cut from; returns the names of the clips. */
async function performances(params: SynthPkuParams, folder: string): Promise<string[]> {
  const studio = studioOf(params);
  const expected = new Map(
    videoNames(params).flatMap((key) =>
      actsOfVideo(params, key).map((action, i) => {
        const clip = pkuClipName(pkuNameOf(params, key), action - 1, i + 1);
        return [clip, performed(studio, key, i + 1, action)] as const;
      })
    ),
  );
  await using raw: RawClips = await openRawClips(folder);
  const { clips } = raw.index;
  assertEquals(clips.length, expected.size);
  let bodies = 0;
  for (const clip of clips) {
    const recording = expected.get(clip.name)!;
    assertEquals(clip.frames, recording.frames);
    const found = await raw.read(clip);
    for (let frame = 0; frame < clip.frames; frame++) {
      const listed = recording.bodies.filter((body) => body.present[frame] === 1);
      bodies += listed.length;
      for (let slot = 0; slot < 2; slot++) {
        for (let i = 0; i < 75; i++) {
          const exact = listed[slot]?.positions[frame * 75 + i] ?? 0;
          const error = Math.abs(found[(frame * 2 + slot) * 75 + i]! - exact);
          // Half a unit of the seventh digit, and half a unit of float32.
          assert(error <= Math.abs(exact) * (5e-7 + 6e-8), `${clip.name}: ${error} ${exact}`);
        }
      }
    }
  }
  assert(bodies > 0);
  return clips.map(({ name }) => name);
}

Deno.test(
  "videos go all the way: made, parsed, normalised, split by the files they came with",
  strict,
  async () => {
    await using folder = await temporaryFolder();
    const at = (name: string) => `${folder.path}/${name}`;
    for (const name of ["recordings", "raw", "clips", "xsub", "xview"]) await Deno.mkdir(at(name));
    const params = small({ empty: 0.2, missing: 0, per_video: 5 });
    await runStage(entry, params, {}, { recordings: at("recordings") });
    const truth = await readJson<Truth>(`${at("recordings")}/truth.json`);
    const labels = truth.videos.flatMap(({ name, actions }) =>
      actions.map((a) => ({ ...a, name }))
    );
    const kept = labels.filter(({ empty }) => !empty);
    const empty = labels.filter(({ empty }) => empty);
    assert(empty.length > 0 && kept.length > 0);
    await runStage(
      parsePku,
      parsePkuParams.parse({}),
      { recordings: at("recordings") },
      { raw: at("raw") },
    );
    const report = await readJson<{ excluded: { name: string; reason: string }[] }>(
      `${at("raw")}/report.json`,
    );
    assertEquals(
      report.excluded.map(({ name }) => name).sort(),
      empty.map(({ clip }) => clip).sort(),
    );
    assert(report.excluded.every(({ reason }) => reason.startsWith("all coordinates are zero")));
    await runStage(
      normalize,
      normalizeParams.parse({ frames: 8 }),
      { raw: at("raw") },
      { clips: at("clips") },
    );
    await using store = await openClips(at("clips"));
    const names = await store.names();
    assertEquals([...names], kept.map(({ clip }) => clip).sort());
    assertEquals(store.meta.class_names, truth.actions.map(({ name }) => name));
    const video = new Map(kept.map(({ clip, name, label }) => [clip, { name, label }]));
    assertEquals([...store.labels], names.map((name) => video.get(name)!.label));
    for (const protocol of ["xsub", "xview"] as const) {
      const run = splitParams.parse({ protocol });
      await runStage(split, run, { clips: at("clips") }, { split: at(protocol) });
      const { folds } = await readJson<Division>(`${at(protocol)}/split.json`);
      for (const side of ["train", "test"] as const) {
        const expected = names.flatMap((name, i) =>
          truth.splits[protocol][side].includes(video.get(name)!.name) ? [i] : []
        );
        assert(expected.length > 0);
        assertEquals([...folds[0]![side]], expected, `${protocol} ${side}`);
      }
    }
  },
);

Deno.test("files are named and spelled as published", strict, async () => {
  await using folder = await temporaryFolder();
  const params = small({ part: 1, cameras: 2, performers: 2, sequences: 1, per_video: 1 });
  await runStage(entry, params, {}, { recordings: folder.path });
  const text = await Deno.readTextFile(`${folder.path}/${PKU_FOLDERS[1].xview}`);
  assertEquals(
    text,
    "Training videos: \n0002-M, 0003-M, \nValidataion videos: \n0002-L, 0003-L, \n",
  );
  const video = await Deno.readTextFile(`${folder.path}/Data/PKU_Skeleton_Renew/0003-L.txt`);
  assert(video.trimEnd().split(/\r?\n/).every((line) => line.split(" ").length === 150));
  const labels = await Deno.readTextFile(`${folder.path}/Label/Train_Label_PKU_final/0003-L.txt`);
  assert(/^\d,\d+,\d+,[12]\r?\n?$/.test(labels), labels);
});

Deno.test("actions are dealt evenly, and in part II everyone performs the same sequences", () => {
  const params = small({ part: 1, actions: 7, sequences: 5, per_video: 6 });
  for (let performer = 1; performer <= 3; performer++) {
    const counts = new Map<number, number>();
    for (let sequence = 1; sequence <= 5; sequence++) {
      for (const action of actsOfVideo(params, { sequence, performer })) {
        counts.set(action, (counts.get(action) ?? 0) + 1);
      }
    }
    assertEquals([counts.size, Math.max(...counts.values()) - Math.min(...counts.values())], [
      7,
      1,
    ]);
  }
  const acts = (part: 1 | 2, performer: number) =>
    actsOfVideo({ ...params, part }, { sequence: 2, performer });
  assertEquals(acts(2, 1), acts(2, 3));
  assert(acts(1, 1).join() !== acts(1, 3).join());
  assertEquals(
    formatPkuName(pkuNameOf({ ...params, part: 2 }, { sequence: 2, performer: 3, camera: 3 })),
    "A02N03-R",
  );
});

/** Labelled actions on both sides of a split. */
function rows(videos: readonly ProgrammedVideo[], tests: (video: ProgrammedVideo) => boolean) {
  const count = (side: boolean) =>
    videos.filter((video) => tests(video) === side).reduce((sum, { acts }) => sum + acts.length, 0);
  return [count(false), count(true)];
}

Deno.test("at full scale there are as many videos and actions as were published", () => {
  const first = fullProgramme(fullScaleParams(1));
  assertEquals(new Set(first.map(({ name }) => formatPkuName(name))).size, 1076);
  const perCamera = [1, 2, 3].map((c) => first.filter(({ key }) => key.camera === c).length);
  assertEquals(perCamera, [358, 359, 359]);
  assertEquals(rows(first, ({ testsSubjects }) => testsSubjects), [18_841, 2_704]);
  assertEquals(rows(first, ({ key }) => key.camera === 1), [14_357, 7_188]);
  assertEquals(new Set(first.flatMap(({ acts }) => acts)).size, 51);
  const second = fullProgramme(fullScaleParams(2));
  assertEquals(new Set(second.map(({ name }) => formatPkuName(name))).size, 1009);
  const sides = (tests: (video: ProgrammedVideo) => boolean) => second.filter(tests).length;
  assertEquals(sides(({ testsSubjects }) => testsSubjects), 234);
  assertEquals(sides(({ key }) => key.camera === 1), 338);
  assertEquals(rows(second, ({ testsSubjects }) => testsSubjects), [5_332, 1_613]);
});

Deno.test({
  name: "a full part I is parsed whole, and found to be as published [in task test:long]",
  ignore: !Deno.env.has("SKELRUN_LONG"),
  async fn() {
    await using folder = await temporaryFolder();
    const [recordings, raw] = [`${folder.path}/recordings`, `${folder.path}/raw`];
    await Deno.mkdir(recordings);
    await Deno.mkdir(raw);
    const params = fullScaleParams(1);
    const written = await writeVideos(recordings, params, () => {}, fullProgramme(params));
    assertEquals([written.files, written.clips], [1076, 21_545]);
    // Without the truth these are videos like any others.
    await Deno.remove(`${recordings}/truth.json`);
    const run = await runStage(parsePku, parsePkuParams.parse({}), { recordings }, { raw });
    const report = await readJson<{ excluded: unknown[]; notes: unknown[] }>(`${raw}/report.json`);
    assertEquals([report.excluded, report.notes, run.warnings], [[], [], []]);
    assertEquals(run.facts.raw, {
      ...{ dataset: "pku", joints: 25, bodies: 2, classes: 51, files: 1076, clips: 21_545 },
      splits: "xsub xview",
      ...{ clips_xsub_train: 18_841, clips_xsub_test: 2_704 },
      ...{ clips_xview_train: 14_357, clips_xview_test: 7_188 },
    });
  },
});

Deno.test("rules that a schema cannot state are checked while planning", () => {
  const problems = synthPku.check!(small({ frames: [30, 20], pause: [3, 1], performers: 20 }), {});
  assertEquals(problems.map(({ path }) => path[0]), ["frames", "pause", "performers"]);
  assertEquals(synthPku.check!(small({ part: 1, performers: 20 }), {}), []);
  const facts = synthPkuFacts(small({ empty: 0.1 }));
  assertEquals([facts.splits, facts.clips_xsub_train], ["xsub xview", undefined]);
});
