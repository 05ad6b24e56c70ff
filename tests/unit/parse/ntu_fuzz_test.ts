import { assert, assertEquals } from "@std/assert";
import { BadRecording } from "../../../stages/formats/bad_recording.ts";
import { formatNtuName } from "../../../stages/formats/ntu_name.ts";
import { readSkeletonText } from "../../../stages/formats/skeleton_text.ts";
import { type RandomStream, randomStream } from "../../../stages/random.ts";
import { skeletonLines, textOf } from "../formats/skeleton_fixture.ts";
import { parse } from "./parse_program.ts";
import { temporaryFolder } from "./stage_run.ts";
import { type Damage, DAMAGES } from "./text_damage.ts";

const LONG = Deno.env.has("SKELRUN_LONG");
/** Damaged files that are read. */
const FILES = LONG ? 20_000 : 900;
/** Damaged data sets that go through the whole stage. */
const SETS = LONG ? 400 : 12;
const FILE = "S001C001P001R001A001.skeleton";

const COUNTS = ["-1", "0", "1", "2", "3", "24", "26", "25", "1000000000", "9".repeat(30), "1e3"]
  .concat("NaN", "", "1 1", "0x2", "-0", "2.0", "18446744073709551616");

/** Changes a line that holds a count: of frames, bodies or joints. */
const wrongCount: Damage = (bytes, stream) => {
  const lines = new TextDecoder("latin1").decode(bytes).split("\n");
  const counts = lines.flatMap((line, i) => /^\d+\r?$/.test(line) ? [i] : []);
  if (counts.length === 0) return bytes;
  const at = stream.uniform() < 0.2 ? 0 : counts[stream.integer(0, counts.length - 1)]!;
  lines[at] = COUNTS[stream.integer(0, COUNTS.length - 1)]!;
  return new TextEncoder().encode(lines.join("\n"));
};

const WAYS: Readonly<Record<string, Damage>> = { "a wrong count": wrongCount, ...DAMAGES };
const NAMES = Object.keys(WAYS);

function damaged(bytes: Uint8Array, i: number): { bytes: Uint8Array; how: string } {
  const stream = randomStream(11, "damaged skeletons", i);
  const first = NAMES[i % NAMES.length]!;
  const once = WAYS[first]!(bytes, stream);
  if (stream.uniform() < 0.7) return { bytes: once, how: `${i}: ${first}` };
  const second = NAMES[stream.integer(0, NAMES.length - 1)]!;
  return { bytes: WAYS[second]!(once, stream), how: `${i}: ${first}, then ${second}` };
}

