import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  decodeSafetensors,
  encodeSafetensors,
  type SafeTensor,
  SafetensorsError,
} from "../../../stages/formats/safetensors.ts";
import { pythonTest } from "./python.ts";

const WEIGHT: SafeTensor = { dtype: "F32", shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
const COUNT: SafeTensor = { dtype: "I64", shape: [], data: BigInt64Array.of(-7n) };
const EMPTY: SafeTensor = { dtype: "F32", shape: [0, 4], data: new Float32Array(0) };
const TENSORS = new Map<string, SafeTensor>([["b.weight", WEIGHT], ["b.count", COUNT], [
  "a.none",
  EMPTY,
]]);

function header(file: Uint8Array): { text: string; length: number } {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  return { text: new TextDecoder().decode(file.subarray(8, 8 + length)), length };
}

/** A file with a header written by hand. */
function file(text: string, data: number[] = []): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  const out = new Uint8Array(8 + bytes.length + data.length);
  new DataView(out.buffer).setBigUint64(0, BigInt(bytes.length), true);
  out.set(bytes, 8);
  out.set(data, 8 + bytes.length);
  return out;
}

Deno.test("tensors and metadata come back", () => {
  const { tensors, metadata } = decodeSafetensors(
    encodeSafetensors(TENSORS, { format: "pt" }),
    "a.safetensors",
  );
  assertEquals([...tensors.keys()], ["a.none", "b.count", "b.weight"]);
  for (const [name, tensor] of TENSORS) assertEquals(tensors.get(name), tensor);
  assertEquals({ ...metadata }, { format: "pt" });
});

Deno.test("the header is JSON with sorted names, and data begin at a multiple of 8", () => {
  const bytes = encodeSafetensors(TENSORS);
  const { text, length } = header(bytes);
  assertEquals((8 + length) % 8, 0);
  assertEquals(
    text.trimEnd(),
    '{"a.none":{"dtype":"F32","shape":[0,4],"data_offsets":[8,8]},' +
      '"b.count":{"dtype":"I64","shape":[],"data_offsets":[0,8]},' +
      '"b.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[8,32]}}',
  );
  assertEquals(bytes.length, 8 + length + 32);
});

Deno.test("equal tensors are equal bytes, in whatever order they come", () => {
  assertEquals(
    encodeSafetensors(new Map([...TENSORS].reverse()), { b: "1", a: "2" }),
    encodeSafetensors(TENSORS, { a: "2", b: "1" }),
  );
});

Deno.test("a file may begin at any byte of a buffer", () => {
  const bytes = encodeSafetensors(TENSORS);
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  assertEquals(decodeSafetensors(shifted.subarray(3), "a").tensors.get("b.weight"), WEIGHT);
});

Deno.test("tensors that do not fit their shape are not written", () => {
  const broken = new Map<string, SafeTensor>([["w", { ...WEIGHT, shape: [7] } as SafeTensor]]);
  assertThrows(() => encodeSafetensors(broken), RangeError, "w: shape [7]");
  assertThrows(
    () => encodeSafetensors(new Map<string, SafeTensor>([["__metadata__", WEIGHT]])),
    RangeError,
  );
});

