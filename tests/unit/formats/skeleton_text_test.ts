import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { BadRecording } from "../../../stages/formats/bad_recording.ts";
import { readSkeletonText } from "../../../stages/formats/skeleton_text.ts";
import { coordinate, skeletonLines, textOf } from "./skeleton_fixture.ts";

const RUNS = Deno.env.get("SKELRUN_LONG") ? 100_000 : 1_500;
const FILE = "S001C001P001R001A001.skeleton";

/** Line numbers from 1 in a file whose frames have one body each: 28 lines a frame. */
const frameLine = (frame: number) => 2 + frame * 28;

function message(lines: readonly string[], lineEnd?: string): string {
  const bytes = textOf(lines, lineEnd);
  return assertThrows(() => readSkeletonText(bytes, FILE, 2), BadRecording).message;
}

Deno.test("coordinates of the first two listed bodies are read, frames without any stay zero", () => {
  const clip = readSkeletonText(textOf(skeletonLines([1, 3, 0, 2])), FILE, 2);
  assertEquals([clip.frames, clip.bodies, clip.validFrames, clip.bodyRecords], [4, 2, 3, 6]);
  const expected = new Float32Array(4 * 2 * 75);
  [1, 2, 0, 2].forEach((count, frame) => {
    for (let body = 0; body < count; body++) {
      for (let joint = 0; joint < 25; joint++) {
        for (let axis = 0; axis < 3; axis++) {
          expected[((frame * 2 + body) * 25 + joint) * 3 + axis] = coordinate(
            frame,
            body,
            joint,
            axis,
          );
        }
      }
    }
  });
  assertEquals(clip.positions, expected);
});

Deno.test("identifiers beyond 2^53 are kept to the last digit", () => {
  const { bodyIds } = readSkeletonText(textOf(skeletonLines([2])), FILE, 2);
  assertEquals(bodyIds, ["72057594037931101", "72057594037931102"]);
});

Deno.test("CRLF, tabs, trailing blanks, a byte order mark and a missing last line end read alike", () => {
  const lines = skeletonLines([2, 1]);
  const plain = readSkeletonText(textOf(lines), FILE, 2);
  const variants = [
    textOf(lines, "\r\n"),
    textOf(lines, "  \n"),
    textOf(lines.map((line) => line.replaceAll(" ", "\t"))),
    textOf(lines.map((line) => ` ${line}`)),
    textOf([...lines, "", " "]),
    textOf(lines).slice(0, -1),
    Uint8Array.of(0xef, 0xbb, 0xbf, ...textOf(lines)),
  ];
  for (const bytes of variants) assertEquals(readSkeletonText(bytes, FILE, 2), plain);
});

Deno.test("one slot keeps the first body alone", () => {
  const { positions } = readSkeletonText(textOf(skeletonLines([2])), FILE, 1);
  assertEquals(positions.length, 75);
  assertEquals(positions[74], coordinate(0, 0, 24, 2));
});

Deno.test("more frames than the first guess at memory are read", () => {
  const clip = readSkeletonText(textOf(skeletonLines(new Array(1500).fill(1))), FILE, 2);
  assertEquals(clip.validFrames, 1500);
  assertEquals(clip.positions.at(-76), coordinate(1499, 0, 24, 2));
});

Deno.test("an empty file, or one of blanks, is an error on line 1", () => {
  assertEquals(message([]), `${FILE}:1: the file is empty`);
  assertEquals(message(["", "  "]), `${FILE}:1: the file is empty`);
});

