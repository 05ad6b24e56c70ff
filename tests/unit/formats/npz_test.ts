import { assert, assertEquals, assertRejects } from "@std/assert";
import { encodeNpy } from "../../../stages/formats/npy.ts";
import type { NpyData } from "../../../stages/formats/npy_data.ts";
import { NpzError, openNpz } from "../../../stages/formats/npz_file.ts";
import { NpzWriter } from "../../../stages/formats/npz_writer.ts";
import { UnusableInput } from "../../../stages/formats/unusable_input.ts";
import { digests, temporaryFolder } from "../parse/stage_run.ts";
import { pythonTest } from "./python.ts";
import { zipOf, type ZipPart } from "./zip_fixture.ts";

async function* rows(count: number, length: number): AsyncGenerator<Float32Array> {
  for (let i = 0; i < count; i++) {
    await Promise.resolve();
    yield Float32Array.from({ length }, (_, n) => i * length + n);
  }
}

async function write(path: string, deflate: boolean): Promise<void> {
  const npz = await NpzWriter.create(path, deflate);
  await npz.add("x_train", "f4", [5, 4, 3], rows(5, 12));
  await npz.add("y_train", "f4", [5, 2], rows(5, 2));
  await npz.add("empty", "f4", [0, 3], rows(0, 3));
  await npz.addStrings("names", ["a", "größer"]);
  await npz.close();
}

async function collected(path: string, name: string): Promise<number[]> {
  await using npz = await openNpz(path);
  const all: number[] = [];
  for await (const row of npz.rows(name)) all.push(...Array.from(row as NpyData, Number));
  return all;
}

Deno.test("what is written is read again, stored or deflated, and has the same bytes each time", async () => {
  await using folder = await temporaryFolder();
  for (const deflate of [false, true]) {
    const path = `${folder.path}/${deflate}.npz`;
    await write(path, deflate);
    await write(`${path}.again`, deflate);
    await using npz = await openNpz(path);
    assertEquals(npz.names, ["x_train", "y_train", "empty", "names"]);
    const { shape, type } = await npz.header("x_train");
    assertEquals([type, [...shape]], ["f4", [5, 4, 3]]);
    assertEquals(await collected(path, "x_train"), Array.from({ length: 60 }, (_, i) => i));
    assertEquals((await npz.array("names", 4096)).data, ["a", "größer"]);
    assertEquals([...(await npz.array("empty", 4096)).shape], [0, 3]);
  }
  const sums = (await digests(folder.path)).map((line) => line.split(" ")[1]);
  assertEquals(sums[0], sums[1]);
  assertEquals(sums[2], sums[3]);
});

Deno.test("rows that do not fit the shape are not written", async () => {
  await using folder = await temporaryFolder();
  const npz = await NpzWriter.create(`${folder.path}/a.npz`);
  await assertRejects(
    () => npz.add("x", "f4", [3, 2], rows(2, 2)),
    RangeError,
    "x: expected 6 elements of f4, found 4",
  );
  await npz.abandon();
});

/** Refusal of an archive when its array `x` is read. */
async function refused(words: string, ...parts: readonly ZipPart[]): Promise<void> {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/a.npz`;
  await Deno.writeFile(path, zipOf(parts));
  await assertRejects(() => collected(path, "x"), UnusableInput, words);
  await assertRejects(() => collected(path, "x"), UnusableInput, path);
}

const ARRAY = encodeNpy(Float32Array.from({ length: 6 }, (_, i) => i), [3, 2]);

Deno.test("damaged arrays are refused by file and name", async () => {
  const path = "x.npy";
  const cut = ARRAY.subarray(0, ARRAY.length - 3);
  await refused("expected an array called x, found y", { path: "y.npy", text: ARRAY });
  await refused("expected an array called x, found none", { path: "x.txt", text: ARRAY });
  await refused("two arrays are called x", { path, text: ARRAY }, { path, text: ARRAY });
  for (const deflated of [false, true]) {
    await refused("x.npy: its bytes do not fit their check sum", {
      ...{ path, text: ARRAY, deflated, crc: 1 },
    });
    await refused("expected 152 bytes for shape (3, 2), found 149", { path, text: cut, deflated });
    await refused("not an .npy file", { path, text: "PK", deflated });
    await refused("ends inside its header", { path, text: ARRAY.subarray(0, 40), deflated });
  }
  await refused("it is encrypted", { path, text: ARRAY, flags: 1 });
  await refused("found f4 of shape ()", { path, text: encodeNpy(Float32Array.of(1), []) });
  await refused("found f4 of shape (9, 0)", { path, text: encodeNpy(new Float32Array(), [9, 0]) });
});

Deno.test("a file larger than asked for is not read at once", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/a.npz`;
  await Deno.writeFile(path, zipOf([{ path: "x.npy", text: ARRAY }]));
  await using npz = await openNpz(path);
  await assertRejects(() => npz.array("x", 100), NpzError, "expected at most 100 bytes, found 152");
});

Deno.test("rows are read in little memory, stored or deflated", async () => {
  await using folder = await temporaryFolder();
  for (const deflate of [false, true]) {
    const path = `${folder.path}/${deflate}.npz`;
    const npz = await NpzWriter.create(path, deflate);
    const row = new Float32Array(45_000);
    await npz.add(
      "x",
      "f4",
      [300, 45_000],
      (async function* () {
        for (let i = 0; i < 300; i++) {
          row.fill(i, 0, 9000);
          yield row;
          await Promise.resolve();
        }
      })(),
    );
    await npz.close();
    let i = 0;
    await using file = await openNpz(path);
    let most = 0;
    for await (const data of file.rows("x")) {
      assertEquals([data[0], data[8999], data[9000]], [i, i, 0]);
      if (i++ % 20 === 0) most = Math.max(most, Deno.memoryUsage().external);
    }
    assertEquals(i, 300);
    assert(most < 200e6, `${most}`);
  }
});

await pythonTest(
  "numpy",
  "numpy.load reads what is written here, and the other way round",
  async (run) => {
    await using folder = await temporaryFolder();
    for (const deflate of [false, true]) await write(`${folder.path}/${deflate}.npz`, deflate);
    const script = `
import json, sys, numpy
out = []
for name in ["false", "true"]:
    with numpy.load(sys.argv[1] + "/" + name + ".npz", allow_pickle=False) as f:
        out.append([f.files, f["x_train"].ravel().tolist(), f["y_train"].shape, f["names"].tolist()])
a = numpy.arange(24.0).reshape(2, 3, 4)
numpy.savez(sys.argv[1] + "/plain.npz", a=a, b=a.astype(">i4"), c=numpy.asfortranarray(a))
numpy.savez_compressed(sys.argv[1] + "/packed.npz", a=a, b=a.astype(">i4"))
print(json.dumps(out))`;
    const each = [
      ["x_train", "y_train", "empty", "names"],
      Array.from({ length: 60 }, (_, i) => i),
      [5, 2],
      ["a", "größer"],
    ];
    assertEquals(await run(script, folder.path), [each, each]);
    const counted = Array.from({ length: 24 }, (_, i) => i);
    for (const name of ["plain", "packed"]) {
      assertEquals(await collected(`${folder.path}/${name}.npz`, "a"), counted);
      assertEquals(await collected(`${folder.path}/${name}.npz`, "b"), counted);
    }
    await assertRejects(
      () => collected(`${folder.path}/plain.npz`, "c"),
      NpzError,
      "rows cannot be read from Fortran order",
    );
  },
);
