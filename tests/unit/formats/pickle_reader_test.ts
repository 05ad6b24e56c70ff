import { assert, assertEquals, assertThrows } from "@std/assert";
import { pickleMemoryBytes } from "../../../stages/formats/pickle_input.ts";
import { openPickle, type PickleFile, readPickle } from "../../../stages/formats/pickle_reader.ts";
import { PickleArray, PickleError, PickleSlice } from "../../../stages/formats/pickle_value.ts";
import { temporaryFolder } from "../parse/stage_run.ts";
import { pythonTest } from "./python.ts";

/** Bytes from pieces of latin-1 text. */
function bytesOf(...parts: readonly (string | readonly number[])[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === "string" ? Array.from(part, (c) => c.charCodeAt(0)) : [...part]
    ),
  );
}

function read(...parts: readonly (string | readonly number[])[]): PickleFile {
  return readPickle(pickleMemoryBytes(bytesOf(...parts), "some.pkl"));
}

function valueOf(...parts: readonly (string | readonly number[])[]): unknown {
  return read(...parts).value;
}

function refused(words: string, ...parts: readonly (string | readonly number[])[]): void {
  assertThrows(() => valueOf(...parts), PickleError, words);
}

/** What a pickle holds as plain JSON, arrays as `[type, shape, elements]`. */
function plain(file: PickleFile, value: unknown = file.value): unknown {
  if (value instanceof PickleArray) {
    const { type, shape, data } = file.array(value, "an array");
    return [type, [...shape], Array.from(data as ArrayLike<unknown>, (x) => plain(file, x))];
  }
  if (value instanceof PickleSlice) return file.text(value);
  if (value instanceof Uint8Array) return { bytes: [...value] };
  if (value instanceof Map) {
    return { map: [...value].map(([key, inside]) => [plain(file, key), plain(file, inside)]) };
  }
  if (value instanceof Set) return { set: [...value].sort() };
  if (Array.isArray(value)) return value.map((inside) => plain(file, inside));
  if (typeof value === "bigint") return `${value}`;
  return Object.is(value, -0) ? "-0" : value;
}

const PYTHON_VALUES = `
import collections, numpy
a = numpy.arange(24).reshape(2, 3, 4)
values = {
  "numbers": [0, 1, -1, 255, 256, -256, 65535, 65536, 2**31 - 1, -2**31, 2**31, 2**53 - 1, -2**62,
              2**62, 2**100, -2**100, 1.5, -0.25, 1e308, 5e-324, 0.1, True, False, None],
  "texts": ["", "plain", "gr\\u00f6\\u00dfer \\U0001f9b4", "line\\nend\\r\\\\u0041 'quoted' \\"", "x" * 9000],
  "bytes": [b"", b"\\x00\\xff\\n\\\\", b"\\xe9" * 300],
  "nested": ([1, [2, (3, ())]], {"a": {"b": [1]}, 5: None}, {1, 2, 3}, frozenset(["x"])),
  "ordered": collections.OrderedDict([("z", 1), ("a", 2)]),
  "scalars": [numpy.int64(-5), numpy.float32(0.5), numpy.float64(1e300), numpy.str_("name"), numpy.bool_(True)],
  "arrays": [a.astype(t) for t in "f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 >f4 >i8".split()]
            + [a > 3, numpy.asfortranarray(a.astype("f4")), numpy.array(["a", "gr\\u00f6\\u00dfer"]),
               numpy.zeros((0, 3), "f4"), a.astype("f4").transpose(1, 0, 2),
               a.astype("f4").transpose(2, 0, 1), numpy.array(3, "f4"), a.astype("f4")[:, ::2]],
  "large": numpy.arange(6000, dtype="f4").reshape(2, 3000),
  "large_f": numpy.asfortranarray(numpy.arange(6000, dtype="u2").reshape(20, 300)),
}
shared = [1, 2]
values["shared"] = [shared, shared, a[0].astype("f4"), {"k": shared}]
`;

