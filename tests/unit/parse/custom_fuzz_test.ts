import { assert, assertEquals } from "@std/assert";
import { BadRecording } from "../../../stages/formats/bad_recording.ts";
import { encodeNpy } from "../../../stages/formats/npy.ts";
import { UnusableInput } from "../../../stages/formats/unusable_input.ts";
import { readClipArray } from "../../../stages/parse/custom/clip_array.ts";
import { readClipList } from "../../../stages/parse/custom/clip_list.ts";
import { type RandomStream, randomStream } from "../../../stages/random.ts";
import { clipFile, coordinate, laidOut, parseCustomFiles } from "./custom_fixture.ts";
import { type Damage, DAMAGES } from "./text_damage.ts";

const LONG = Deno.env.has("SKELRUN_LONG");
/** Damaged arrays, and damaged tables, that are read. */
const FILES = LONG ? 10_000 : 1_000;
/** Folders with one damaged file that go through the whole stage. */
const SETS = LONG ? 2_000 : 100;

const FORM = { layout: "TVC", joints: "kinect_v2", bodies: 1, scale: 1, up: "y" } as const;

/** Ways to damage an array's header, beside those for any file. */
const HEADER: Readonly<Record<string, Damage>> = {
  "another type": (bytes, stream) =>
    patched(bytes, /[<>|][fiubcOUSV]\d*/, stream, [
      ...["<f8", ">f4", "<f2", "<i4", "<i2", "|u1", "<u8", "|O", "<U4", "|S4", "<c8", "|V8", "<f9"],
      ...["<i8", "?", "f4", "", "<f4<f4"],
    ]),
  "another shape": (bytes, stream) =>
    patched(bytes, /\([\d, ]*\)/, stream, [
      ...["(4, 25, 3)", "(25, 4, 3)", "(3, 25, 4)", "(300,)", "()", "(4, 75)", "(1, 4, 25, 3)"],
      ...["(-4, 25, 3)", "(0, 25, 3)", "(4294967296, 25, 3)", "(9007199254740993, 1, 1)"],
      ...["(2, 2, 25, 3)", "(8, 25, 3)", "(4, 25, 3, 1)", "(4.0, 25, 3)", "(1e9, 25, 3)"],
    ]),
  "another order": (bytes, stream) => patched(bytes, /True|False/, stream, ["True", "False", "0"]),
  "another version": (bytes, stream) => {
    const out = bytes.slice();
    if (out.length > 9) out[stream.integer(6, 9)] = stream.integer(0, 255);
    return out;
  },
  "an odd number": (bytes, stream) => {
    const out = bytes.slice();
    if (out.length < 132) return out;
    const at = 128 + 4 * stream.integer(0, Math.floor((out.length - 132) / 4));
    const odd = [NaN, Infinity, -Infinity, 3.4e38, 1e-45, -0][stream.integer(0, 5)]!;
    new DataView(out.buffer).setFloat32(at, odd, true);
    return out;
  },
};

/** Replaces a piece of the header, whose length is made right with blanks where there is room. */
function patched(
  bytes: Uint8Array,
  pattern: RegExp,
  stream: RandomStream,
  pieces: readonly string[],
): Uint8Array {
  const head = String.fromCharCode(...bytes.subarray(0, 128));
  const text = head.replace(pattern, () => pieces[stream.integer(0, pieces.length - 1)]!);
  const line = text.slice(0, -1).trimEnd().padEnd(127) + "\n";
  const out = new Uint8Array(Math.max(0, bytes.length - 128) + line.length);
  out.set(Uint8Array.from(line, (c) => c.charCodeAt(0)));
  out.set(bytes.subarray(128), line.length);
  return out;
}

const WAYS: Readonly<Record<string, Damage>> = { ...DAMAGES, ...HEADER };
const NAMES = Object.keys(WAYS);

function damaged(bytes: Uint8Array, stream: RandomStream, i: number) {
  // Headers every other time: what happens behind them is told of the same way.
  const names = i % 2 === 0 ? NAMES : Object.keys(HEADER);
  const first = names[(i >> 1) % names.length]!;
  const once = WAYS[first]!(bytes, stream);
  if (stream.uniform() < 0.7) return { bytes: once, how: `${i}: ${first}` };
  const second = NAMES[stream.integer(0, NAMES.length - 1)]!;
  return { bytes: WAYS[second]!(once, stream), how: `${i}: ${first}, then ${second}` };
}

