import { assert, assertEquals } from "@std/assert";
import { BadRecording } from "../../../stages/formats/bad_recording.ts";
import { readPkuLabels } from "../../../stages/formats/pku_labels.ts";
import { parsePkuName } from "../../../stages/formats/pku_name.ts";
import { type FrameSpan, readPkuSkeleton } from "../../../stages/formats/pku_skeleton.ts";
import { readPkuSplitList } from "../../../stages/formats/pku_split_list.ts";
import { type RandomStream, randomStream } from "../../../stages/random.ts";
import { parse, SMALL_PKU, videoText, writeFiles } from "./pku_fixture.ts";
import { temporaryFolder } from "./stage_run.ts";
import { DAMAGES } from "./text_damage.ts";

const LONG = Deno.env.has("SKELRUN_LONG");
/** Damaged files of each format. */
const FILES = LONG ? 2500 : 150;
/** Damaged data sets that go through the whole stage. */
const SETS = LONG ? 2000 : 40;
const NAMES = Object.keys(DAMAGES);
const encode = (text: string) => new TextEncoder().encode(text);

/** Damages a file in every way in turn, once or twice. */
function* damaged(
  text: string,
  count: number,
  seed: number,
): Generator<{ bytes: Uint8Array; how: string; stream: RandomStream }> {
  for (let i = 0; i < count; i++) {
    const stream = randomStream(seed, "damaged", i);
    const first = NAMES[i % NAMES.length]!;
    let [bytes, how] = [DAMAGES[first]!(encode(text), stream), `${i}: ${first}`];
    if (stream.uniform() < 0.25) {
      const second = NAMES[stream.integer(0, NAMES.length - 1)]!;
      [bytes, how] = [DAMAGES[second]!(bytes, stream), `${how}, then ${second}`];
    }
    yield { bytes, how, stream };
  }
}

/** Bytes in pieces of random sizes. */
async function* pieces(bytes: Uint8Array, stream: RandomStream): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const size = stream.integer(1, stream.uniform() < 0.2 ? 5 : 9000);
    yield await Promise.resolve(bytes.slice(at, at + size));
    at += size;
  }
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The plain way to read a video: lines of words; `undefined` where a line has not 150 of them. */
function plainVideo(bytes: Uint8Array): (number | undefined)[][] | undefined {
  const text = new TextDecoder("latin1").decode(bytes).replace(/^\u00ef\u00bb\u00bf/, "");
  const lines = text.split("\n").map((line) =>
    line.split(/[ \t\r]+/).filter((word) => word !== "")
  );
  while (lines.at(-1)?.length === 0) lines.pop();
  if (lines.length === 0 || lines.some((line) => line.length !== 150)) return undefined;
  return lines.map((line) =>
    line.map((word) => {
      const value = Math.fround(Number(word));
      return NUMBER.test(word) && Number.isFinite(value) ? value : undefined;
    })
  );
}

const SPANS: readonly FrameSpan[] = [
  { first: 3, frames: 6 },
  { first: 0, frames: 2 },
  { first: 7, frames: 9 },
  { first: 18, frames: 2 },
  { first: 15, frames: 30 },
];

Deno.test(`${FILES} damaged skeleton files are read as the plain way reads them, or refused`, async () => {
  const text = videoText(1, 20);
  let [refused, spoilt, taken] = [0, 0, 0];
  for (const { bytes, how, stream } of damaged(text, FILES, 1)) {
    const plain = plainVideo(bytes);
    let video;
    try {
      video = await readPkuSkeleton(pieces(bytes, stream), "0002-L.txt", SPANS);
    } catch (error) {
      assert(error instanceof BadRecording, `${how}: ${error}`);
      assertEquals(error.file, "0002-L.txt", how);
      // Only what has zero bytes in it, or a line of absurd length, is refused though it has its columns.
      if (plain !== undefined) {
        assert(/UTF-16|no text|more than 65536 bytes/.test(error.message), how);
      }
      refused++;
      continue;
    }
    assert(plain !== undefined, `${how}: taken`);
    assertEquals(video.frames, plain.length, how);
    for (const [i, { first, frames }] of SPANS.entries()) {
      const rows = plain.slice(first, first + frames);
      const found = video.spans[i];
      assertEquals(found === undefined, rows.length < frames, `${how}: span ${i}`);
      if (found === undefined) continue;
      const expected = rows.flat();
      if (expected.includes(undefined)) {
        const { line } = found.fault!;
        assert(rows[line! - 1 - first]!.includes(undefined), `${how}: line ${line}`);
        spoilt++;
      } else {
        assertEquals(found.fault, undefined, how);
        assert(expected.every((value, at) => Object.is(value, found.positions[at])), how);
        taken++;
      }
    }
  }
  assert(refused > FILES / 10 && spoilt > 0 && taken > FILES / 10, `${refused} ${spoilt} ${taken}`);
});

