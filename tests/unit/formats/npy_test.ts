import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  decodeNpy,
  encodeNpy,
  encodeNpyStrings,
  type NpyData,
  NpyError,
} from "../../../stages/formats/npy.ts";

/** A file with a header written by hand, version `major`.0. */
function npy(header: string, body: Uint8Array, major = 1): Uint8Array {
  const text = new TextEncoder().encode(header + "\n");
  const size = major === 1
    ? [text.length & 255, text.length >> 8]
    : [text.length & 255, text.length >> 8, 0, 0];
  return new Uint8Array([
    0x93,
    ...new TextEncoder().encode("NUMPY"),
    major,
    0,
    ...size,
    ...text,
    ...body,
  ]);
}

function dict(descr: string, shape: string, fortran = "False"): string {
  return `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;
}

const SAMPLES: [type: string, data: NpyData][] = [
  ["f2", Float16Array.of(0, -1.5, 65504, 2 ** -24)],
  ["f4", Float32Array.of(0, -1.5, Infinity, NaN)],
  ["f8", Float64Array.of(0, -1.5, Math.PI, -Infinity)],
  ["i1", Int8Array.of(0, -128, 127, 3)],
  ["i2", Int16Array.of(0, -32768, 32767, 3)],
  ["i4", Int32Array.of(0, -(2 ** 31), 2 ** 31 - 1, 3)],
  ["i8", BigInt64Array.of(0n, -(2n ** 63n), 2n ** 63n - 1n, 3n)],
  ["u1", Uint8Array.of(0, 255, 1, 3)],
  ["u2", Uint16Array.of(0, 65535, 1, 3)],
  ["u4", Uint32Array.of(0, 2 ** 32 - 1, 1, 3)],
  ["u8", BigUint64Array.of(0n, 2n ** 64n - 1n, 1n, 3n)],
];

for (const [type, data] of SAMPLES) {
  Deno.test(`${type} comes back from a file as it went in`, () => {
    const array = decodeNpy(encodeNpy(data, [2, 2]), "a.npy");
    assertEquals(array, { type, shape: [2, 2], data } as typeof array);
  });

  Deno.test(`${type} is read in both byte orders`, () => {
    const bytes = new Uint8Array(data.buffer as ArrayBuffer).slice();
    const size = data.BYTES_PER_ELEMENT;
    for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
    const array = decodeNpy(npy(dict(`>${type}`, "(4,)"), bytes), "a.npy");
    assertEquals(array.data as NpyData, data);
  });
}

Deno.test("booleans are bytes, written and read as such", () => {
  const file = encodeNpy(Uint8Array.of(1, 0, 1), [3], "b1");
  assert(new TextDecoder().decode(file).includes("'|b1'"));
  assertEquals(decodeNpy(file, "a.npy"), {
    type: "b1",
    shape: [3],
    data: Uint8Array.of(1, 0, 1),
  });
});

Deno.test("texts come back, empty ones and letters beyond 16 bits too", () => {
  for (const texts of [["a", "größer", "", "骨🦴"], [""], []]) {
    const array = decodeNpy(encodeNpyStrings(texts), "names.npy");
    assertEquals(array, { type: "str", shape: [texts.length], data: texts });
  }
});

Deno.test("big-endian texts are read", () => {
  const array = decodeNpy(
    npy(dict(">U2", "(1,)"), Uint8Array.of(0, 0, 0, 65, 0, 1, 0xf9, 0xb4)),
    "a",
  );
  assertEquals(array.data as readonly string[], ["A\u{1f9b4}"]);
});

Deno.test("a header is padded to a multiple of 64 bytes and ends in a line feed", () => {
  for (const shape of [[], [1], [3, 4], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]]) {
    const count = shape.reduce((product, size) => product * size, 1);
    const file = encodeNpy(new Int8Array(count), shape);
    assertEquals((file.length - count) % 64, 0);
    assertEquals(file[file.length - count - 1], 0x0a);
    assertEquals(decodeNpy(file, "a").shape, shape);
  }
});

Deno.test("any shape and any numbers come back", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 5 }), { maxLength: 5 }),
      fc.infiniteStream(fc.float()),
      (shape, stream) => {
        const count = shape.reduce((product, size) => product * size, 1);
        const data = Float32Array.from(stream.take(count));
        assertEquals(decodeNpy(encodeNpy(data, shape), "a"), { type: "f4", shape, data });
      },
    ),
    { seed: 1, numRuns: 200 },
  );
});

Deno.test("Fortran order is turned into C order", () => {
  const array = decodeNpy(npy(dict("|u1", "(2, 3)", "True"), Uint8Array.of(1, 4, 2, 5, 3, 6)), "a");
  assertEquals(array.data as Uint8Array, Uint8Array.of(1, 2, 3, 4, 5, 6));
  const [x, y, z] = [2, 3, 4];
  const source = new Uint8Array(x * y * z);
  for (let i = 0; i < x; i++) {
    for (let j = 0; j < y; j++) {
      for (let k = 0; k < z; k++) source[i + x * (j + y * k)] = 12 * i + 4 * j + k;
    }
  }
  const deep = decodeNpy(npy(dict("|u1", "(2, 3, 4)", "True"), source), "a");
  assertEquals(deep.data as Uint8Array, Uint8Array.from({ length: 24 }, (_, i) => i));
});

Deno.test("versions 2.0 and 3.0 and old spellings of headers are read", () => {
  for (const major of [2, 3]) {
    assertEquals(decodeNpy(npy(dict("|u1", "(1,)"), Uint8Array.of(9), major), "a").shape, [1]);
  }
  const old = `{"shape": (2L, 1L), "fortran_order": False, "descr": "|u1"}`;
  assertEquals(decodeNpy(npy(old, Uint8Array.of(1, 2)), "a").shape, [2, 1]);
});

Deno.test("data that begin at an odd byte are read", () => {
  const file = npy(dict("<f8", "(1,)") + " ", new Uint8Array(Float64Array.of(2.5).buffer));
  const shifted = new Uint8Array(file.length + 1);
  shifted.set(file, 1);
  assertEquals(decodeNpy(shifted.subarray(1), "a").data as Float64Array, Float64Array.of(2.5));
});

const BROKEN: [name: string, file: Uint8Array, message: string][] = [
  ["an empty file", new Uint8Array(0), "does not begin with"],
  ["another format", new TextEncoder().encode("PK\x03\x04 something else"), "does not begin with"],
  [
    "a header cut short",
    npy(dict("<f4", "(1,)"), new Uint8Array(4)).slice(0, 30),
    "inside its header",
  ],
  [
    "an unknown version",
    npy(dict("<f4", "(1,)"), new Uint8Array(4), 4),
    "version 4.0 is not known",
  ],
  ["data cut short", npy(dict("<f4", "(3,)"), new Uint8Array(8)), "expected 12 bytes"],
  ["data after the end", npy(dict("<f4", "(1,)"), new Uint8Array(8)), "expected 4 bytes"],
  ["pickled objects", npy(dict("|O", "(1,)"), new Uint8Array(9)), "pickled Python objects"],
  [
    "records",
    npy("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,)}", new Uint8Array(4)),
    "structured",
  ],
  ["complex numbers", npy(dict("<c8", "(1,)"), new Uint8Array(8)), 'unsupported type "<c8"'],
  [
    "a header without a shape",
    npy("{'descr': '<f4', 'fortran_order': False}", new Uint8Array(4)),
    "no valid shape",
  ],
  ["a negative size", npy(dict("<f4", "(-1,)"), new Uint8Array(4)), "no valid shape"],
  [
    "a shape beyond counting",
    npy(dict("<f4", "(9999999999, 9999999999)"), new Uint8Array(4)),
    "too large",
  ],
  ["no unicode", npy(dict("<U1", "(1,)"), new Uint8Array(4).fill(255)), "element 0 is no unicode"],
];

for (const [name, file, message] of BROKEN) {
  Deno.test(`${name}: an error that names the file`, () => {
    const error = assertThrows(() => decodeNpy(file, "folder/a.npy"), NpyError, message);
    assert(error.message.startsWith("folder/a.npy: "));
  });
}

Deno.test("a shape that does not fit the numbers is not written", () => {
  assertThrows(() => encodeNpy(new Float32Array(5), [2, 3]), RangeError, "(2, 3)");
});