const EXPECT_NUMBERS = [
  ...[0, 1, -1, 255, 256, -256, 65535, 65536, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 53 - 1],
  ...["-4611686018427387904", "4611686018427387904", `${2n ** 100n}`, `${-(2n ** 100n)}`],
  ...[1.5, -0.25, 1e308, 5e-324, 0.1, true, false, null],
];

await pythonTest("numpy", "pickles of Python 3, protocols 0 to 5, are read", async (run) => {
  await using folder = await temporaryFolder();
  await run(
    `${PYTHON_VALUES}
import pickle, sys
for protocol in range(6):
    with open(f"{sys.argv[1]}/{protocol}.pkl", "wb") as f:
        pickle.dump(values, f, protocol)
print("null")`,
    folder.path,
  );
  const counted = Array.from({ length: 24 }, (_, i) => i);
  const shape = [2, 3, 4];
  for (let protocol = 0; protocol <= 5; protocol++) {
    using file = openPickle(`${folder.path}/${protocol}.pkl`);
    const { map } = plain(file) as { map: [string, unknown][] };
    const found = Object.fromEntries(map) as Record<string, unknown[]>;
    const where = `protocol ${protocol}`;
    assertEquals(found.numbers, EXPECT_NUMBERS, where);
    assertEquals(found.texts, [
      "",
      "plain",
      "größer 🦴",
      "line\nend\r\\u0041 'quoted' \"",
      "x".repeat(9000),
    ], where);
    assertEquals(found.bytes, [
      { bytes: [] },
      { bytes: [0, 255, 10, 92] },
      { bytes: new Array(300).fill(0xe9) },
    ], where);
    assertEquals(found.nested, [
      [1, [2, [3, []]]],
      { map: [["a", { map: [["b", [1]]] }], [5, null]] },
      { set: [1, 2, 3] },
      { set: ["x"] },
    ], where);
    assertEquals(found.ordered as unknown, { map: [["z", 1], ["a", 2]] }, where);
    assertEquals(found.scalars, [-5, 0.5, 1e300, "name", 1], where);
    const types = "f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 f4 i8".split(" ");
    assertEquals(found.arrays, [
      ...types.map((type) => [
        type,
        shape,
        counted.map((n) => type.endsWith("8") && type !== "f8" ? `${n}` : n),
      ]),
      ["b1", shape, counted.map((n) => n > 3 ? 1 : 0)],
      ["f4", shape, counted],
      ["str", [2], ["a", "größer"]],
      ["f4", [0, 3], []],
      [
        "f4",
        [3, 2, 4],
        [0, 1, 2].flatMap((j) =>
          [0, 1].flatMap((i) => [0, 1, 2, 3].map((k) => 12 * i + 4 * j + k))
        ),
      ],
      [
        "f4",
        [4, 2, 3],
        [0, 1, 2, 3].flatMap((k) =>
          [0, 1].flatMap((i) => [0, 1, 2].map((j) => 12 * i + 4 * j + k))
        ),
      ],
      ["f4", [], [3]],
      ["f4", [2, 2, 4], counted.filter((n) => Math.floor(n / 4) % 3 !== 1)],
    ], where);
    const large = Array.from({ length: 6000 }, (_, i) => i);
    assertEquals(found.large as unknown, ["f4", [2, 3000], large], where);
    assertEquals(found.large_f as unknown, ["u2", [20, 300], large], where);
    const row = ["f4", [3, 4], counted.slice(0, 12)];
    assertEquals(found.shared, [[1, 2], [1, 2], row, { map: [["k", [1, 2]]] }], where);
  }
});

Deno.test("long byte strings stay in the file until they are asked for", () => {
  const long = new Array(70_000).fill(7);
  const length = [0x70, 0x11, 0x01, 0x00];
  const value = valueOf([0x80, 3], "]", "B", length, long, "a", "K", [9], "a.") as unknown[];
  const slice = value[0] as PickleSlice;
  assert(slice instanceof PickleSlice);
  assertEquals([slice.offset, slice.length, value[1]], [8, 70_000, 9]);
});

