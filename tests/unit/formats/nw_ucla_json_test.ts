import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { BadRecording } from "../../../stages/formats/bad_recording.ts";
import { readNwUclaJson } from "../../../stages/formats/nw_ucla_json.ts";

const RUNS = Deno.env.get("SKELRUN_LONG") ? 100_000 : 2_000;
const FILE = "a01_s01_e00_v01.json";

function skeletons(frames: number): number[][][] {
  return Array.from(
    { length: frames },
    (_, f) => Array.from({ length: 20 }, (_, j) => [f + 0.5, j / 8, -3.25e-5 * (j + 1)]),
  );
}

/** As Python writes it: blanks after commas and colons. */
function text(frames: number): string {
  return JSON.stringify({ file_name: "a01_s01_e00_v01", skeletons: skeletons(frames), label: 1 })
    .replaceAll(",", ", ").replaceAll(":", ": ");
}

const read = (text: string) => readNwUclaJson(new TextEncoder().encode(text), FILE);
const message = (text: string) => assertThrows(() => read(text), BadRecording).message;

Deno.test("a file is read as JSON.parse reads it", () => {
  const clip = read(text(70));
  assertEquals([clip.frames, clip.label, clip.fileName], [70, 1, "a01_s01_e00_v01"]);
  assertEquals(clip.positions, new Float32Array(skeletons(70).flat(2)));
});

Deno.test("order of keys, further keys, white space and a byte order mark do not matter", () => {
  const reordered = JSON.stringify(
    {
      label: 3,
      more: { a: [1, null, true, { b: 'x"\\' }], c: -1e3 },
      skeletons: skeletons(2),
    },
    undefined,
    "\t",
  );
  const clip = read(`\ufeff\r\n${reordered}\n`);
  assertEquals([clip.frames, clip.label, clip.fileName], [2, 3, undefined]);
});

Deno.test("a truncated file says at which line and column it ends", () => {
  const whole = text(2);
  const cut = whole.slice(0, whole.indexOf("-0.0000325"));
  assertEquals(
    message(cut),
    `${FILE}:1:${cut.length + 1}: expected a number (z of joint 1 of frame 1), ` +
      "found the end of the file",
  );
  assertEquals(
    message(whole.slice(0, 5)),
    `${FILE}:1:2: the file ends inside a string (a key of the recording)`,
  );
  assertEquals(message(""), `${FILE}:1:1: the file is empty`);
  assertEquals(
    message(whole.replaceAll(", ", ",\n").slice(0, -1)),
    `${FILE}:122:11: expected } (the end of the recording), found the end of the file`,
  );
});

Deno.test("19 or 21 joints and 2 or 4 coordinates are errors that name the frame", () => {
  const make = (change: (frames: number[][][]) => void) => {
    const frames = skeletons(3);
    change(frames);
    return JSON.stringify({ skeletons: frames, label: 1 });
  };
  const reason = (text: string) => message(text).replace(/^.*:1:\d+: /, "");
  assertEquals(reason(make((f) => f[1]!.pop())), "expected 20 joints in frame 2, found 19");
  assertEquals(
    reason(make((f) => f[1]!.push([1, 2, 3]))),
    "expected 20 joints in frame 2, found more",
  );
  assertEquals(reason(make((f) => f[2] = [])), "expected 20 joints in frame 3, found 0");
  assertEquals(
    reason(make((f) => f[2]![4]!.pop())),
    "expected 3 coordinates of joint 5 of frame 3, found 2",
  );
  assertEquals(
    reason(make((f) => f[2]![4]!.push(1))),
    "expected 3 coordinates of joint 5 of frame 3, found more",
  );
});

Deno.test("what is no finite number is an error that names the coordinate", () => {
  const reason = (word: string) =>
    message(text(2).replace("-0.0000325", word)).replace(/^.*:1:\d+: /, "");
  for (const word of ["NaN", "-Infinity"]) {
    assertEquals(
      reason(word),
      `expected a finite number (z of joint 1 of frame 1), found "${word}"`,
    );
  }
  assertEquals(reason("0.5x"), 'expected a number (z of joint 1 of frame 1), found "0.5x"');
  assertEquals(reason('"1"'), `expected a number (z of joint 1 of frame 1), found ""1""`);
  assertEquals(reason("1e39"), "z of joint 1 of frame 1 is too large for float32");
});

Deno.test("a missing, doubled or senseless key is an error", () => {
  const reason = (value: string) => message(value).replace(/^.*:1:\d+: /, "");
  assertEquals(reason('{"label": 1}'), 'expected the key "skeletons", found none');
  assertEquals(reason('{"skeletons": []}'), 'expected the key "label", found none');
  assertEquals(reason('{"label": 1, "label": 2}'), 'the key "label" comes twice');
  assertEquals(reason('{"label": 1.5}'), "expected label to be a whole number from 1, found 1.5");
  assertEquals(reason('{"label": 0}'), "expected label to be a whole number from 1, found 0");
  assertEquals(reason("[1]"), 'expected { (the recording), found "[1"');
  assertEquals(reason(`${text(1)} x`), 'expected the end of the file, found "x"');
});

Deno.test("nesting without end is refused", () => {
  const deep = "[".repeat(100_000);
  assertEquals(/more than 64 levels deep/.test(message(`{"more": ${deep}`)), true);
});

Deno.test("a file damaged anywhere is read or refused with its name and place, never worse", () => {
  const intact = new TextEncoder().encode(text(2));
  let refused = 0;
  fc.assert(
    fc.property(
      fc.nat(intact.length),
      fc.nat(30),
      fc.oneof(
        fc.uint8Array({ maxLength: 4 }),
        fc.constantFrom("NaN", "]", "{", '"', ",", "9", "\\").map((c) =>
          new TextEncoder().encode(c)
        ),
      ),
      (at, remove, insert) => {
        const bytes = Uint8Array.of(
          ...intact.subarray(0, at),
          ...insert,
          ...intact.subarray(at + remove),
        );
        try {
          const clip = readNwUclaJson(bytes, FILE);
          assertEquals(clip.positions.length, clip.frames * 60);
          assertEquals(clip.positions.every(Number.isFinite), true);
        } catch (error) {
          if (!(error instanceof BadRecording)) throw error;
          refused++;
          assertEquals(error.message.startsWith(`${FILE}:`), true);
        }
      },
    ),
    { seed: 3, numRuns: RUNS },
  );
  assertEquals(refused > RUNS / 3, true);
});
