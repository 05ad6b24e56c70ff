import { assert, assertEquals, assertRejects } from "@std/assert";
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from "@zip.js/zip.js";
import { currentCheckpoint } from "../../../pipeline/running/checkpoint.ts";
import { skeletonLines, textOf } from "../formats/skeleton_fixture.ts";
import { fill, parse } from "./parse_program.ts";
import { digests, temporaryFolder } from "./stage_run.ts";

Deno.test("the same bytes come out of one thread, of two and of four", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await fill(`${path}/in`);
  for (const params of [{}, { bodySelect: "energy" }]) {
    const found: string[][] = [];
    for (const threads of [1, 2, 4]) {
      const raw = `${path}/raw${threads}${JSON.stringify(params).length}`;
      await parse(`${path}/in`, raw, { threads, params });
      found.push(await digests(raw));
    }
    assert(found[0]!.length > 6, "several shards");
    assertEquals(found[1], found[0]);
    assertEquals(found[2], found[0]);
  }
});

Deno.test("archives, stored or packed, of 32 bits or 64, give the bytes of the folder", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await fill(`${path}/in`);
  await parse(`${path}/in`, `${path}/raw`, {});
  const expected = await digests(`${path}/raw`);
  await Deno.mkdir(`${path}/mixed`);
  const names = [...Deno.readDirSync(`${path}/in`)].map(({ name }) => name).sort();
  const kinds = [{ level: 0 }, { level: 0, zip64: true }, { level: 6, zip64: true }, { level: 6 }];
  for (const [k, options] of kinds.entries()) {
    const zip = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false, ...options });
    for (const [i, name] of names.entries()) {
      if (i % 5 !== k) continue;
      const bytes = await Deno.readFile(`${path}/in/${name}`);
      await zip.add(`deep/${name}`, new Uint8ArrayReader(bytes));
    }
    await Deno.writeFile(`${path}/mixed/part${k}.zip`, await zip.close());
  }
  for (const [i, name] of names.entries()) {
    if (i % 5 === 4) await Deno.copyFile(`${path}/in/${name}`, `${path}/mixed/${name}`);
  }
  for (const threads of [1, 3]) {
    await parse(`${path}/mixed`, `${path}/raw${threads}`, { threads });
    assertEquals(await digests(`${path}/raw${threads}`), expected);
  }
});

Deno.test("what is too large for threads is read between the others, from folders and archives", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await fill(`${path}/in`);
  const frames = 4000;
  const long = textOf(skeletonLines([1, ...new Array(frames - 1).fill(0)]));
  // More than 16 MiB of text: the columns that nobody reads are longer than they need be.
  const wide = textOf(
    skeletonLines(new Array(400).fill(1)).map((line) =>
      line.replace("277.419", "277.419".padEnd(2000, "0"))
    ),
  );
  await Deno.writeFile(`${path}/in/S001C001P001R001A050.skeleton`, long);
  await Deno.writeFile(`${path}/in/S002C001P001R001A050.skeleton`, wide);
  assert(wide.length > 17 * 2 ** 20);
  await Deno.mkdir(`${path}/zips`);
  const zip = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false, level: 1 });
  for (const { name } of Deno.readDirSync(`${path}/in`)) {
    await zip.add(name, new Uint8ArrayReader(await Deno.readFile(`${path}/in/${name}`)));
  }
  await Deno.writeFile(`${path}/zips/all.zip`, await zip.close());
  const found: string[][] = [];
  for (const [source, threads] of [["in", 1], ["in", 2], ["zips", 1], ["zips", 2]] as const) {
    const raw = `${path}/raw${found.length}`;
    await parse(`${path}/${source}`, raw, { threads, shardRows: 10_000 });
    found.push(await digests(raw));
  }
  for (const one of found) assertEquals(one, found[0]);
  const index = JSON.parse(await Deno.readTextFile(`${path}/raw0/index.json`)) as {
    clips: { frames: number }[];
  };
  assertEquals(index.clips.filter(({ frames }) => frames >= 400).length, 2);
});

