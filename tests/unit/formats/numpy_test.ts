import { assertEquals } from "@std/assert";
import {
  decodeNpy,
  encodeNpy,
  encodeNpyStrings,
  type NpyData,
} from "../../../stages/formats/npy.ts";
import { NpyWriter } from "../../../stages/formats/npy_writer.ts";
import { pythonTest } from "./python.ts";

await pythonTest("numpy", "numpy.load reads what is written here", async (run) => {
  const folder = await Deno.makeTempDir();
  try {
    const write = (name: string, bytes: Uint8Array) =>
      Deno.writeFile(`${folder}/${name}.npy`, bytes);
    await write("f2", encodeNpy(Float16Array.of(0.5, -2), [2]));
    await write("f4", encodeNpy(Float32Array.from({ length: 24 }, (_, i) => i / 4), [2, 3, 4]));
    await write("i8", encodeNpy(BigInt64Array.of(-(2n ** 62n)), []));
    await write("b1", encodeNpy(Uint8Array.of(1, 0), [1, 2], "b1"));
    await write("names", encodeNpyStrings(["S001C001P001R001A001", "größer🦴", ""]));
    const writer = await NpyWriter.create(`${folder}/grown.npy`, "f4", [3, 2]);
    await writer.write(Float32Array.of(1, 2, 3, 4, 5, 6));
    await writer.close();
    const script = `
import json, sys, numpy
out = {}
for name in ["f2", "f4", "i8", "b1", "names", "grown"]:
    a = numpy.load(sys.argv[1] + "/" + name + ".npy", allow_pickle=False)
    out[name] = [a.dtype.str, a.shape, a.tolist()]
print(json.dumps(out))`;
    assertEquals(await run(script, folder), {
      f2: ["<f2", [2], [0.5, -2]],
      f4: [
        "<f4",
        [2, 3, 4],
        [0, 1].map((i) => [0, 1, 2].map((j) => [0, 1, 2, 3].map((k) => (12 * i + 4 * j + k) / 4))),
      ],
      i8: ["<i8", [], -4611686018427387904],
      b1: ["|b1", [1, 2], [[true, false]]],
      names: ["<U20", [3], ["S001C001P001R001A001", "größer🦴", ""]],
      grown: ["<f4", [1, 3, 2], [[[1, 2], [3, 4], [5, 6]]]],
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

await pythonTest("numpy", "what numpy.save writes is read here", async (run) => {
  const folder = await Deno.makeTempDir();
  try {
    const script = `
import sys, numpy
a = numpy.arange(24).reshape(2, 3, 4)
for t in "f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 >f4 >i8 >u2".split():
    numpy.save(sys.argv[1] + "/" + t.replace(">", "big_"), a.astype(t))
numpy.save(sys.argv[1] + "/fortran", numpy.asfortranarray(a.astype("f4")))
numpy.save(sys.argv[1] + "/names", numpy.array(["a", "größer🦴", ""]))
numpy.save(sys.argv[1] + "/names_big", numpy.array(["a", "größer🦴", ""]).astype(">U9"))
numpy.save(sys.argv[1] + "/bool", a > 3)
print("null")`;
    await run(script, folder);
    const read = (name: string) => decodeNpy(Deno.readFileSync(`${folder}/${name}.npy`), name);
    const counted = Array.from({ length: 24 }, (_, i) => i);
    const types = "f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 big_f4 big_i8 big_u2 fortran".split(" ");
    for (const type of types) {
      const { shape, data } = read(type);
      assertEquals([...shape], [2, 3, 4]);
      assertEquals(Array.from(data as NpyData, Number), counted, type);
    }
    for (const names of ["names", "names_big"]) {
      assertEquals(read(names).data as readonly string[], ["a", "größer🦴", ""]);
    }
    assertEquals(
      Array.from(read("bool").data as NpyData, Number),
      counted.map((i) => i > 3 ? 1 : 0),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
