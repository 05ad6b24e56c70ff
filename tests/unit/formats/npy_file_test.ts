import { assertEquals, assertRejects } from "@std/assert";
import {
  encodeNpy,
  encodeNpyStrings,
  NpyError,
  openNpy,
  readNpy,
} from "../../../stages/formats/npy.ts";
import { NpyWriter } from "../../../stages/formats/npy_writer.ts";

/** Runs a test in a folder of its own. */
async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const strict = { sanitizeOps: true, sanitizeResources: true };

Deno.test("rows are read by position, many at once", strict, () =>
  inFolder(async (folder) => {
    const path = `${folder}/a.npy`;
    const rows = 500;
    await Deno.writeFile(
      path,
      encodeNpy(Int32Array.from({ length: rows * 6 }, (_, i) => i), [rows, 2, 3]),
    );
    await using file = await openNpy(path);
    assertEquals([file.type, file.rowLength, file.shape[0]!], ["i4", 6, rows]);
    await Promise.all(Array.from({ length: 400 }, async (_, i) => {
      const from = (i * 37) % (rows - 3);
      const data = await file.readRows<Int32Array>(from, from + 3);
      assertEquals([data.length, data[0], data[17]], [18, from * 6, from * 6 + 17]);
    }));
    assertEquals((await file.readRows<Int32Array>(4, 4)).length, 0);
  }));

Deno.test(
  "rows go into an array of the caller's, and leave the rest of it alone",
  strict,
  () =>
    inFolder(async (folder) => {
      await Deno.writeFile(`${folder}/a.npy`, encodeNpy(Float32Array.of(1, 2, 3, 4), [2, 2]));
      await using file = await openNpy(`${folder}/a.npy`);
      const into = new Float32Array(5).fill(9);
      await file.readRows(1, 2, into.subarray(1));
      assertEquals(into, Float32Array.of(9, 3, 4, 9, 9));
      await assertRejects(() => file.readRows(0, 2, into.subarray(2)), RangeError, "room for 4");
      await assertRejects(() => file.readRows(0, 1, new Float64Array(4)), RangeError, "of f4");
      await assertRejects(() => file.readRows(1, 3), RangeError, "no rows 1 to 3 of 2");
    }),
);

Deno.test("big-endian rows are read", strict, () =>
  inFolder(async (folder) => {
    const file = encodeNpy(Int16Array.of(1, 2, 3, 4), [2, 2]);
    file.set(
      new TextEncoder().encode(">"),
      new TextDecoder("latin1").decode(file).indexOf("<i2"),
    );
    await Deno.writeFile(`${folder}/a.npy`, file);
    await using opened = await openNpy(`${folder}/a.npy`);
    assertEquals(await opened.readRows<Int16Array>(1, 2), Int16Array.of(3 << 8, 4 << 8));
  }));

Deno.test(
  "files that rows cannot be read from are refused by name",
  strict,
  () =>
    inFolder(async (folder) => {
      const path = `${folder}/a.npy`;
      const refuse = async (bytes: Uint8Array, message: string) => {
        await Deno.writeFile(path, bytes);
        const error = await assertRejects(() => openNpy(path), NpyError, message);
        assertEquals(error.message.startsWith(`${path}: `), true);
      };
      const file = encodeNpy(new Float32Array(6), [2, 3]);
      await refuse(file.slice(0, -1), `expected ${file.length} bytes for shape (2, 3)`);
      await refuse(encodeNpyStrings(["a"]), "found text");
      await refuse(encodeNpy(new Float32Array(1), []), "single number");
      const fortran = file.slice();
      const at = new TextDecoder("latin1").decode(file).indexOf("False");
      fortran.set(new TextEncoder().encode("True "), at);
      await refuse(fortran, "ascontiguousarray");
    }),
);

Deno.test("readNpy() insists on type and axes", strict, () =>
  inFolder(async (folder) => {
    const path = `${folder}/labels.npy`;
    await Deno.writeFile(path, encodeNpy(Int32Array.of(1, 2), [2]));
    assertEquals((await readNpy(path, "i4", 1)).data, Int32Array.of(1, 2));
    await assertRejects(
      () => readNpy(path, "f4", 1),
      NpyError,
      "expected f4 with 1 axes, found i4",
    );
    await assertRejects(() => readNpy(path, "i4", 2), NpyError, "with 2 axes");
  }));

Deno.test(
  "a writer's file equals one written at once but for its header's padding",
  strict,
  () =>
    inFolder(async (folder) => {
      const path = `${folder}/a.npy`;
      const writer = await NpyWriter.create(path, "f4", [2, 2]);
      await writer.write(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8));
      await writer.write(new Float32Array(0));
      await writer.write(Float32Array.of(9, 10, 11, 12));
      assertEquals(writer.rows, 3);
      assertEquals(await writer.close(), 3);
      const { shape, data } = await readNpy(path, "f4", 3);
      assertEquals([...shape], [3, 2, 2]);
      assertEquals(data, Float32Array.from({ length: 12 }, (_, i) => i + 1));
    }),
);

Deno.test(
  "a writer takes views into larger buffers, and whole rows of its own type alone",
  strict,
  () =>
    inFolder(async (folder) => {
      const path = `${folder}/a.npy`;
      const writer = await NpyWriter.create(path, "i4", [2]);
      await writer.write(Int32Array.of(0, 1, 2, 3).subarray(1, 3));
      await assertRejects(() => writer.write(Int32Array.of(1)), RangeError, "whole rows of 2 i4");
      await assertRejects(() => writer.write(Float32Array.of(1, 2)), RangeError, "2 f4");
      await writer.close();
      assertEquals((await readNpy(path, "i4", 2)).data, Int32Array.of(1, 2));
      await assertRejects(() => NpyWriter.create(path, "i4", [2]), Error, "EEXIST");
    }),
);

Deno.test(
  "a writer's file says that it is empty until it is closed",
  strict,
  () =>
    inFolder(async (folder) => {
      const path = `${folder}/a.npy`;
      const writer = await NpyWriter.create(path, "f4", [1]);
      await writer.write(Float32Array.of(1));
      await assertRejects(() => openNpy(path), NpyError, "for shape (0, 1)");
      await writer.abandon();
    }),
);