Deno.test("a truncated file says where it ends and what is missing", () => {
  const lines = skeletonLines([1, 1, 1]);
  assertEquals(
    message(lines.slice(0, frameLine(2) - 1)),
    `${FILE}:58: the file ends after 2 of the 3 frames that line 1 announces`,
  );
  assertEquals(
    message(lines.slice(0, frameLine(1))),
    `${FILE}:31: the file ends before body 1 of frame 2; line 30 announces 1 body`,
  );
  assertEquals(
    message(lines.slice(0, frameLine(1) + 1)),
    `${FILE}:32: the file ends before the joints of body 1 of frame 2`,
  );
  assertEquals(
    message(lines.slice(0, frameLine(1) + 12)),
    `${FILE}:43: the file ends after 10 of 25 joints of body 1 of frame 2`,
  );
  const cut = lines.slice(0, frameLine(1) + 5);
  cut[cut.length - 1] = "5.25 37.25 69.25 277.419";
  assertEquals(
    message(cut),
    `${FILE}:35: expected 12 numbers (joint 3 of body 1 of frame 2), found 4`,
  );
  const file = new TextEncoder().encode(cut.join("\n"));
  assertEquals(
    assertThrows(() => readSkeletonText(file, FILE, 2), BadRecording).message,
    `${FILE}:35: expected 12 numbers (joint 3 of body 1 of frame 2), found 4; ` +
      "the file ends on this line",
  );
});

Deno.test("a body count that is too high is named with the line that announces it", () => {
  const lines = skeletonLines([1, 1]);
  lines[frameLine(0) - 1] = "2";
  assertEquals(
    message(lines),
    `${FILE}:30: expected the 10 numbers of body 2 of frame 1, found 1; line 2 announces 2 bodies`,
  );
});

Deno.test("a body count that is too low is suspected at the line after the body", () => {
  const lines = skeletonLines([2, 1]);
  lines[frameLine(0) - 1] = "1";
  assertEquals(
    message(lines),
    `${FILE}:30: expected the body count of frame 2, found a line of 10 columns; ` +
      "the frame before it may list more bodies than it announces",
  );
});

Deno.test("a body count that is no whole number is an error", () => {
  for (const word of ["-1", "1.5", "one", "1e1", "99999999999999999999"]) {
    const lines = skeletonLines([1, 1]);
    lines[frameLine(1) - 1] = word;
    assertEquals(
      message(lines),
      `${FILE}:30: expected the body count of frame 2, a whole number, found "${word}"`,
    );
  }
});

Deno.test("a frame count that lies is found out, without the memory it asks for", () => {
  const lines = skeletonLines([1, 1]);
  lines[0] = "1";
  assertEquals(
    message(lines),
    `${FILE}:30: expected the end of the file after the 1 frame that line 1 announces, found "1"`,
  );
  lines[0] = "9000000000000000";
  assertEquals(
    message(lines),
    `${FILE}:58: the file ends after 2 of the 9000000000000000 frames that line 1 announces`,
  );
  lines[0] = "two";
  assertEquals(
    message(lines),
    `${FILE}:1: expected the number of frames, a whole number, found "two"`,
  );
});

Deno.test("24 joints are an error at the joint count, or at the line that is missing", () => {
  const lines = skeletonLines([1, 1]);
  lines[3] = "24";
  assertEquals(
    message(lines),
    `${FILE}:4: expected 25 joints (body 1 of frame 1), found a count of 24`,
  );
  const fewer = skeletonLines([1, 1]);
  fewer.splice(28, 1);
  assertEquals(
    message(fewer),
    `${FILE}:29: expected 12 numbers (joint 25 of body 1 of frame 1), found 1`,
  );
});

Deno.test("a word that is no number is an error in every column", () => {
  for (let column = 0; column < 12; column++) {
    const lines = skeletonLines([1]);
    const words = lines[6]!.split(" ");
    words[column] = "0.1x";
    lines[6] = words.join(" ");
    assertEquals(
      message(lines),
      `${FILE}:7: expected a number (joint 3 of body 1 of frame 1), found "0.1x"`,
    );
  }
});

