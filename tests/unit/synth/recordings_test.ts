import { assertEquals } from "@std/assert";
import { formatNtuName } from "../../../stages/formats/ntu_name.ts";
import { readJson } from "../../../stages/formats/json_text.ts";
import { NTU_PROTOCOLS, trainsInNtu } from "../../../stages/split/ntu_protocols.ts";
import { actionCatalogue } from "../../../stages/synth/action.ts";
import { performerNumbers, recordingNames } from "../../../stages/synth/cast.ts";
import { synth, synthFacts, synthParams } from "../../../stages/synth/definition.ts";
import entry from "../../../stages/synth/entry.ts";
import { Studio } from "../../../stages/synth/studio.ts";
import { type ClipTruth, clipTruth } from "../../../stages/synth/truth.ts";
import { randomStream } from "../../../stages/random.ts";
import { digests, runStage, temporaryFolder } from "../parse/stage_run.ts";
import { makeFiles, smallParams } from "./small_data_set.ts";

async function made(params = smallParams()): Promise<{ files: string[]; truth: Truth }> {
  await using folder = await temporaryFolder();
  await runStage(entry, params, {}, { recordings: folder.path });
  return { files: await digests(folder.path), truth: await readJson(`${folder.path}/truth.json`) };
}

interface Truth {
  readonly clips: readonly ClipTruth[];
  readonly actions: readonly { readonly label: number; readonly parts: readonly string[] }[];
}

Deno.test("the same parameters give the same bytes, another seed gives others", async () => {
  const first = await made();
  assertEquals((await made()).files, first.files);
  assertEquals(first.files.length, 5 * 2 * 3 + 1);
  const other = await made(smallParams({ seed: 8 }));
  const changed = other.files.filter((file, i) => file !== first.files[i]);
  assertEquals(changed.length, first.files.length);
});

Deno.test("a file is a function of its name: more replications leave the others as they are", async () => {
  const few = await made();
  const more = await made(smallParams({ replications: 2, actions: 5 }));
  const kept = few.files.filter((file) => more.files.includes(file));
  assertEquals(kept.length, few.files.length - 1); // all but truth.json
});

Deno.test("what is parsed is what the sensor measured, to the printed precision", () => {
  for (const { recording, clip } of makeFiles(smallParams())) {
    assertEquals(clip.frames, recording.frames);
    for (let frame = 0; frame < clip.frames; frame++) {
      const listed = recording.bodies.filter((body) => body.present[frame] === 1);
      for (let slot = 0; slot < 2; slot++) {
        for (let i = 0; i < 75; i++) {
          const found = clip.positions[(frame * 2 + slot) * 75 + i]!;
          const exact = listed[slot]?.positions[frame * 75 + i] ?? 0;
          const error = Math.abs(found - exact);
          // Half a unit of the seventh digit, and half a unit of float32.
          assertEquals(error <= Math.abs(exact) * (5e-7 + 6e-8), true, `${found} ${exact}`);
        }
      }
    }
  }
});

Deno.test("truth.json tells frames, body records, line ends and irregular frames of each file", async () => {
  const params = smallParams();
  const { truth } = await made(params);
  const files = makeFiles(params);
  assertEquals(truth.clips.length, files.length);
  for (const [i, { name, clip, text }] of files.entries()) {
    const told = truth.clips[i]!;
    assertEquals(told.name, formatNtuName(name));
    assertEquals([told.frames, told.body_records], [clip.frames, clip.bodyRecords]);
    const ends = new TextDecoder().decode(text).match(/\r?\n/g)!;
    assertEquals([...new Set(ends)], [told.line_end === "CRLF" ? "\r\n" : "\n"]);
  }
});