Deno.test("byte strings of Python 2 are texts of one character a byte, also as an array's elements", () => {
  // What cPickle of Python 2 writes: protocol 2, `str` for names and for the bytes of an array.
  const array = [
    ..."cnumpy.core.multiarray\n_reconstruct\nq\x01",
    ..."cnumpy\nndarray\nq\x02K\x00\x85U\x01b\x87R",
    ..."(K\x01K\x02\x85cnumpy\ndtype\nU\x02f4K\x00K\x01\x87R(K\x03U\x01<NNNJ\xff\xff\xff\xff",
    ..."J\xff\xff\xff\xffK\x00tb\x89U\x08\x00\x00\x80\x3f\x00\x00\x20\xc0tb",
  ].join("");
  const file = read([0x80, 2], "]q\0", "(U\x03\xe9tA", array, "e.");
  assertEquals(plain(file), ["étA", ["f4", [2], [1, -2.5]]]);
});

Deno.test("protocol 0 of Python 2 with quoted texts is read", () => {
  const value = valueOf(
    "(dp0\nS'names'\np1\n(lp2\nS'a\\'b\\n\\x41'\np3\naS\"it's\"\naV\\u00e9\\U0001f9b4\nasS'n'\n",
    "L-12345678901234567890L\nsS'f'\nF1.5e3\ns.",
  );
  assertEquals(
    value,
    new Map<string, unknown>([
      ["names", ["a'b\nA", "it's", "é🦴"]],
      ["n", -12345678901234567890n],
      ["f", 1500],
    ]),
  );
});

Deno.test("a name that could run a program is refused by its module and name, with the place", () => {
  const words = (name: string, at: number) =>
    `some.pkl: byte ${at}: expected plain data and numpy arrays, found ${name}, which is not read`;
  refused(words("os.system", 0), "cos\nsystem\n(S'ls'\ntR.");
  refused(words("builtins.eval", 2), [0x80, 4], "cbuiltins\neval\n(U\x011tR.");
  refused(words("posix.system", 2), "](", "iposix\nsystem\n.");
  const name = (text: string) => [0x8c, text.length, ...bytesOf(text)];
  refused(
    words("torch._utils._rebuild_tensor_v2", 36),
    [0x80, 4, ...name("torch._utils"), ...name("_rebuild_tensor_v2"), 0x93],
    ".",
  );
  refused(words("builtins.getattr", 0), "cbuiltins\ngetattr\n.");
  refused(words("numpy.core.multiarray.fromfile", 0), "cnumpy.core.multiarray\nfromfile\n.");
  // A name of JavaScript's own is none of the list either.
  refused(words("__proto__.constructor", 0), "c__proto__\nconstructor\n.");
});

Deno.test("objects, outside references and buffers are refused by the name of the operation", () => {
  refused("expected plain data, found an object (operation PERSID)", "Pid\n.");
  refused(
    "expected plain data, found an object (operation NEWOBJ)",
    "ccollections\nOrderedDict\n)",
    [
      0x81,
    ],
    ".",
  );
  refused("expected plain data, found an object (operation NEXT_BUFFER)", [0x97], ".");
  refused("expected plain data, found an object (operation EXT1)", [0x82, 1], ".");
  refused("0xfe is no operation of a pickle", [0xfe], ".");
});

Deno.test("a pickle that is cut short, has more after it or takes what is not there is refused", () => {
  refused("byte 1: the file ends before the pickle does", "]");
  refused("byte 2: expected 5 more bytes, found 3", "U\x05abc");
  refused("expected 4294967295 more bytes, found 0", "B\xff\xff\xff\xff");
  refused("expected the length of a text, found -1", "T\xff\xff\xff\xff");
  refused("expected a whole number of up to 4096 bytes, found -1", [0x8b, 255, 255, 255, 255], ".");
  refused("expected the end of the file after one pickle, found 2 bytes", "N.N.");
  refused("1 values are left over", "NN.");
  refused("takes a value that is not there", "a.");
  refused("there is no mark", "Nt.");
  refused("expected a list, found a tuple of 0", ")Na.");
  refused("expected a dictionary, found a list of 0", "]NNs.");
  refused("no value 3 has been remembered", "h\x03.");
  refused("value 4294967295 is remembered after 0 others", "Nr\xff\xff\xff\xff.");
  refused("expected a frame of 9 bytes, found 1", [0x80, 4, 0x95, 9, 0, 0, 0, 0, 0, 0, 0], ".");
  refused("protocol 6 is not known", [0x80, 6], ".");
  refused("text that is no UTF-8", "X\x01\0\0\0\xff.");
  refused("expected something to call, found a list of 0", "])R.");
  refused("expected texts and numbers as keys of a dictionary or set, found a list", "}]Ns.");
});

