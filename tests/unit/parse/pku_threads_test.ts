import { assert, assertEquals, assertRejects } from "@std/assert";
import { TextReader, Uint8ArrayWriter, ZipWriter } from "@zip.js/zip.js";
import { currentCheckpoint } from "../../../pipeline/running/checkpoint.ts";
import { readJson } from "../../../stages/formats/json_text.ts";
import { type PkuReport, writeFiles } from "./pku_fixture.ts";
import { parse, VIDEOS, videos } from "./pku_program.ts";
import { digests, temporaryFolder } from "./stage_run.ts";

const strict = { sanitizeOps: true, sanitizeResources: true };

async function zipped(files: Readonly<Record<string, string>>, level: number): Promise<Uint8Array> {
  const zip = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
  for (const [path, text] of Object.entries(files)) {
    await zip.add(path, new TextReader(text), { level });
  }
  return await zip.close();
}

Deno.test("videos cut by one thread, two and three give the same bytes", strict, async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await writeFiles(`${path}/in`, videos());
  for (const params of [{}, { cut: "cmd", overhang: "shorten", bodies: 1 }]) {
    const found: string[][] = [];
    for (const threads of [1, 2, 3]) {
      const home = `${path}/home${threads}-${Object.keys(params).length}`;
      await parse(`${path}/in`, home, { threads, params });
      found.push(await digests(`${home}/out/raw`));
    }
    assert(found[0]!.length > 7, `several shards: ${found[0]!.length - 2}`);
    assertEquals(found[1], found[0]);
    assertEquals(found[2], found[0]);
  }
});

Deno.test(
  "videos in archives, stored or packed, give the bytes of the folder's, however many threads cut them",
  strict,
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await writeFiles(`${path}/in`, videos());
    await parse(`${path}/in`, `${path}/plain`, { threads: 1 });
    const shards = (found: string[]) => found.filter((one) => !one.startsWith("report.json"));
    const expected = shards(await digests(`${path}/plain/out/raw`));
    for (const level of [0, 6]) {
      await Deno.writeFile(`${path}/pku${level}.zip`, await zipped(videos(), level));
      const reports: unknown[] = [];
      for (const threads of [1, 3]) {
        const home = `${path}/zip${level}-${threads}`;
        await parse(`${path}/pku${level}.zip`, home, { threads });
        assertEquals(shards(await digests(`${home}/out/raw`)), expected);
        reports.push(await readJson(`${home}/out/raw/report.json`));
      }
      assertEquals(reports[1], reports[0]);
      assertEquals(reports[0], await readJson(`${path}/plain/out/raw/report.json`));
    }
  },
);

Deno.test(
  "a video that is damaged in its archive costs itself alone, however many threads cut",
  strict,
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    const files = videos();
    await writeFiles(`${path}/in`, files);
    await parse(`${path}/in`, `${path}/plain`, { threads: 1 });
    const whole = await readJson<PkuReport>(`${path}/plain/out/raw/report.json`);
    for (const level of [0, 6]) {
      const bytes = await zipped(files, level);
      // Somewhere in the first video, whose clips are all good.
      bytes[700]! ^= 0x10;
      await Deno.writeFile(`${path}/pku.zip`, bytes);
      const reports: PkuReport[] = [];
      for (const threads of [1, 3]) {
        const home = `${path}/${level}-${threads}`;
        await parse(`${path}/pku.zip`, home, { threads });
        reports.push(await readJson<PkuReport>(`${home}/out/raw/report.json`));
      }
      assertEquals(reports[1], reports[0]);
      const { excluded, clips } = reports[0]!;
      assertEquals(clips, whole.clips - 4);
      const fresh = excluded.filter(({ name }) =>
        !whole.excluded.some((before) => before.name === name)
      );
      assertEquals(fresh.map(({ name }) => name), ["skeleton/0002-L.txt"]);
      assert(/cannot be read: .*damaged.*left out with its 4 clips/.test(fresh[0]!.reason));
    }
  },
);

Deno.test("in strict mode the first fault is named, however many threads cut", strict, async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await writeFiles(`${path}/in`, videos());
  const messages: string[] = [];
  for (const threads of [1, 3]) {
    const home = `${path}/home${threads}`;
    const error = await assertRejects(
      () => parse(`${path}/in`, home, { threads, strict: true }),
      Error,
    );
    messages.push(error.message);
  }
  assert(/^skeleton\/\d+-\w\.txt:\d+: expected/.test(messages[0]!), messages[0]);
  assertEquals(messages[1], messages[0]);
});

Deno.test(
  "ended after any video and taken up again, by other numbers of threads, the bytes are the same",
  strict,
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await writeFiles(`${path}/in`, videos());
    await parse(`${path}/in`, `${path}/whole`, { threads: 1 });
    const expected = await digests(`${path}/whole/out/raw`);
    for (const [attempt, threads] of [[1, 1, 1], [2, 3, 1]].entries()) {
      const home = `${path}/home${attempt}`;
      for (const [i, killAfter] of [4, 9].entries()) {
        const killed = () => parse(`${path}/in`, home, { threads: threads[i]!, killAfter });
        await assertRejects(killed, Error, "killed");
        assert(currentCheckpoint(`${home}/checkpoints`) !== undefined);
      }
      const first = await parse(`${path}/in`, home, { threads: threads[2]! });
      assert(first > 5 && first < VIDEOS, `it did not begin afresh: ${first}`);
      assertEquals(await digests(`${home}/out/raw`), expected);
    }
  },
);

Deno.test("killed after a checkpoint and started again, the bytes are the same", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await writeFiles(`${path}/in`, videos());
  await parse(`${path}/in`, `${path}/whole`, { threads: 1 });
  const home = `${path}/killed`;
  const program = new URL("./pku_program.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", program, `${path}/in`, home, "2"],
    stdout: "null",
    stderr: "null",
  }).spawn();
  let ended = false;
  const status = child.status.then((status) => (ended = true, status));
  const saved = () => {
    try {
      return currentCheckpoint(`${home}/checkpoints`)?.number ?? 0;
    } catch {
      return 0;
    }
  };
  while (!ended && saved() < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill("SIGKILL");
  assertEquals((await status).signal, "SIGKILL");
  const first = await parse(`${path}/in`, home, { threads: 2 });
  assert(first > 2, "it did not begin afresh");
  assertEquals(await digests(`${home}/out/raw`), await digests(`${path}/whole/out/raw`));
});