Deno.test("there are files of both line ends, lost bodies, and frames of 0, 1, 2 and 3 bodies", () => {
  const params = smallParams({ performers: 4 });
  const studio = new Studio(params);
  const ends = new Set<string>();
  const counts = new Set<number>();
  let ids = 0;
  for (const { name, recording, clip } of makeFiles(params, studio)) {
    const { people } = studio.actions[name.action - 1]!;
    const told = clipTruth(recording, people);
    ends.add(told.line_end);
    for (let frame = 0; frame < recording.frames; frame++) {
      const count = recording.bodies.filter((body) => body.present[frame] === 1).length;
      counts.add(count);
      assertEquals(told.irregular_frames.includes(frame), count !== people);
    }
    assertEquals(clip.validFrames >= 1, true);
    if (clip.bodyIds.length > recording.bodies.length) ids++;
    assertEquals(clip.bodyIds.every((id) => BigInt(id) > 2n ** 56n), true);
  }
  assertEquals([...ends].sort(), ["CRLF", "LF"]);
  assertEquals([0, 1, 2, 3].every((count) => counts.has(count)), true);
  assertEquals(ids > 0, true);
});

Deno.test("every column of a joint holds a plausible value", () => {
  const [{ text, recording }] = makeFiles(smallParams()) as [ReturnType<typeof makeFiles>[0]];
  const lines = new TextDecoder().decode(text).split(/\r?\n/);
  assertEquals(lines[0], String(recording.frames));
  const joint = lines.slice(4, 29).map((line) => line.split(" ").map(Number));
  for (const [x, y, z, depthX, depthY, colourX, colourY, ...rest] of joint as number[][]) {
    assertEquals(z! > 1 && z! < 6, true);
    assertEquals(depthX! > 0 && depthX! < 512 && depthY! > 0 && depthY! < 424, true);
    assertEquals(Math.abs(depthX! - 256.5 - 365.4 * x! / z!) < 1e-3, true);
    assertEquals(Math.abs(depthY! - 208.1 + 365.4 * y! / z!) < 1e-3, true);
    assertEquals(colourX! > 0 && colourX! < 1920 && colourY! > -200 && colourY! < 1280, true);
    const [w, i, j, k, state] = rest as [number, number, number, number, number];
    const norm = Math.hypot(w, i, j, k);
    assertEquals(norm === 0 || Math.abs(norm - 1) < 1e-6, true);
    assertEquals(state === 1 || state === 2, true);
  }
});

Deno.test("no two of 120 actions are alike, and all five parts move in some", () => {
  const actions = actionCatalogue(120, 0, randomStream(3, "synth actions"));
  const kinds = new Set(actions.map(({ hertz, movements }) => JSON.stringify([hertz, movements])));
  assertEquals(kinds.size, 120);
  assertEquals(new Set(actions.map(({ name }) => name)).size, 120);
  assertEquals(new Set(actions.flatMap(({ parts }) => parts)).size, 5);
  for (let i = 0; i < 120; i += 2) assertEquals(actions[i]!.parts, actions[i + 1]!.parts);
});

Deno.test("performers fall in both halves of the cross-subject split", () => {
  assertEquals(performerNumbers(1), [1]);
  assertEquals(performerNumbers(6), [1, 2, 3, 4, 6, 7]);
  assertEquals(performerNumbers(106), Array.from({ length: 106 }, (_, i) => i + 1));
});

Deno.test("facts at plan time are the counts of what is made", () => {
  const params = smallParams({ performers: 3, setups: 2, cameras: 2 });
  const names = recordingNames(params);
  const facts = synthFacts(params);
  assertEquals([facts.clips, facts.files, facts.classes], [names.length, 60, 5]);
  for (const protocol of NTU_PROTOCOLS) {
    const train = names.filter(({ performer, camera, setup }) =>
      trainsInNtu(protocol, { subject: performer, camera, setup })
    ).length;
    assertEquals(facts[`clips_${protocol}_train`], train);
    assertEquals(facts[`clips_${protocol}_test`], 60 - train);
  }
  assertEquals(synth.facts!(params, {}).recordings, facts);
});

Deno.test("a shortest length beyond the longest is refused while planning", () => {
  const params = synthParams.parse({ frames: [50, 40] });
  assertEquals(synth.check!(params, {})[0]?.path, ["frames"]);
  assertEquals(synth.check!(synthParams.parse({}), {}), []);
});