const one = (entry: string) => `{"w":${entry}}`;
const BROKEN: [name: string, bytes: Uint8Array, message: string][] = [
  ["an empty file", new Uint8Array(0), "no safetensors file"],
  ["a header longer than the file", file("{}").map((b, i) => i === 0 ? 200 : b), "header of 200"],
  ["a header longer than any", file("{}").map((b, i) => i === 5 ? 1 : b), "header of"],
  ["a header that is no JSON", file('{"w":'), "the header is no JSON"],
  ["a header that is no object", file("[]"), "no JSON object"],
  ["a header that is no UTF-8", file("{}").map((b, i) => i === 8 ? 255 : b), "no JSON"],
  ["an entry that is no object", file('{"w":3}'), "w: expected an object"],
  [
    "a name twice",
    file(
      '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
      [0, 0, 0, 0],
    ),
    "occurs twice",
  ],
  [
    "a name twice, once escaped",
    file(
      '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\\u0077":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
      [0, 0, 0, 0],
    ),
    "occurs twice",
  ],
  [
    "a shape twice",
    file(one('{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}'), [0, 0, 0, 0]),
    "occurs twice",
  ],
  [
    "half precision",
    file(one('{"dtype":"F16","shape":[2],"data_offsets":[0,4]}'), [0, 0, 0, 0]),
    'w: expected dtype F32 or I64, found "F16"',
  ],
  [
    "a negative size",
    file(one('{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}'), [0, 0, 0, 0]),
    "no list of sizes",
  ],
  [
    "a shape that does not fit its bytes",
    file(one('{"dtype":"F32","shape":[2],"data_offsets":[0,4]}'), [0, 0, 0, 0]),
    "shape [2] of F32 does not fit bytes 0 to 4 of 4",
  ],
  [
    "a tensor outside of the file",
    file(one('{"dtype":"F32","shape":[2],"data_offsets":[0,8]}'), [0, 0, 0, 0]),
    "bytes 0 to 8 of 4",
  ],
  [
    "a gap",
    file(one('{"dtype":"F32","shape":[1],"data_offsets":[4,8]}'), [0, 0, 0, 0, 0, 0, 0, 0]),
    "begins at byte 4, expected 0",
  ],
  [
    "an overlap",
    file(
      '{"v":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
      [0, 0, 0, 0],
    ),
    "w: begins at byte 0, expected 4",
  ],
  [
    "bytes after the last tensor",
    file(one('{"dtype":"F32","shape":[1],"data_offsets":[0,4]}'), [0, 0, 0, 0, 0]),
    "end at byte 4 of 5",
  ],
  ["metadata that are no text", file('{"__metadata__":{"a":1}}'), "a: expected a text"],
];

for (const [name, bytes, message] of BROKEN) {
  Deno.test(`${name}: an error that names the file`, () => {
    const error = assertThrows(
      () => decodeSafetensors(bytes, "weights.safetensors"),
      SafetensorsError,
      message,
    );
    assert(error.message.startsWith("weights.safetensors: "));
  });
}

Deno.test("a name with quotes, braces and colons is one name", () => {
  const tensors = new Map<string, SafeTensor>([['a":{b}\\"\n', WEIGHT]]);
  assertEquals(decodeSafetensors(encodeSafetensors(tensors), "a").tensors, tensors);
});

await pythonTest("numpy, torch", "PyTorch loads the tensors into a module", async (run) => {
  const path = await Deno.makeTempFile();
  const counted = (n: number) => Float32Array.from({ length: n }, (_, i) => i / 8);
  await Deno.writeFile(
    path,
    encodeSafetensors(
      new Map<string, SafeTensor>([
        ["0.weight", { dtype: "F32", shape: [4, 3, 1, 1], data: counted(12) }],
        ["0.bias", { dtype: "F32", shape: [4], data: Float32Array.of(1, -1, 0.5, 0) }],
        ["1.weight", { dtype: "F32", shape: [4], data: counted(4) }],
        ["1.bias", { dtype: "F32", shape: [4], data: counted(4) }],
        ["1.running_mean", { dtype: "F32", shape: [4], data: counted(4) }],
        ["1.running_var", { dtype: "F32", shape: [4], data: Float32Array.of(1, 1, 1, 1) }],
        ["1.num_batches_tracked", { dtype: "I64", shape: [], data: BigInt64Array.of(12n) }],
      ]),
      { format: "pt" },
    ),
  );
  const script = `
import json, sys, numpy, torch
raw = open(sys.argv[1], "rb").read()
n = int.from_bytes(raw[:8], "little")
head = json.loads(raw[8:8 + n])
head.pop("__metadata__")
state = {}
for name, t in head.items():
    a, b = t["data_offsets"]
    d = numpy.frombuffer(raw[8 + n + a:8 + n + b], dtype={"F32": "<f4", "I64": "<i8"}[t["dtype"]])
    state[name] = torch.from_numpy(d.reshape(t["shape"]).copy())
net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 1), torch.nn.BatchNorm2d(4))
net.load_state_dict(state, strict=True)
net.eval()
out = net[0](torch.ones(1, 3, 1, 1)).flatten().tolist()
print(json.dumps([out, net[1].num_batches_tracked.item(), net[1].running_mean.tolist()]))`;
  try {
    // Row r of the weight is (3r, 3r + 1, 3r + 2) / 8: its sum is (9r + 3) / 8.
    assertEquals(await run(script, path), [
      [3 / 8 + 1, 12 / 8 - 1, 21 / 8 + 0.5, 30 / 8],
      12,
      [0, 0.125, 0.25, 0.375],
    ]);
  } finally {
    await Deno.remove(path);
  }
});