Deno.test("a damaged clip in an archive is listed and costs no other, however many threads parse", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await fill(`${path}/in`);
  await Deno.mkdir(`${path}/zips`);
  const zip = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
  for (const { name } of Deno.readDirSync(`${path}/in`)) {
    await zip.add(name, new Uint8ArrayReader(await Deno.readFile(`${path}/in/${name}`)));
  }
  const bytes = await zip.close();
  // Some packed byte in the middle of one of them.
  bytes[Math.floor(bytes.length / 2)]! ^= 0x10;
  await Deno.writeFile(`${path}/zips/all.zip`, bytes);
  await parse(`${path}/in`, `${path}/raw`, {});
  const reports: string[] = [];
  for (const threads of [1, 3]) {
    await parse(`${path}/zips`, `${path}/raw${threads}`, { threads });
    reports.push(await Deno.readTextFile(`${path}/raw${threads}/report.json`));
  }
  assertEquals(reports[1], reports[0]);
  const count = (text: string) => (JSON.parse(text) as { clips: number }).clips;
  assertEquals(count(reports[0]!), count(await Deno.readTextFile(`${path}/raw/report.json`)) - 1);
  assert(/cannot be read: .*damaged/.test(reports[0]!));
});

Deno.test("in strict mode the first bad recording is named, however many threads parse", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await fill(`${path}/in`);
  const messages: string[] = [];
  for (const threads of [1, 3]) {
    const error = await assertRejects(
      () => parse(`${path}/in`, `${path}/raw${threads}`, { threads, strict: true }),
      Error,
    );
    messages.push(error.message);
  }
  assert(/^S\w+\.skeleton:\d+: expected/.test(messages[0]!), messages[0]);
  assertEquals(messages[1], messages[0]);
});

Deno.test("copies that differ are an error that names both, also from threads", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await fill(`${path}/in`);
  const [name] = [...Deno.readDirSync(`${path}/in`)].map(({ name }) => name).sort();
  await Deno.mkdir(`${path}/in/more`);
  await Deno.writeTextFile(`${path}/in/more/${name}`, "1\n0\n");
  for (const threads of [1, 2]) {
    const error = await assertRejects(
      () => parse(`${path}/in`, `${path}/raw${threads}`, { threads }),
      Error,
    );
    assertEquals(
      error.message,
      `two recordings are called ${name} and differ: ${name} and more/${name}; keep one of them`,
    );
  }
});

Deno.test("stopped anywhere and taken up from the last checkpoint, the bytes are the same", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await fill(`${path}/in`);
  await parse(`${path}/in`, `${path}/whole`, {});
  const expected = await digests(`${path}/whole`);
  for (const [attempt, threads] of [1, 2].entries()) {
    const checkpoints = `${path}/checkpoints${attempt}`;
    await Deno.mkdir(checkpoints);
    for (const stopAfter of [40, 120, 200]) {
      const raw = `${path}/stopped${attempt}-${stopAfter}`;
      const options = { threads, checkpoints, stopAfter };
      await assertRejects(() => parse(`${path}/in`, raw, options), Error, "killed");
      assert(currentCheckpoint(checkpoints) !== undefined);
      // A runner removes what an attempt wrote.
      await Deno.remove(raw, { recursive: true });
    }
    const raw = `${path}/resumed${attempt}`;
    const seen = await parse(`${path}/in`, raw, { threads, checkpoints });
    assert(seen[0]![0] > 100, "it did not begin afresh");
    assertEquals(seen.at(-1)![0], seen.at(-1)![1]);
    assertEquals(await digests(raw), expected);
  }
});

Deno.test("killed after a checkpoint and started again, the bytes are the same", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await fill(`${path}/in`);
  await parse(`${path}/in`, `${path}/whole`, {});
  const checkpoints = `${path}/checkpoints`;
  await Deno.mkdir(checkpoints);
  const program = new URL("./parse_program.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", program, `${path}/in`, `${path}/killed`, checkpoints, "2"],
    stdout: "null",
    stderr: "null",
  }).spawn();
  let ended = false;
  const status = child.status.then((status) => (ended = true, status));
  while (!ended && (currentCheckpoint(checkpoints)?.number ?? 0) < 2) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  child.kill("SIGKILL");
  assertEquals((await status).signal, "SIGKILL");
  await Deno.remove(`${path}/killed`, { recursive: true });
  const seen = await parse(`${path}/in`, `${path}/resumed`, { checkpoints });
  assert(seen[0]![0] > 20, "it did not begin afresh");
  assertEquals(await digests(`${path}/resumed`), await digests(`${path}/whole`));
});
