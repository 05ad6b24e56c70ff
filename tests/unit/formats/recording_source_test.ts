import { assertEquals, assertRejects } from "@std/assert";
import { TextReader, Uint8ArrayWriter, ZipWriter } from "@zip.js/zip.js";
import { openRecordings } from "../../../stages/formats/recording_source.ts";
import { UnusableInput } from "../../../stages/formats/unusable_input.ts";
import { temporaryFolder } from "../parse/stage_run.ts";

const decoder = new TextDecoder();

async function zipOf(files: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const zip = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
  for (const [path, text] of Object.entries(files)) await zip.add(path, new TextReader(text));
  return await zip.close();
}

async function fill(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await Deno.mkdir(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${folder}/${path}`, text);
  }
}

/** Names and texts of all recordings. */
async function contents(path: string | readonly string[]): Promise<string[]> {
  const source = await openRecordings(path, ".skeleton");
  try {
    return await Promise.all(
      source.files.map(async (file) => `${file.name} ${decoder.decode(await file.read())}`),
    );
  } finally {
    await source.close();
  }
}

const FILES = {
  "z/S001.skeleton": "one",
  "a/deep/er/S003.skeleton": "three",
  "S002.skeleton": "two",
  "truth.json": "{}",
  ".hidden.skeleton": "no",
  ".git/S009.skeleton": "no",
};
const CONTENTS = ["S001.skeleton one", "S002.skeleton two", "S003.skeleton three"];

Deno.test("folders and archives give the same files, in the order of base names", async () => {
  await using folder = await temporaryFolder();
  await fill(`${folder.path}/files`, FILES);
  await Deno.writeFile(
    `${folder.path}/files.zip`,
    await zipOf({ ...FILES, "__MACOSX/S008.skeleton": "no" }),
  );
  assertEquals(await contents(`${folder.path}/files`), CONTENTS);
  assertEquals(await contents(`${folder.path}/files.zip`), CONTENTS);
});

Deno.test("archives that lie in the folder, and linked folders, are looked into", async () => {
  await using folder = await temporaryFolder();
  await fill(`${folder.path}/in`, { "S002.skeleton": "two" });
  await fill(`${folder.path}/elsewhere`, { "S003.skeleton": "three" });
  await Deno.writeFile(`${folder.path}/in/part.zip`, await zipOf({ "x/S001.skeleton": "one" }));
  await Deno.symlink(`${folder.path}/elsewhere`, `${folder.path}/in/linked`);
  assertEquals(await contents(`${folder.path}/in`), CONTENTS);
});

Deno.test("one other file can be read by its name", async () => {
  await using folder = await temporaryFolder();
  await fill(folder.path, FILES);
  const source = await openRecordings(folder.path, ".skeleton");
  assertEquals(source.others, 1);
  assertEquals(decoder.decode(await source.other("truth.json")), "{}");
  assertEquals(await source.other("S001.skeleton"), undefined);
  await source.close();
});

Deno.test("a recording in several places counts once, if its bytes are the same in all", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await fill(`${path}/in`, { "a/S001.skeleton": "one", "b/S001.skeleton": "one" });
  await fill(`${path}/more`, { "S002.skeleton": "two" });
  await Deno.writeFile(
    `${path}/more/part.zip`,
    await zipOf({ "x/S001.skeleton": "one", "x/S003.skeleton": "three" }),
  );
  assertEquals(await contents([`${path}/in`, `${path}/more`, `${path}/more/part.zip`]), CONTENTS);
});

Deno.test("two recordings of one name that differ are an error that names both", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await fill(path, { "a/S001.skeleton": "one", "b/S001.skeleton": "another" });
  await assertRejects(
    () => contents(path),
    UnusableInput,
    "two recordings are called S001.skeleton and differ: a/S001.skeleton and b/S001.skeleton",
  );
  await assertRejects(
    () => contents([`${path}/b`, `${path}/a`]),
    UnusableInput,
    `differ: ${path}/a/S001.skeleton and ${path}/b/S001.skeleton; keep one of them`,
  );
});

Deno.test("no recordings, no such path, and another kind of file are errors that name the path", async () => {
  await using folder = await temporaryFolder();
  await fill(folder.path, { "notes/readme.txt": "text" });
  const { path } = folder;
  for (
    const [at, words] of [
      [
        path,
        `${path}: expected .skeleton files in this folder or archive, found none among 1 file`,
      ],
      [`${path}/none`, `${path}/none: there is no such folder or archive`],
      [
        `${path}/notes/readme.txt`,
        "expected a folder or a .zip archive, found another kind of file",
      ],
    ] as const
  ) await assertRejects(() => openRecordings(at, ".skeleton"), UnusableInput, words);
});

Deno.test("an archive that is cut short is an error that names it", async () => {
  await using folder = await temporaryFolder();
  const whole = await zipOf(FILES);
  const path = `${folder.path}/cut.zip`;
  await Deno.writeFile(path, whole.subarray(0, whole.length - 40));
  await assertRejects(
    () => openRecordings(path, ".skeleton"),
    UnusableInput,
    `${path}: cannot be read as a zip archive`,
  );
});

Deno.test("damaged bytes in an archive are found when that file is read, and the others are read", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/damaged.zip`;
  const text = "0123456789".repeat(50) + "the place";
  const zip = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
  await zip.add("S001.skeleton", new TextReader(text), { level: 0 });
  await zip.add("S002.skeleton", new TextReader("two"));
  const bytes = await zip.close();
  // Stored, not packed: the text itself stands in the archive.
  bytes[new TextDecoder("latin1").decode(bytes).indexOf("the place")]! ^= 1;
  await Deno.writeFile(path, bytes);
  const source = await openRecordings(path, ".skeleton");
  await assertRejects(() => source.files[0]!.read(), Error);
  assertEquals(decoder.decode(await source.files[1]!.read()), "two");
  await source.close();
});
