import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Call } from "../../../pipeline/verb.ts";
import { skeletonStrip, spread, stripClip } from "../../../stages/inspect/skeleton_strip.ts";
import { inspect } from "../../../stages/verbs/inspect.ts";
import { assertWellFormed } from "../charts/well_formed.ts";
import { writeFiles } from "../parse/custom_fixture.ts";
import { temporaryFolder } from "../parse/stage_run.ts";
import { callVerb } from "../verbs/call_verb.ts";
import { sampleFiles } from "./sample_files.ts";

const SAMPLES = await sampleFiles();

async function call(path: string, values: Record<string, string> = {}, ...flags: string[]) {
  return await callWith({}, path, values, ...flags);
}

async function callWith(
  more: Pick<Call, "withOutput">,
  path: string,
  values: Record<string, string> = {},
  ...flags: string[]
) {
  return await callVerb(inspect, { PATH: path }, values, flags, more);
}

Deno.test("inspect says what it is and ends with 0, or with 1 where something is wrong", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await writeFiles(path, {
    "a.npy": SAMPLES["clip.npy"]!,
    "b.npy": SAMPLES["clip.npy"]!.slice(0, 200),
  });
  const good = await call(`${path}/a.npy`);
  assertEquals([good.status, good.err], [0, ""]);
  assertStringIncludes(good.out, `${path}/a.npy: a numpy array (.npy)\n  shape `);
  assertStringIncludes(good.out, "No problem found.\n");
  const bad = await call(`${path}/b.npy`);
  assertEquals(bad.status, 1);
  assertStringIncludes(bad.out, `A problem:\n  ${path}/b.npy: `);
});

Deno.test("inspect --json prints one document, also of what is not finite", async () => {
  await using folder = await temporaryFolder();
  await writeFiles(folder.path, { "ntu.pkl": SAMPLES["ntu.pkl"]! });
  const { out, status } = await call(`${folder.path}/ntu.pkl`, {}, "json");
  assertEquals(status, 0);
  const document = JSON.parse(out);
  assertEquals(Object.keys(document), ["path", "what", "facts", "notes", "problems"]);
  assertEquals(document.facts.annotations, 2);
});

Deno.test("inspect --picture draws frames of clips, the same bytes each time", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await writeFiles(path, { "data.npy": SAMPLES["data.npy"]! });
  const { status, err } = await call(`${path}/data.npy`, { picture: `${path}/a.svg` });
  assertEquals([status, err], [0, `wrote ${path}/a.svg\n`]);
  const svg = await Deno.readTextFile(`${path}/a.svg`);
  const counts = assertWellFormed(svg);
  // 5 clips of 6 frames with two bodies: 24 bones and 25 joints each, and a legend of 2.
  assertEquals([counts.get("line"), counts.get("circle")], [
    5 * 6 * 2 * 24 + 5,
    5 * 6 * 2 * 25 + 2,
  ]);
  await call(`${path}/data.npy`, { picture: `${path}/b.svg` });
  assertEquals(await Deno.readTextFile(`${path}/b.svg`), svg);
});

Deno.test("inspect says where a picture cannot be", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await writeFiles(path, { "a.csv": SAMPLES["clips.csv"]!, "a.npy": SAMPLES["clip.npy"]! });
  const none = await call(`${path}/a.csv`, { picture: `${path}/a.svg` });
  assertEquals(none.status, 1);
  assertStringIncludes(none.err, "no picture was written");
  const name = await call(`${path}/a.npy`, { picture: `${path}/a.png` });
  assertEquals(name.status, 2);
  assertStringIncludes(name.err, "expected a name that ends in .svg");
  const place = await call(`${path}/a.npy`, { picture: `${path}/no/a.svg` });
  assertEquals(place.status, 2);
  assertStringIncludes(place.err, "cannot be written");
});

Deno.test("inspect asks for an output of the last run where there is no such file", async () => {
  await using folder = await temporaryFolder();
  await writeFiles(folder.path, { "split.json": SAMPLES["split.json"]! });
  const asked: string[] = [];
  const withOutput: NonNullable<Call["withOutput"]> = (reference, use) => {
    asked.push(reference);
    if (reference === "split.split") return use(folder.path);
    throw Object.assign(new Error("no stage of that name"), { name: "UsageError" });
  };
  const found = await callWith({ withOutput }, "split.split");
  assertEquals(found.status, 0);
  assertStringIncludes(found.out, "split.split: a split into training and test clips (split/1)");
  const none = await callWith({ withOutput }, "no_stage");
  assertEquals(none.status, 2);
  assertStringIncludes(none.err, "and no such output: no stage of that name");
  await callWith({ withOutput }, `${folder.path}/split.json`);
  await callWith({ withOutput }, "/no/such/place");
  assertEquals(asked, ["split.split", "no_stage"]);
});

Deno.test("inspect of nothing is wrong usage", async () => {
  const { status, err } = await call("/no/such/place");
  assertEquals(status, 2);
  assertStringIncludes(err, "inspect: /no/such/place: there is no such file or folder");
});

Deno.test("a strip shows frames from the first to the last with a body", () => {
  const at = (t: number) => t < 3 || t > 12 ? 0 : t;
  const strip = stripClip("clip", [], { frames: 20, bodies: 1 }, at)!;
  assertEquals(strip.frames.map(({ number }) => number), [4, 5, 7, 8, 9, 10, 12, 13]);
  assertEquals(stripClip("clip", [], { frames: 20, bodies: 2 }, () => 0), undefined);
  assertEquals(stripClip("clip", [], { frames: 20, bodies: 2 }, () => NaN), undefined);
});

Deno.test("a strip of bodies without extent, or far away ones, is still a picture", () => {
  for (const size of [0, 1e-30, 1e30]) {
    const clip = stripClip(
      'a <b> & "c"',
      ["line"],
      { frames: 2, bodies: 2 },
      (t, m, v, c) => (1 + t + m + v + c) * size + (size === 0 ? 1 : 0),
    )!;
    assertWellFormed(skeletonStrip("a title", "a note", [clip]));
  }
});

Deno.test("clips to draw come from all parts, and not always from the same place in them", () => {
  for (const count of [0, 1, 5, 6, 7, 60, 1234]) {
    const chosen = spread(count);
    assertEquals(chosen.length, Math.min(6, count));
    assertEquals(chosen, [...new Set(chosen)].sort((a, b) => a - b));
    assert(chosen.every((i) => i < count));
  }
  assert(new Set(spread(60).map((i) => i % 10)).size > 3);
});
