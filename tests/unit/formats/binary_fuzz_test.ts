import { assert, assertEquals } from "@std/assert";
import { crc32 } from "node:zlib";
import { openNpz } from "../../../stages/formats/npz_file.ts";
import { type NpyArray, NpyError, openNpy } from "../../../stages/formats/npy.ts";
import { bytesOf, type NpyData } from "../../../stages/formats/npy_data.ts";
import { NpyWriter } from "../../../stages/formats/npy_writer.ts";
import { NpzWriter } from "../../../stages/formats/npz_writer.ts";
import { type PickleFile, readPickle } from "../../../stages/formats/pickle_reader.ts";
import { pickleMemoryBytes } from "../../../stages/formats/pickle_input.ts";
import { PickleArray, PickleError, PickleSlice } from "../../../stages/formats/pickle_value.ts";
import { UnusableInput } from "../../../stages/formats/unusable_input.ts";
import { openZip } from "../../../stages/formats/zip_source.ts";
import { temporaryFolder } from "../parse/stage_run.ts";
import { damagedBytes } from "./byte_damage.ts";
import { pythonTest } from "./python.ts";
import { zipOf } from "./zip_fixture.ts";

/** Damaged files of each format. */
const FILES = Deno.env.has("SKELRUN_LONG") ? 3000 : 200;

Deno.test("damaged zip archives: refused by name, or each file is refused or as it was", async () => {
  const texts = ["one ".repeat(400), "two ".repeat(900), "three", "four ".repeat(50)];
  const sound = zipOf(texts.map((text, i) => ({
    ...{ path: `folder/${i}.skeleton`, text, deflated: i % 2 === 1, zip64: i === 3 },
  })));
  await using folder = await temporaryFolder();
  const path = `${folder.path}/a.zip`;
  let [opened, read] = [0, 0];
  for (const { bytes, how } of damagedBytes(sound, FILES, 1)) {
    await Deno.writeFile(path, bytes);
    let zip;
    try {
      zip = await openZip(path);
    } catch (error) {
      assert(error instanceof UnusableInput && error.message.startsWith(path), `${how}: ${error}`);
      continue;
    }
    opened++;
    for (const member of zip.members) {
      const whole = await member.read().catch((error: Error) => error);
      const streamed = await new Response(
        member.stream() as ReadableStream<Uint8Array<ArrayBuffer>>,
      )
        .bytes().catch((error: Error) => error);
      // An empty file has the check sum 0, which zeroed bytes state too.
      for (const found of [whole, streamed]) {
        if (found instanceof Error) continue;
        const text = new TextDecoder().decode(found);
        assert(texts.includes(text) || text === "", `${how}: ${text.slice(0, 80)}`);
        read++;
      }
    }
    await zip.close();
  }
  assert(opened > FILES / 20 && read > 0);
});

Deno.test("damaged .npz files: refused by name, or the rows are as they were", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/a.npz`;
  const row = (i: number) => Float32Array.from({ length: 30 }, (_, n) => i * 30 + n);
  for (const deflate of [false, true]) {
    await Deno.remove(path).catch(() => {});
    const npz = await NpzWriter.create(path, deflate);
    await npz.add(
      "x",
      "f4",
      [8, 10, 3],
      (async function* () {
        for (let i = 0; i < 8; i++) yield await Promise.resolve(row(i));
      })(),
    );
    await npz.close();
    const sound = await Deno.readFile(path);
    let read = 0;
    for (const { bytes, how } of damagedBytes(sound, FILES / 2, 2)) {
      await Deno.writeFile(path, bytes);
      try {
        await using file = await openNpz(path);
        let i = 0;
        for await (const data of file.rows("x")) {
          // Only at the end is it known that nothing was damaged; see below.
          i += data.length > 0 ? 1 : 0;
        }
        assertEquals(i, 8, how);
        i = 0;
        for await (const data of file.rows("x")) assertEquals(data, row(i++), how);
        read++;
      } catch (error) {
        assert(
          error instanceof UnusableInput && error.message.startsWith(path),
          `${how}: ${(error as Error).stack}`,
        );
      }
    }
    assert(read > 0 && read < FILES / 2);
  }
});

Deno.test("damaged .npy files: refused by name, or as long as they say", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/a.npy`;
  const writer = await NpyWriter.create(path, "f4", [10, 3]);
  await writer.write(Float32Array.from({ length: 240 }, (_, n) => n));
  await writer.close();
  const sound = await Deno.readFile(path);
  let read = 0;
  for (const { bytes, how } of damagedBytes(sound, FILES, 3)) {
    await Deno.writeFile(path, bytes);
    try {
      await using file = await openNpy(path);
      const rows = file.shape[0]!;
      const data = await file.readRows<NpyData>(0, rows);
      assertEquals(data.length, rows * file.rowLength, how);
      read++;
    } catch (error) {
      assert(error instanceof NpyError && error.message.startsWith(path), `${how}: ${error}`);
    }
  }
  assert(read > 0 && read < FILES);
});

/** A value as text that Python can give too: arrays by type, shape and check sum of their elements. */
function told(file: PickleFile, value: unknown): unknown {
  if (value instanceof PickleArray) {
    const array: NpyArray = file.array(value, "an array");
    const sum = array.type === "str"
      ? array.data.join()
      : crc32(bytesOf((array as { data: NpyData }).data));
    return ["array", array.type, [...array.shape], sum];
  }
  if (value instanceof PickleSlice) {
    return told(file, value.kind === "text" ? file.text(value) : file.bytes(value));
  }
  if (value instanceof Uint8Array) return ["bytes", value.toHex()];
  if (value instanceof Map) {
    return ["map", [...value].map(([key, item]) => [told(file, key), told(file, item)])];
  }
  if (value instanceof Set) return ["set", value.size];
  if (Array.isArray(value)) return ["list", value.map((item) => told(file, item))];
  if (typeof value === "string") return ["text", Array.from(value, (c) => c.codePointAt(0)).join()];
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "bigint") return ["int", `${value}`];
  return typeof value === "number" && Number.isSafeInteger(value) && !Object.is(value, -0)
    ? ["int", `${value}`]
    : ["float", new Uint8Array(Float64Array.of(value as number).buffer).toHex()];
}

