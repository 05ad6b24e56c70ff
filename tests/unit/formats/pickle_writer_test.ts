import { assertEquals, assertRejects } from "@std/assert";
import { openPickle } from "../../../stages/formats/pickle_reader.ts";
import { PickleArray } from "../../../stages/formats/pickle_value.ts";
import {
  ArrayOut,
  type PickleOut,
  TupleOut,
  writePickle,
} from "../../../stages/formats/pickle_writer.ts";
import { digests, temporaryFolder } from "../parse/stage_run.ts";
import { pythonTest } from "./python.ts";

async function* clips(): AsyncGenerator<PickleOut> {
  for (let i = 0; i < 3; i++) {
    await Promise.resolve();
    yield new Map<string, PickleOut>([
      ["frame_dir", `clip ${i} größer`],
      ["label", i],
      ["keypoint", new ArrayOut(Float32Array.from({ length: 12 }, (_, n) => n / 8 - i), [2, 2, 3])],
    ]);
  }
}

function values(): PickleOut {
  return new Map<string, PickleOut>([
    ["numbers", [0, 255, 256, -1, -(2 ** 31), 2 ** 31, -(2 ** 53) + 1, 0.5, -0, 1e308, NaN, true]],
    ["none", null],
    ["tuple", new TupleOut(["a", "b"], [1, 2])],
    ["long", "x".repeat(3_000_000)],
    ["clips", clips()],
    ["half", new ArrayOut(Float16Array.of(0.5, -2), [2])],
    ["labels", new ArrayOut(BigInt64Array.of(-1n, 2n ** 40n), [2, 1])],
    ["large", new ArrayOut(new Float64Array(300_000).fill(0.25), [300_000])],
    ["empty", new ArrayOut(new Int8Array(0), [0, 3])],
  ]);
}

Deno.test("what is written is read again, and has the same bytes each time", async () => {
  await using folder = await temporaryFolder();
  await writePickle(`${folder.path}/a.pkl`, values());
  await writePickle(`${folder.path}/b.pkl`, values());
  const [a, b] = await digests(folder.path);
  assertEquals(a!.slice("a.pkl ".length), b!.slice("b.pkl ".length));
  using file = openPickle(`${folder.path}/a.pkl`);
  const map = file.value as Map<string, unknown>;
  assertEquals(map.get("numbers"), [
    ...[0, 255, 256, -1, -(2 ** 31), 2 ** 31, -(2 ** 53) + 1, 0.5, -0, 1e308, NaN, true],
  ]);
  assertEquals(map.get("tuple"), [["a", "b"], [1, 2]]);
  const [, second] = map.get("clips") as Map<string, unknown>[];
  assertEquals(second!.get("frame_dir"), "clip 1 größer");
  const { type, shape, data } = file.array(second!.get("keypoint") as PickleArray, "it");
  assertEquals([type, [...shape]], ["f4", [2, 2, 3]]);
  assertEquals(data, Float32Array.from({ length: 12 }, (_, n) => n / 8 - 1));
  const large = file.array(map.get("large") as PickleArray, "it");
  assertEquals([large.type, large.data.length, large.data[299_999]], ["f8", 300_000, 0.25]);
});

Deno.test("a file that is there already is left alone", async () => {
  await using folder = await temporaryFolder();
  await Deno.writeTextFile(`${folder.path}/a.pkl`, "mine");
  await assertRejects(() => writePickle(`${folder.path}/a.pkl`, null), Error, "EEXIST");
  assertEquals(await Deno.readTextFile(`${folder.path}/a.pkl`), "mine");
});

await pythonTest("numpy", "Python reads the pickles that are written here", async (run) => {
  await using folder = await temporaryFolder();
  await writePickle(`${folder.path}/a.pkl`, values());
  const script = `
import json, pickle, sys
with open(sys.argv[1] + "/a.pkl", "rb") as f: v = pickle.load(f)
a = lambda x: [x.dtype.str, list(x.shape), x.ravel()[:4].tolist()]
print(json.dumps({
  "keys": list(v), "numbers": [repr(x) for x in v["numbers"]], "none": v["none"],
  "tuple": [type(v["tuple"]).__name__, v["tuple"]], "long": [len(v["long"]), set(v["long"]) == {"x"}],
  "clips": [[c["frame_dir"], c["label"], a(c["keypoint"])] for c in v["clips"]],
  "arrays": [a(v[k]) for k in ["half", "labels", "large", "empty"]],
  "writeable": bool(v["half"].flags.writeable)}))`;
  assertEquals(await run(script, folder.path), {
    keys: ["numbers", "none", "tuple", "long", "clips", "half", "labels", "large", "empty"],
    numbers: [
      ...["0", "255", "256", "-1", "-2147483648", "2147483648", "-9007199254740991", "0.5"],
      ...["-0.0", "1e+308", "nan", "True"],
    ],
    none: null,
    tuple: ["tuple", [["a", "b"], [1, 2]]],
    long: [3_000_000, true],
    clips: [0, 1, 2].map((i) => [
      `clip ${i} größer`,
      i,
      ["<f4", [2, 2, 3], [0, 1, 2, 3].map((n) => n / 8 - i)],
    ]),
    arrays: [
      ["<f2", [2], [0.5, -2]],
      ["<i8", [2, 1], [-1, 2 ** 40]],
      ["<f8", [300_000], [0.25, 0.25, 0.25, 0.25]],
      ["|i1", [0, 3], []],
    ],
    writeable: true,
  });
});
