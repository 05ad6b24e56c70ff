import { assert, assertEquals, assertRejects } from "@std/assert";
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from "@zip.js/zip.js";
import { UnusableInput } from "../../../stages/formats/unusable_input.ts";
import { openZip, type ZipMember } from "../../../stages/formats/zip_source.ts";
import { temporaryFolder } from "../parse/stage_run.ts";
import { zipOf, type ZipPart } from "./zip_fixture.ts";

const TEXT = "skeletons ".repeat(2000);

/** Opens an archive of some bytes and hands its members over. */
async function withZip(
  bytes: Uint8Array,
  use: (members: readonly ZipMember[]) => Promise<void>,
): Promise<void> {
  await using folder = await temporaryFolder();
  await Deno.writeFile(`${folder.path}/a.zip`, bytes);
  const zip = await openZip(`${folder.path}/a.zip`);
  try {
    await use(zip.members);
  } finally {
    await zip.close();
  }
}

async function streamed(member: ZipMember): Promise<string> {
  return await new Response(member.stream() as ReadableStream<Uint8Array<ArrayBuffer>>).text();
}

const text = async (member: ZipMember) => new TextDecoder().decode(await member.read());

/** The first member is refused both ways, the second one is read. */
async function firstIsBad(bad: ZipPart, words: string): Promise<void> {
  const parts = [bad, { path: "good", text: TEXT, deflated: true }];
  await withZip(zipOf(parts), async ([first, second]) => {
    await assertRejects(() => first!.read(), Error, words);
    await assertRejects(() => streamed(first!), Error, words);
    assertEquals(await text(second!), TEXT);
  });
}

Deno.test("stored, deflated, empty and zip64 files are read, whole and as streams", async () => {
  const parts = [
    { path: "a", text: TEXT },
    { path: "b/c", text: TEXT, deflated: true },
    { path: "empty", text: "" },
    { path: "packed empty", text: "", deflated: true },
    { path: "zip64", text: TEXT, deflated: true, zip64: true },
  ];
  await withZip(zipOf(parts), async (members) => {
    assertEquals(members.map(({ path, size }) => `${path} ${size}`), [
      ...["a 20000", "b/c 20000", "empty 0", "packed empty 0", "zip64 20000"],
    ]);
    for (const [i, member] of members.entries()) {
      assertEquals(await text(member), parts[i]!.text);
      assertEquals(await streamed(member), parts[i]!.text);
    }
  });
});

Deno.test("what zip.js writes as a stream, with sizes after the data, is read", async () => {
  for (const zip64 of [false, true]) {
    const zip = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false, zip64 });
    const bytes = new TextEncoder().encode(TEXT);
    await zip.add("a", new Uint8ArrayReader(bytes), { level: 6 });
    await zip.add("b", new Uint8ArrayReader(bytes), { level: 0 });
    await withZip(await zip.close(), async (members) => {
      for (const member of members) assertEquals(await text(member), TEXT);
    });
  }
});

Deno.test("a stream of many megabytes is whole, and can be left early", async () => {
  const large = new Uint8Array(40e6);
  for (let i = 0; i < large.length; i += 1000) large[i] = i % 251;
  await withZip(zipOf([{ path: "a", text: large, deflated: true }]), async ([member]) => {
    let at = 0;
    for await (const chunk of member!.stream()) {
      assert(chunk.length < 20e6);
      assertEquals(chunk.indexOf(large[at]!), 0);
      at += chunk.length;
    }
    assertEquals(at, large.length);
    for await (const chunk of member!.stream()) {
      assert(chunk.length > 0);
      break;
    }
  });
});

Deno.test("a wrong check sum is found, stored or deflated, and costs only that file", async () => {
  for (const deflated of [false, true]) {
    const bad = { path: "bad", text: TEXT, deflated, crc: 12345 };
    await firstIsBad(bad, "its bytes do not fit their check sum (CRC-32)");
  }
});

Deno.test("a path that leads out of the archive is refused, and costs only that file", async () => {
  for (
    const path of ["../up", "a/../../up", "/etc/passwd", "C:\\x", "..\\up", "\\\\host\\x", "a\0b"]
  ) {
    await firstIsBad({ path, text: "x" }, "its path leads out of the archive");
  }
});

Deno.test("a file that unpacks to more or less than it says is refused, and never unpacked further", async () => {
  const zeros = new Uint8Array(300e6);
  const bomb = zipOf([{ path: "bomb", text: zeros, deflated: true, size: 1000 }]);
  await withZip(bomb, async ([member]) => {
    // Of this isolate, so that tests beside this one do not count.
    const before = Deno.memoryUsage().external;
    await assertRejects(() => member!.read(), Error, "expected 1000 bytes, unpacked more");
    await assertRejects(() => streamed(member!), Error, "expected 1000 bytes, unpacked more");
    assert(Deno.memoryUsage().external - before < 60e6);
  });
  const words = "expected 20001 bytes, unpacked 20000";
  await firstIsBad({ path: "a", text: TEXT, deflated: true, size: 20001 }, words);
});

