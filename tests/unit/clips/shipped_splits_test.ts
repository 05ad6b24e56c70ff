import { assertEquals, assertRejects } from "@std/assert";
import { openClips } from "../../../stages/clips/clip_store.ts";
import { ClipWriter } from "../../../stages/clips/clip_writer.ts";
import { openRawClips } from "../../../stages/clips/raw_clips.ts";
import {
  shippedProtocols,
  splitsFacts,
  splitsFault,
  splitsOfKept,
} from "../../../stages/clips/shipped_splits.ts";
import { readJson, writeJson } from "../../../stages/formats/json_text.ts";
import { normalizeParams } from "../../../stages/normalize/definition.ts";
import normalize from "../../../stages/normalize/entry.ts";
import { RawClipsWriter } from "../../../stages/parse/raw_clips_writer.ts";
import { runStage, temporaryFolder } from "../parse/stage_run.ts";

const IDENTITY = { label: 0, subject: 1, camera: 1, setup: 1, replication: 1 };
const HEAD = { dataset: "pku", classes: 1, class_names: [] } as const;

Deno.test("what is wrong with splits is said by protocol and side", () => {
  const fault = (split: unknown) => splitsFault({ xsub: split }, 4);
  assertEquals(fault({ train: [0, 3], test: [] }), undefined);
  assertEquals(splitsFault({}, 0), undefined);
  assertEquals(splitsFault([], 4), "splits: expected an object of protocols");
  assertEquals(
    splitsFault({ "a b": { train: [], test: [] } }, 4),
    `splits: expected a word as the protocol's name, found "a b"`,
  );
  assertEquals(fault({ train: [0] }), "splits.xsub.test: expected indices of clips");
  assertEquals(fault(null), "splits.xsub.train: expected indices of clips");
  for (const train of [[1, 0], [1, 1], [4], [-1], [0.5], ["0"]]) {
    const message = fault({ train, test: [] })!;
    assertEquals(
      message.startsWith("splits.xsub.train: expected ascending indices below 4, found "),
      true,
      message,
    );
  }
  assertEquals(
    fault({ train: [0, 1], test: [1] }),
    "splits.xsub: clip 1 both trains and tests",
  );
});

Deno.test("splits follow the clips that are kept", () => {
  const splits = { xsub: { train: [0, 2, 3], test: [1, 5] }, xview: { train: [4], test: [] } };
  assertEquals(splitsOfKept(splits, [1, 3, 4, 5]), {
    xsub: { train: [1], test: [0, 3] },
    xview: { train: [2], test: [] },
  });
  assertEquals(splitsOfKept(splits, [0, 1, 2, 3, 4, 5]), splits);
  assertEquals(splitsOfKept(splits, []).xsub, { train: [], test: [] });
});

Deno.test("facts name the splits and count their sides", () => {
  const facts = splitsFacts({ b: { train: [0], test: [1, 2] }, a: { train: [], test: [0] } });
  assertEquals(facts, {
    splits: "a b",
    clips_a_train: 0,
    clips_a_test: 1,
    clips_b_train: 1,
    clips_b_test: 2,
  });
  assertEquals(shippedProtocols(facts), ["a", "b"]);
  assertEquals(shippedProtocols(splitsFacts({})), []);
  assertEquals(splitsFacts(undefined), {});
  assertEquals(shippedProtocols({ clips: 3 }), undefined);
});

Deno.test("splits pass from raw clips to clips, without those that normalising leaves out", async () => {
  await using folder = await temporaryFolder();
  const [raw, clips] = [`${folder.path}/raw`, `${folder.path}/clips`];
  await Deno.mkdir(raw);
  await Deno.mkdir(clips);
  const writer = new RawClipsWriter(raw, 1);
  for (const value of [1, 2, 0, 3, 4]) {
    await writer.append(`clip${writer.clips.length}`, IDENTITY, new Float32Array(150).fill(value));
  }
  const splits = { xsub: { train: [0, 2], test: [1, 4] }, xview: { train: [3], test: [0, 1, 2] } };
  await writer.finish({ ...HEAD, splits }, {});
  {
    await using opened = await openRawClips(raw);
    assertEquals(opened.index.splits, splits);
  }
  const run = await runStage(normalize, normalizeParams.parse({ frames: 4 }), { raw }, { clips });
  const expected = { xsub: { train: [0], test: [1, 3] }, xview: { train: [2], test: [0, 1] } };
  await using store = await openClips(clips);
  assertEquals(await store.names(), ["clip0", "clip1", "clip3", "clip4"]);
  assertEquals(store.meta.splits, expected);
  const { splits: named, clips_xsub_train, clips_xsub_test } = run.facts.clips!;
  assertEquals([named, clips_xsub_train, clips_xsub_test], ["xsub xview", 1, 2]);
});

Deno.test("splits that do not fit the clips are neither written nor read", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  const bad = { xsub: { train: [0], test: [1] } };
  const writer = new RawClipsWriter(path, 1);
  await writer.append("clip0", IDENTITY, new Float32Array(75).fill(1));
  await assertRejects(() => writer.finish({ ...HEAD, splits: bad }, {}), RangeError, "below 1");
  await writer.finish(HEAD, {});
  const index = await readJson<Record<string, unknown>>(`${path}/index.json`);
  await writeJson(`${path}/index.json`, { ...index, splits: bad });
  await assertRejects(() => openRawClips(path), Error, "index.json: splits.xsub.test: expected");

  const kind = { dataset: "pku", frames: 4, bodies: 1, classes: 1, class_names: [] };
  const store = new ClipWriter(path, kind);
  store.next().fill(1);
  await store.add({ name: "clip0", ...IDENTITY });
  await assertRejects(() => store.close(bad), RangeError, "splits.xsub.test");
  const meta = await store.close();
  await writeJson(`${path}/meta.json`, { ...meta, splits: bad });
  await assertRejects(() => openClips(path), Error, "meta.json: splits.xsub.test: expected");
});