Deno.test(`${FILES} damaged label files lose the rows that are damaged`, () => {
  const text = "7,3,12,2\n3,15,20,1\r\n51,30,400,2\n1,401,401,1\n9,500,777,2\n";
  let [refused, rows] = [0, 0];
  for (const { bytes, how } of damaged(text, FILES, 2)) {
    let read;
    try {
      read = readPkuLabels(bytes, "0002-L.txt");
    } catch (error) {
      assert(error instanceof BadRecording && error.file === "0002-L.txt", `${how}: ${error}`);
      refused++;
      continue;
    }
    const lines = new TextDecoder().decode(bytes).split("\n");
    const filled = lines.flatMap((line, i) => line.trim() === "" ? [] : [i + 1]);
    const told = [...read.labels.map(({ line }) => line), ...read.faults.map(({ line }) => line!)];
    assertEquals(told.sort((a, b) => a - b), filled, `${how}: each row once`);
    for (const { line, row, label, start, end } of read.labels) {
      const fields = lines[line - 1]!.split(",").map(Number);
      assertEquals([label + 1, start, end], fields.slice(0, 3), how);
      assert(fields.length === 4 && label >= 0 && label < 51 && 1 <= start && start <= end, how);
      assertEquals(filled[row - 1], line, how);
      rows++;
    }
  }
  assert(refused > 0 && rows > FILES, `${refused} ${rows}`);
});

Deno.test(`${FILES} damaged split files name each video on one side at most`, () => {
  const text = SMALL_PKU["Split/cross-subject.txt"]! + "\n";
  let [refused, names] = [0, 0];
  for (const { bytes, how } of damaged(text, FILES, 3)) {
    let read;
    try {
      read = readPkuSplitList(bytes, "cross-view.txt");
    } catch (error) {
      assert(error instanceof BadRecording && error.file === "cross-view.txt", `${how}: ${error}`);
      refused++;
      continue;
    }
    const all = [...read.train, ...read.test];
    assertEquals(new Set(all).size, all.length, how);
    const letters = new TextDecoder("latin1").decode(bytes);
    assert(all.every((name) => parsePkuName(name) !== undefined && letters.includes(name)), how);
    assert(read.faults.every(({ line }) => line !== undefined), how);
    names += all.length;
  }
  assert(refused > 0 && names > FILES, `${refused} ${names}`);
});

Deno.test(`${SETS} data sets with one damaged file each lose nothing else`, async () => {
  const paths = Object.keys(SMALL_PKU).filter((path) =>
    path.includes("0002-L") || path.includes("view")
  );
  await using folder = await temporaryFolder();
  const home = `${folder.path}/in`;
  await writeFiles(home, SMALL_PKU);
  const sound = await parse(home);
  const others = sound.index.clips.filter(({ camera }) => camera !== 1).map(({ name }) => name);
  const expected = new Map<string, Float32Array>();
  for (const name of others) expected.set(name, await sound.read(name));
  let reported = 0;
  for (let i = 0; i < SETS; i++) {
    const path = paths[i % paths.length]!;
    const kind = NAMES[(7 * i + Math.floor(i / paths.length)) % NAMES.length]!;
    const spoilt = DAMAGES[kind]!(encode(SMALL_PKU[path]!), randomStream(4, "damaged set", i));
    const how = `${i}: ${path}, ${kind}`;
    await Deno.writeFile(`${home}/${path}`, spoilt);
    const run = await parse(home).catch((error) => {
      throw new Error(how, { cause: error });
    });
    const kept = run.index.clips.filter(({ camera }) => camera !== 1).map(({ name }) => name);
    assertEquals(kept, others, how);
    const [one] = others.slice(i % others.length);
    assertEquals(await run.read(one!), expected.get(one!), how);
    for (const { name } of run.report.excluded) {
      assert(
        name.includes("0002-L") || name.startsWith("F002V001") || name === path,
        `${name} ${kind}`,
      );
    }
    if (run.report.excluded.length > 0) reported++;
    await Deno.writeTextFile(`${home}/${path}`, SMALL_PKU[path]!);
  }
  assert(reported > SETS / 5, `${reported}`);
});
