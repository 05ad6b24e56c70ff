import { assertEquals } from "@std/assert";
import {
  encodeNpy,
  encodeNpyStrings,
  type NpyData,
  type NpyNumericType,
} from "../../../stages/formats/npy.ts";
import { encodeSafetensors, type SafeTensor } from "../../../stages/formats/safetensors.ts";
import { compareFiles } from "../../../stages/tensor_difference/compare_files.ts";

/** What the comparer says of two contents. */
async function compared(
  name: string,
  a: Uint8Array | string,
  b: Uint8Array | string,
): Promise<string | undefined> {
  const folder = await Deno.makeTempDir({ prefix: "skelrun-test-" });
  try {
    const bytes = (data: Uint8Array | string) =>
      typeof data === "string" ? new TextEncoder().encode(data) : data;
    await Deno.writeFile(`${folder}/a`, bytes(a));
    await Deno.writeFile(`${folder}/b`, bytes(b));
    return await compareFiles(name, `${folder}/a`, `${folder}/b`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function npy(data: NpyData, shape: readonly number[], type?: NpyNumericType): Uint8Array {
  return encodeNpy(data, shape, type);
}

const floats = (...values: number[]): SafeTensor => ({
  dtype: "F32",
  shape: [values.length],
  data: Float32Array.from(values),
});

Deno.test("an .npy file whose one value moved by 1 ulp is told by index, values and distance", async () => {
  const a = new Float32Array(12).fill(0.5);
  const b = a.slice();
  b[7] = 0.5 + 2 ** -24;
  assertEquals(
    await compared("clips-00000.npy", npy(a, [3, 4]), npy(b, [3, 4])),
    "first differs at [1, 3] by 1 ulp (0.5 / 0.5000000596046448); 1 of 12 values differ, " +
      "by at most 1 ulp",
  );
});

Deno.test("the largest distance of many is told beside the first", async () => {
  const a = Float64Array.of(1, 1, 1, NaN);
  const b = Float64Array.of(1, 1 + 2 ** -52, 2, 1);
  assertEquals(
    await compared("x.npy", npy(a, [4]), npy(b, [4])),
    "first differs at [1] by 1 ulp (1 / 1.0000000000000002); 3 of 4 values differ, " +
      "1 of them NaN, by at most 4,503,599,627,370,496 ulps",
  );
});

Deno.test("a zero's sign, NaN against a number, whole numbers and texts are told as they are", async () => {
  const zeros = await compared(
    "x.npy",
    npy(Float32Array.of(0), [1]),
    npy(Float32Array.of(-0), [1]),
  );
  assertEquals(
    zeros,
    "first differs at [0] by 0 ulps (0 / -0); 1 of 1 values differ, by at most 0 ulps",
  );
  const nan = await compared("x.npy", npy(Float32Array.of(1), []), npy(Float32Array.of(NaN), []));
  assertEquals(nan, "first differs at [] (1 / NaN); 1 of 1 values differ, 1 of them NaN");
  const whole = await compared(
    "labels.npy",
    npy(BigInt64Array.of(1n, 7n), [2]),
    npy(BigInt64Array.of(1n, 8n), [2]),
  );
  assertEquals(whole, "first differs at [1] (7 / 8); 1 of 2 values differ");
  const halves = await compared(
    "x.npy",
    npy(Float16Array.of(1, 2), [2]),
    npy(Float16Array.of(1, 2.001953125), [2]),
  );
  assertEquals(
    halves,
    "first differs at [1] by 1 ulp (2 / 2.001953125); 1 of 2 values differ, by at most 1 ulp",
  );
  const texts = await compared(
    "names.npy",
    encodeNpyStrings(["a", "b"]),
    encodeNpyStrings(["a", "c"]),
  );
  assertEquals(texts, 'first differs at [1] ("b" / "c"); 1 of 2 values differ');
});

Deno.test("another type or shape is told instead of values", async () => {
  const a = npy(Float32Array.of(1, 2), [2]);
  assertEquals(
    await compared("x.npy", a, npy(Float32Array.of(1, 2), [1, 2])),
    "shape [2] / [1, 2]",
  );
  assertEquals(await compared("x.npy", a, npy(Float64Array.of(1, 2), [2])), "type f4 / f8");
});

Deno.test("safetensors are compared by name, the first that differs in full", async () => {
  const a = encodeSafetensors(new Map([["b", floats(1, 2)], ["a", floats(3)], ["c", floats(1)]]));
  const b = encodeSafetensors(
    new Map([["b", floats(1, 2 + 2 ** -21)], ["a", floats(3)], ["d", floats(1)]]),
  );
  assertEquals(
    await compared("encoder.safetensors", a, b),
    'tensor "b": first differs at [1] by 2 ulps (2 / 2.000000476837158); 1 of 2 values differ, ' +
      "by at most 2 ulps; 3 of 4 tensors differ",
  );
  const only = encodeSafetensors(new Map([["b", floats(1, 2)], ["a", floats(3)]]));
  assertEquals(await compared("x.safetensors", a, only), 'tensor "c": only in the first');
  const noted = (text: string) => encodeSafetensors(new Map([["a", floats(3)]]), { note: text });
  assertEquals(
    await compared("x.safetensors", noted("x"), noted("y")),
    'the same tensors; metadata: note: "x" / "y"',
  );
});

Deno.test("JSON is compared by path: numbers in ulps, lengths, absent keys", async () => {
  const json = (value: unknown) => JSON.stringify(value);
  const a = json({ rows: [{ top1: 0.3, n: 5 }], "odd key": [1, 2] });
  assertEquals(
    await compared(
      "result.json",
      a,
      json({ rows: [{ top1: 0.1 + 0.2, n: 5 }], "odd key": [1, 2] }),
    ),
    "rows[0].top1: 0.3 / 0.30000000000000004 (1 ulp)",
  );
  assertEquals(
    await compared("result.json", a, json({ rows: [{ n: 6 }], "odd key": [1] })),
    "rows[0].top1: 0.3 / absent; 3 places differ",
  );
  assertEquals(
    await compared("result.json", a, json({ rows: [{ top1: 0.3, n: 5 }], "odd key": [1, 3] })),
    '["odd key"][1]: 2 / 3',
  );
  assertEquals(await compared("x.json", "1", "[]"), "the whole: 1 / []");
  assertEquals(
    await compared("x.json", '{"a":1}', '{"a": 1}'),
    'line 1, column 6: "{\\"a\\":1}" / "{\\"a\\": 1}"',
  );
});

Deno.test("text is compared by line and column", async () => {
  assertEquals(
    await compared("log.csv", "step,loss\n1,2.5\n2,2.25\n", "step,loss\n1,2.5\n2,2.26\n"),
    'line 3, column 6: "2,2.25" / "2,2.26"',
  );
  assertEquals(
    await compared("log.csv", "a\nb", "a"),
    "line 2: the second ends before it",
  );
  const long = "x".repeat(100);
  assertEquals(
    await compared("a.svg", `${long}1${long}`, `${long}2${long}`),
    `line 1, column 101: "...${"x".repeat(20)}1${"x".repeat(39)}..." / ` +
      `"...${"x".repeat(20)}2${"x".repeat(39)}..."`,
  );
});

Deno.test("what is of no known format, or broken, is left to the runner", async () => {
  assertEquals(await compared("x.bin", "a", "b"), undefined);
  assertEquals(await compared("x.npy", "a", "b"), undefined);
  assertEquals(await compared("x.json", "{", "[]"), undefined);
  assertEquals(await compared("x.txt", Uint8Array.of(255), Uint8Array.of(254)), undefined);
});