Deno.test("a coordinate must be finite", () => {
  for (const word of ["NaN", "nan", "inf", "-Infinity", "1.#IND"]) {
    const lines = skeletonLines([1]);
    lines[6] = lines[6]!.replace(/^\S+/, word);
    assertEquals(
      message(lines),
      `${FILE}:7: expected a finite number (joint 3 of body 1 of frame 1), found "${word}"`,
    );
  }
  const large = skeletonLines([1]);
  large[6] = large[6]!.replace(/^\S+/, "1e39");
  assertEquals(
    message(large),
    `${FILE}:7: x of joint 3 of body 1 of frame 1 is too large for float32`,
  );
});

Deno.test("columns that no one reads may be not finite, and are counted", () => {
  const lines = skeletonLines([1]);
  lines[6] = lines[6]!.replace("277.419", "-∞").replace("191.8218", "nan");
  lines[2] = lines[2]!.replace("0.02764709", "NaN");
  const clip = readSkeletonText(textOf(lines), FILE, 2);
  assertEquals(clip.nonFiniteColumns, 3);
  assertEquals(clip.positions, readSkeletonText(textOf(skeletonLines([1])), FILE, 2).positions);
});

Deno.test("a line with too many or too few columns is an error", () => {
  const more = skeletonLines([1]);
  more[6] += " 2";
  assertEquals(
    message(more),
    `${FILE}:7: expected 12 numbers (joint 3 of body 1 of frame 1), found 13`,
  );
  const body = skeletonLines([1]);
  body[2] = body[2]!.replace(/ 2$/, "");
  assertEquals(
    message(body),
    `${FILE}:3: expected the 10 numbers of body 1 of frame 1, found 9; line 2 announces 1 body`,
  );
  const blank = skeletonLines([1]);
  blank.splice(6, 0, "");
  assertEquals(
    message(blank),
    `${FILE}:7: expected 12 numbers (joint 3 of body 1 of frame 1), found 0`,
  );
});

Deno.test("a bodyID must be a whole number", () => {
  const lines = skeletonLines([1]);
  lines[2] = lines[2]!.replace(/^\S+/, "7.2e16");
  assertEquals(
    message(lines),
    `${FILE}:3: expected the bodyID of body 1 of frame 1, a whole number, found "7.2e16"`,
  );
});

Deno.test("anything after the last frame is an error, also bytes that are no text", () => {
  const bytes = Uint8Array.of(...textOf(skeletonLines([1])), 0, 0);
  assertEquals(
    assertThrows(() => readSkeletonText(bytes, FILE, 2), BadRecording).message,
    `${FILE}:30: expected the end of the file after the 1 frame that line 1 announces, found "??"`,
  );
});

Deno.test("a file damaged anywhere is read or refused with its name and a line, never worse", () => {
  const intact = textOf(skeletonLines([1, 2, 0, 1]));
  const lines = new TextDecoder().decode(intact).split("\n").length;
  const edit = fc.record({
    at: fc.nat(intact.length),
    remove: fc.nat(40),
    insert: fc.oneof(
      fc.uint8Array({ maxLength: 8 }),
      fc.constantFrom("\n", " ", "nan", "-", "9", "1e999", "\r\n").map((text) =>
        new TextEncoder().encode(text)
      ),
    ),
  });
  let refused = 0;
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
      let bytes: Uint8Array = intact;
      for (const { at, remove, insert } of edits) {
        bytes = Uint8Array.of(...bytes.subarray(0, at), ...insert, ...bytes.subarray(at + remove));
      }
      try {
        const clip = readSkeletonText(bytes, FILE, 2);
        assertEquals(clip.positions.length, clip.frames * 150);
        assertEquals(clip.positions.every(Number.isFinite), true);
      } catch (error) {
        if (!(error instanceof BadRecording)) throw error;
        refused++;
        assertEquals(error.file, FILE);
        const limit = lines + edits.length * 8;
        assertEquals(error.line! >= 1 && error.line! <= limit, true, error.message);
      }
    }),
    { seed: 2, numRuns: RUNS },
  );
  assertEquals(refused > RUNS / 2, true);
});