/** Loads plain data alone, and tells of it as above; anything else is an error. */
const PYTHON_LOADER = `
import sys, json, pickle, zlib, struct, io, os, numpy, collections, warnings, resource
warnings.simplefilter("ignore")
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
OK = {"numpy", "numpy.core.multiarray", "numpy._core.multiarray", "numpy.core.numeric", "numpy._core.numeric",
      "collections", "_codecs", "builtins", "__builtin__"}
class Loader(pickle._Unpickler):
    def find_class(self, module, name):
        if module not in OK or name not in {"_reconstruct", "ndarray", "dtype", "scalar", "_frombuffer", "OrderedDict",
            "encode", "set", "list", "dict", "tuple", "frozenset", "bytes", "bytearray"}: raise ValueError(module)
        return super().find_class(module, name)
def told(v):
    if isinstance(v, numpy.ndarray):
        v = numpy.ascontiguousarray(v).reshape(v.shape)
        if v.dtype.kind == "U": return ["array", "str", list(v.shape), ",".join(v.ravel().tolist())]
        v = v.astype(v.dtype.newbyteorder("<"))
        return ["array", v.dtype.str[1:], list(v.shape), zlib.crc32(v.tobytes())]
    if isinstance(v, (bytes, bytearray)): return ["bytes", bytes(v).hex()]
    if isinstance(v, dict): return ["map", [[told(k), told(x)] for k, x in v.items()]]
    if isinstance(v, (set, frozenset)): return ["set", len(v)]
    if isinstance(v, (list, tuple)): return ["list", [told(x) for x in v]]
    if isinstance(v, str): return ["text", ",".join(str(ord(c)) for c in v)]
    if v is None: return "null"
    if isinstance(v, (bool, numpy.bool_)): return "true" if v else "false"
    if isinstance(v, (int, numpy.integer)): return ["int", str(int(v))]
    if isinstance(v, (float, numpy.floating)):
        v = float(v)
        whole = v == v and abs(v) < 2**53 and v == int(v) and not (v == 0 and str(v)[0] == "-")
        return ["int", str(int(v))] if whole else ["float", struct.pack("<d", v).hex()]
    raise ValueError(type(v))
out = []
for i in range(int(sys.argv[2])):
    with open(f"{sys.argv[1]}/{i}", "rb") as f:
        try:
            v = told(Loader(f).load())
            if f.read(1): raise ValueError("more")
            out.append(v)
        except BaseException as e: out.append("refused " + type(e).__name__)
print(json.dumps(out))
`;

const PYTHON_SAMPLES = `
import numpy, pickle, sys, collections
a = numpy.arange(90, dtype="f4").reshape(2, 3, 5, 3) / 8
v = dict(split=dict(xsub_train=["a", "b"], xsub_val=["c"]), annotations=[
    dict(frame_dir="a", label=1, keypoint=a, total_frames=3, score=0.5),
    dict(frame_dir="gr\\u00f6\\u00dfer", label=numpy.int64(300), keypoint=a[:1].astype("f2"), total_frames=-70000),
    collections.OrderedDict(frame_dir="c", label=2**40, keypoint=a.transpose(1, 0, 2, 3), flag=True, none=None)],
    long="x" * 1500, raw=bytes(range(256)) * 6, names=numpy.array(["one", "two"]), pair=(1, (2, 3.25)), s={"k"})
for p in range(6):
    with open(f"{sys.argv[1]}/sample{p}", "wb") as f: pickle.dump(v, f, p)
print("null")`;

await pythonTest(
  "numpy",
  "damaged pickles: refused by name, or read to the very values that Python reads",
  async (run) => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await run(PYTHON_SAMPLES, path);
    const found: unknown[] = [];
    const hows: string[] = [];
    for (let protocol = 0; protocol < 6; protocol++) {
      const sound = await Deno.readFile(`${path}/sample${protocol}`);
      const all = [
        { bytes: sound, how: "sound" },
        ...damagedBytes(sound, FILES / 6, 10 + protocol),
      ];
      for (const { bytes, how } of all) {
        await Deno.writeFile(`${path}/${found.length}`, bytes);
        hows.push(`${found.length}: protocol ${protocol}, ${how}`);
        try {
          const file = readPickle(pickleMemoryBytes(bytes, "some.pkl"), {
            memory: 64 * 2 ** 20,
            depth: 64,
          });
          found.push(told(file, file.value));
        } catch (error) {
          assert(
            error instanceof PickleError && error.message.startsWith("some.pkl"),
            `${hows.at(-1)}: ${(error as Error).stack}`,
          );
          found.push(undefined);
        }
      }
    }
    const python = await run(PYTHON_LOADER, path, `${found.length}`) as unknown[];
    let agreed = 0;
    let soundRead = 0;
    for (const [i, value] of found.entries()) {
      if (hows[i]!.endsWith("sound")) soundRead += value === undefined ? 0 : 1;
      if (value === undefined) continue;
      assertEquals(value, python[i], hows[i]);
      agreed++;
    }
    assertEquals(soundRead, 6);
    assert(agreed > found.length / 20 && agreed < found.length, `${agreed} of ${found.length}`);
  },
);