function intact(stream: RandomStream): Uint8Array {
  const bodies = Array.from({ length: stream.integer(1, 6) }, () => stream.integer(0, 3));
  return textOf(skeletonLines(bodies), stream.uniform() < 0.5 ? "\n" : "\r\n");
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** What a column that nobody reads may hold. */
const UNREAD = /^([-+.\dE]+|[+-]?(nan(\(\w*\))?|inf|infinity|\u00e2\u0088\u009e|1\.#\w+))$/i;

/** The plain way to read a recording, by lines and words; undefined where they do not fit. */
function plainClip(bytes: Uint8Array): Float32Array | undefined {
  const text = new TextDecoder("latin1").decode(bytes)
    .replace(/^\u00ef\u00bb\u00bf/, "").replace(/[ \t\r\n]+$/, "");
  const lines = text.split("\n").map((line) =>
    line.split(/[ \t\r]+/).filter((word) => word !== "")
  );
  let at = 0;
  const line = (columns: number) => {
    const words = lines[at++] ?? [];
    if (words.length !== columns) throw new RangeError("columns");
    return words;
  };
  const count = () => {
    const [word] = line(1) as [string];
    if (!/^\d+$/.test(word) || !Number.isSafeInteger(Number(word))) throw new RangeError("count");
    return Number(word);
  };
  const unread = (words: readonly string[]) => {
    if (!words.every((word) => UNREAD.test(word))) throw new RangeError("word");
  };
  try {
    const frames = count();
    const values: number[] = [];
    for (let frame = 0; frame < frames; frame++) {
      const bodies = count();
      const row = new Array<number>(150).fill(0);
      for (let body = 0; body < bodies; body++) {
        const words = line(10);
        if (!/^[+-]?\d+$/.test(words[0]!)) throw new RangeError("id");
        unread(words.slice(1));
        if (count() !== 25) throw new RangeError("joints");
        for (let joint = 0; joint < 25; joint++) {
          const columns = line(12);
          unread(columns.slice(3));
          columns.slice(0, 3).forEach((word, axis) => {
            const value = Math.fround(Number(word));
            if (!NUMBER.test(word) || !Number.isFinite(value)) throw new RangeError("number");
            if (body < 2) row[body * 75 + joint * 3 + axis] = value;
          });
        }
      }
      values.push(...row);
    }
    return at === lines.length ? Float32Array.from(values) : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

Deno.test(`${FILES} damaged .skeleton files are read as the plain way reads them, or refused with file and line`, () => {
  let refused = 0, taken = 0, stricter = 0;
  for (let i = 0; i < FILES; i++) {
    const { bytes, how } = damaged(intact(randomStream(12, "intact skeletons", i)), i);
    const plain = plainClip(bytes);
    const begun = performance.now();
    try {
      const { positions } = readSkeletonText(bytes, FILE, 2);
      assert(plain !== undefined, `${how}: taken, though the plain way refuses it`);
      assertEquals(positions, plain, how);
      taken++;
    } catch (error) {
      if (!(error instanceof BadRecording)) throw error;
      assertEquals(error.file, FILE, how);
      assert(error.line! >= 1 && error.line! <= bytes.length + 1, `${how}: ${error.message}`);
      assert(error.message.length < 400, `${how}: ${error.message}`);
      refused++;
      if (plain !== undefined) stricter++;
    }
    assert(performance.now() - begun < 2000, `${how}: it took long`);
  }
  assert(refused > FILES / 2 && taken > FILES / 20, `${refused} refused, ${taken} taken`);
  // Carriage returns in odd places, and nothing else.
  assert(stricter < FILES / 20, `${stricter} refused that the plain way takes`);
});

Deno.test("text in UTF-16 is called by its name", () => {
  const text = new TextDecoder().decode(textOf(skeletonLines([1])));
  const bytes = new Uint8Array(Uint16Array.from("\ufeff" + text, (c) => c.charCodeAt(0)).buffer);
  try {
    readSkeletonText(bytes, FILE, 2);
    assert(false, "it was read");
  } catch (error) {
    assertEquals(
      (error as Error).message,
      `${FILE}:1: the text is in UTF-16: save it as UTF-8 or plain ASCII`,
    );
  }
});

Deno.test("thousands of frames without bodies are refused before they take memory", () => {
  for (const frames of [100_000, 3_000_000]) {
    const bytes = new TextEncoder().encode(`${frames}\n${"0\n".repeat(frames)}`);
    try {
      readSkeletonText(bytes, FILE, 2);
      assert(false, "it was read");
    } catch (error) {
      assertEquals(
        (error as Error).message,
        `${FILE}:20002: expected a recording of at most 20000 frames, found ${frames}`,
      );
    }
  }
});

Deno.test(`${SETS} data sets with damaged files among good ones keep every good one`, async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  for (let set = 0; set < SETS; set++) {
    await Deno.mkdir(`${path}/in`);
    const good = textOf(skeletonLines([1, 2, 1]));
    for (let i = 0; i < 8; i++) {
      const name = formatNtuName({
        setup: 1,
        camera: 1,
        performer: 1 + i,
        replication: 1,
        action: 1,
      });
      const bytes = i % 2 === 0 ? good : damaged(good, set * 8 + i).bytes;
      await Deno.writeFile(`${path}/in/${name}.skeleton`, bytes);
    }
    await parse(`${path}/in`, `${path}/raw`, {});
    const index = JSON.parse(await Deno.readTextFile(`${path}/raw/index.json`)) as {
      clips: { subject: number; frames: number }[];
    };
    const kept = new Set(index.clips.map(({ subject }) => subject));
    assertEquals([1, 3, 5, 7].filter((subject) => !kept.has(subject)), []);
    const report = JSON.parse(await Deno.readTextFile(`${path}/raw/report.json`)) as {
      excluded: unknown[];
    };
    assertEquals(index.clips.length + report.excluded.length, 8);
    await Deno.remove(`${path}/in`, { recursive: true });
    await Deno.remove(`${path}/raw`, { recursive: true });
  }
});