/** An array pickled by hand: its shape as operations, type, and data as operations. */
function array(shape: string, type: string, data: string): string {
  return "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tC\x01btR" +
    `(K\x01${shape}cnumpy\ndtype\n(U${String.fromCharCode(type.length)}${type}K\x00K\x01tR` +
    `(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89${data}tb.`;
}

Deno.test("an array whose shape, type or bytes do not fit is refused", () => {
  assertEquals(plain(read(array("(K\x02t", "f2", "C\x04\x00\x3c\x00\x40"))), ["f2", [2], [1, 2]]);
  refused(
    "expected 4 bytes for an array of shape (2), found 3",
    array("(K\x02t", "f2", "C\x03abc"),
  );
  refused("an array of shape (-1) is impossible", array("(J\xff\xff\xff\xfft", "f2", "C\x00"));
  refused(
    "an array of shape (2147483647, 2147483647, 4) is impossible",
    array("(J\xff\xff\xff\x7fJ\xff\xff\xff\x7fK\x04t", "f2", "C\x00"),
  );
  refused("an array of shape (0.5) is impossible", array("(G\x3f\xe0\0\0\0\0\0\0t", "f2", "C\x00"));
  refused("pickled Python objects", array("(K\x01t", "O8", "]"));
  refused("unsupported type", array("(K\x01t", "V8", "C\x00"));
  refused("unsupported type", array("(K\x7ft", "U0", "C\x00"));
  refused("expected the bytes of an array, found None", array("(K\x01t", "f2", "N"));
});

Deno.test("pickle bombs are refused in a sentence: doubling, nesting, circles and copies", () => {
  // Fifty lists, each holding the one before twice: small in memory, 2^50 values when walked.
  const doubling = Array.from(
    { length: 50 },
    (_, i) =>
      `](h${String.fromCharCode(i)}h${String.fromCharCode(i)}eq${String.fromCharCode(i + 1)}0`,
  ).join("");
  assertEquals((valueOf("]q\x000", doubling, "h\x32.") as unknown[]).length, 2);
  const deep = doubling + "h\x32" + "\x85".repeat(20) + ".";
  refused("lie more than 64 deep inside one another", "]q\x000", deep);
  refused("lie more than 64 deep inside one another", "N", "\x85".repeat(100_000), ".");
  refused("a list or dictionary that holds itself", "]q\x00h\x00a.");
  refused("a list or dictionary that holds itself", "]q\x00}N", "h\x00sa.");
  refused("more than 1000 open marks", "(".repeat(2000));
  const limits = { memory: 2 ** 20, depth: 64 };
  const bounded = (text: string) => () =>
    readPickle(pickleMemoryBytes(bytesOf(text), "some.pkl"), limits);
  const words = "its objects take more than 1 MiB of memory";
  assertThrows(bounded("]" + "}a".repeat(100_000) + "."), PickleError, words);
  // A list of a thousand, copied again and again.
  const copied = `](${"N".repeat(1000)}eq\x00(${"cbuiltins\nlist\nh\x00\x85R".repeat(200)}t.`;
  assertThrows(bounded(copied), PickleError, words);
});

Deno.test("lists a million deep, and ones that share, are walked once", () => {
  const start = performance.now();
  refused("deep inside one another", "]".repeat(1_000_000), "a".repeat(999_999), ".");
  assert(performance.now() - start < 20_000);
});