/** Readers of a number by type, little endian or not. */
const READERS: Readonly<Record<string, (view: DataView, at: number, little: boolean) => number>> = {
  f2: (view, at, little) => view.getFloat16(at, little),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
  i1: (view, at) => view.getInt8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  u1: (view, at) => view.getUint8(at),
  u2: (view, at, little) => view.getUint16(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
};

/** The plain way to read an array (T, 25, 3), number by number; undefined where it is none. */
function plainArray(bytes: Uint8Array): Float32Array | undefined {
  const magic = String.fromCharCode(...bytes.subarray(0, 6));
  if (magic !== "\x93NUMPY" || bytes.length < 12 || bytes[6]! < 1 || bytes[6]! > 3) {
    return undefined;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = bytes[6] === 1 ? 10 : 12;
  const end = start + (bytes[6] === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  const head = new TextDecoder().decode(bytes.subarray(start, end));
  const type = /['"]descr['"]\s*:\s*['"]([<>|=]?)([fiu][1248])['"]/.exec(head);
  const order = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(head)?.[1];
  const sizes = /['"]shape['"]\s*:\s*\(([\d\s,L]*)\)/.exec(head)?.[1]
    ?.replaceAll("L", "").split(",").map((size) => size.trim()).filter((size) => size !== "")
    .map(Number);
  const read = READERS[type?.[2] ?? ""];
  if (read === undefined || order === undefined || sizes === undefined) return undefined;
  const [frames, joints, coordinates] = sizes;
  const size = Number(type![2]![1]);
  if (
    sizes.length !== 3 || joints !== 25 || coordinates !== 3 || frames! < 1 ||
    bytes.length - end !== frames! * 75 * size
  ) return undefined;
  const out = new Float32Array(frames! * 75);
  let there = false;
  for (let t = 0; t < frames!; t++) {
    const values = Array.from({ length: 75 }, (_, i) => {
      const [v, c] = [Math.floor(i / 3), i % 3];
      const at = order === "True" ? (c * 25 + v) * frames! + t : t * 75 + i;
      return read(view, end + at * size, type![1] !== ">");
    });
    if (values.every((value) => value === 0) || values.every(Number.isNaN)) continue;
    there = true;
    values.forEach((value, i) => out[t * 75 + i] = value + 0);
  }
  return there && out.every(Number.isFinite) ? out : undefined;
}

Deno.test(`${FILES} damaged arrays are read as the plain way reads them, or refused by name`, () => {
  const intact = clipFile(1, 4);
  let [taken, refused] = [0, 0];
  for (let i = 0; i < FILES; i++) {
    const { bytes, how } = damaged(intact, randomStream(6, "damaged arrays", i), i);
    const plain = plainArray(bytes);
    const begun = performance.now();
    try {
      const { positions, frames } = readClipArray(bytes, "a.npy", FORM);
      assert(plain !== undefined, `${how}: taken, though the plain way refuses`);
      assertEquals(frames * 75, positions.length, how);
      assert(positions.every((value, at) => Object.is(value, plain[at])), `${how}: other numbers`);
      taken++;
    } catch (error) {
      assert(error instanceof BadRecording && error.file === "a.npy", `${how}: ${error}`);
      assert(plain === undefined, `${how}: refused, though it is sound: ${error.reason}`);
      refused++;
    }
    assert(performance.now() - begun < 2000, `${how}: too long`);
  }
  assert(taken > FILES / 20 && refused > FILES / 4, `${taken} taken, ${refused} refused`);
});

const LIST = [
  "name,label,subject,camera,split_xsub",
  ...Array.from(
    { length: 8 },
    (_, i) =>
      [`clip${i}`, ["sit", "walk", "wave"][i % 3], i % 4, 1 + i % 2, i % 2 === 0 ? "train" : "test"]
        .join(","),
  ),
].join("\n") + "\n";

Deno.test(`${FILES} damaged tables cost the damaged line alone, or are refused as a whole`, () => {
  const intact = new TextEncoder().encode(LIST);
  const sound = readClipList(intact, "clips.csv").clips;
  let refused = 0;
  for (let i = 0; i < FILES; i++) {
    const stream = randomStream(7, "damaged tables", i);
    const names = Object.keys(DAMAGES);
    const how = names[i % names.length]!;
    const bytes = DAMAGES[how]!(intact, stream);
    try {
      const { clips, faults } = readClipList(bytes, "clips.csv");
      assert(faults.every(({ line }) => line! >= 1), how);
      assertEquals(new Set(clips.map(({ name }) => name)).size, clips.length, how);
      if (!/^(a|an) (odd word|line (twice|lost|cut|broken)|empty line)/.test(how)) continue;
      // One line of nine was changed: at least seven clips of eight are as before.
      const same = sound.filter(({ name, fields, sides }) =>
        clips.some((clip) =>
          clip.name === name && JSON.stringify(clip.fields) === JSON.stringify(fields) &&
          clip.sides.get("xsub") === sides.get("xsub")
        )
      );
      const [head] = new TextDecoder().decode(bytes).split("\n");
      // Without its first line, or with another name in it, the rest is read otherwise.
      if (head === LIST.split("\n")[0]) {
        assert(same.length >= 7, `${i}: ${how}: ${same.length} left`);
      }
    } catch (error) {
      assert(error instanceof UnusableInput, `${i}: ${how}: ${error}`);
      assert(/^clips\.csv/.test(error.message), error.message);
      refused++;
    }
  }
  assert(refused > 0 && refused < FILES / 2, `${refused} refused`);
});

const CLASSES = { class_names: ["sit", "walk", "wave"] };

Deno.test(`${SETS} folders with one damaged array keep all other clips as they are`, async () => {
  const files: Record<string, Uint8Array | string> = { "clips.csv": LIST };
  for (let i = 0; i < 8; i++) files[`clip${i}.npy`] = clipFile(i, 3 + i % 3);
  const sound = await parseCustomFiles(files, CLASSES);
  let excluded = 0;
  for (let i = 0; i < SETS; i++) {
    const victim = `clip${i % 8}`;
    const stream = randomStream(8, "damaged sets", i);
    const damage = damaged(files[`${victim}.npy`] as Uint8Array, stream, i);
    const parsed = await parseCustomFiles({ ...files, [`${victim}.npy`]: damage.bytes }, CLASSES);
    const others = (clips: typeof sound.index.clips) =>
      clips.filter(({ name }) => name !== victim).map((
        { name, label, subject, camera, frames },
      ) => [
        name,
        label,
        subject,
        camera,
        frames,
      ]);
    assertEquals(others(parsed.index.clips), others(sound.index.clips), damage.how);
    for (const [name, positions] of Object.entries(sound.positions)) {
      if (name !== victim) assertEquals(parsed.positions[name], positions, damage.how);
    }
    const isLost = parsed.positions[victim] === undefined;
    if (isLost) excluded++;
    assertEquals(
      parsed.report.excluded.map(({ name }) => name),
      isLost ? [`${victim}.npy`] : [],
      damage.how,
    );
    assertEquals(
      parsed.index.splits!.xsub!.train.length + parsed.index.splits!.xsub!.test.length,
      isLost ? 7 : 8,
    );
  }
  assert(excluded > SETS / 4, `${excluded} excluded`);
});

Deno.test("an array whose shape lies about its size takes no memory for what it has not", () => {
  const { data } = laidOut(
    "TVC",
    { T: 4, V: 25, C: 3, M: 1 },
    ({ T, V, C }) => coordinate(1, T!, 0, V!, C!),
  );
  const bytes = encodeNpy(Float32Array.from(data), [4, 25, 3]);
  const head = new TextDecoder("latin1").decode(bytes);
  bytes.set(new TextEncoder().encode("(99999999999, 25, 3), }"), head.indexOf("(4, 25, 3), }"));
  const before = Deno.memoryUsage().external;
  try {
    readClipArray(bytes, "a.npy", FORM);
    assert(false, "it was taken");
  } catch (error) {
    assert(error instanceof BadRecording);
  }
  assert(Deno.memoryUsage().external - before < 2 ** 24);
});