Deno.test("sizes that cannot be are refused before anything is unpacked", async () => {
  const cannot = "that it says: the archive is damaged";
  await firstIsBad({ path: "a", text: TEXT, deflated: true, size: 2 ** 31 }, cannot);
  await firstIsBad({ path: "a", text: TEXT, size: 5 }, cannot);
  await firstIsBad({ path: "a", text: TEXT, packed: 2 ** 31 }, "the archive ends before it does");
  await firstIsBad({ path: "a", text: TEXT, offset: 7 }, "it lies over another file");
});

Deno.test("a file too large to be read at once is refused before it is unpacked", async () => {
  const noise = Uint8Array.from({ length: 400_000 }, (_, i) => (i * i * 2654435761) >>> 13);
  const parts = [{ path: "a", text: noise, deflated: true, size: 2 ** 28 + 1 }];
  await withZip(zipOf(parts), async ([member]) => {
    await assertRejects(() => member!.read(), Error, "expected at most 268435456 bytes");
    await assertRejects(() => streamed(member!), Error, "expected 268435457 bytes");
  });
});

Deno.test("files that share their bytes are refused: many names for one large file", async () => {
  const parts = Array.from({ length: 4 }, (_, i) => ({ path: `${i}`, text: "x", offset: 0 }));
  await withZip(zipOf(parts), async (members) => {
    for (const member of members) {
      await assertRejects(() => member.read(), Error, "it lies over another file of the archive");
    }
  });
});

Deno.test("encryption and unknown packing are refused by name", async () => {
  await firstIsBad({ path: "a", text: TEXT, flags: 0x801 }, "it is encrypted");
  await firstIsBad({ path: "a", text: TEXT, method: 12 }, "it is packed by method 12");
});

Deno.test("damaged packed bytes are refused", async () => {
  const bytes = zipOf([{ path: "a", text: TEXT, deflated: true }]);
  bytes[35]! ^= 0xff;
  await withZip(bytes, async ([member]) => {
    await assertRejects(() => member!.read(), Error);
    await assertRejects(() => streamed(member!), Error);
  });
});

Deno.test("an archive cut short anywhere is refused by its name", async () => {
  const whole = zipOf([{ path: "a", text: "one" }, { path: "b", text: "two", deflated: true }]);
  await using folder = await temporaryFolder();
  const path = `${folder.path}/a.zip`;
  for (let length = 0; length < whole.length; length++) {
    await Deno.writeFile(path, whole.subarray(0, length));
    await assertRejects(
      () => openZip(path),
      UnusableInput,
      `${path}: cannot be read as a zip archive`,
    );
  }
});

Deno.test("two files of one path are both there, for the reader to choose", async () => {
  await withZip(
    zipOf([{ path: "a", text: "one" }, { path: "a", text: "two" }]),
    async (members) => {
      assertEquals(await Promise.all(members.map(text)), ["one", "two"]);
    },
  );
});

Deno.test("files beyond 4 GiB of an archive are read where they lie", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/large.zip`;
  const far = 5 * 2 ** 30;
  // An archive of one file, whose parts are put apart: a hole of 5 GiB, the file, the directory.
  const whole = zipOf([{ path: "far", text: TEXT, deflated: true, zip64: true, offset: far }]);
  const view = new DataView(whole.buffer);
  const end = whole.length - 22;
  const table = whole.subarray(view.getUint32(end + 16, true), end);
  const file = whole.subarray(0, view.getUint32(end + 16, true));
  const tail = new Uint8Array(56 + 20 + 22).fill(0xff);
  const out = new DataView(tail.buffer);
  out.setUint32(0, 0x06064b50, true); // the end of a zip64 directory
  out.setBigUint64(4, 44n, true);
  out.setUint32(12, 0x002d002d, true);
  tail.fill(0, 16, 24);
  out.setBigUint64(24, 1n, true);
  out.setBigUint64(32, 1n, true);
  out.setBigUint64(40, BigInt(table.length), true);
  out.setBigUint64(48, BigInt(far + file.length), true);
  out.setUint32(56, 0x07064b50, true); // where that is
  out.setUint32(60, 0, true);
  out.setBigUint64(64, BigInt(far + file.length + table.length), true);
  out.setUint32(72, 1, true);
  out.setUint32(76, 0x06054b50, true); // the end of any directory
  out.setUint32(80, 0, true);
  out.setUint16(84, 1, true);
  out.setUint16(86, 1, true);
  out.setUint16(96, 0, true);
  {
    using sparse = await Deno.open(path, { write: true, create: true });
    await sparse.seek(far, Deno.SeekMode.Start);
    for (const part of [file, table, tail]) await sparse.write(part);
  }
  const zip = await openZip(path);
  assertEquals(await text(zip.members[0]!), TEXT);
  assertEquals(await streamed(zip.members[0]!), TEXT);
  await zip.close();
});
