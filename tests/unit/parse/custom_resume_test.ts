import { assert, assertEquals, assertRejects } from "@std/assert";
import { parseCustomParams } from "../../../stages/parse/custom/definition.ts";
import { parseCustomRecordings } from "../../../stages/parse/custom/parse_custom.ts";
import { Ended, FakeContext, treeOf } from "../pretrain/fake_context.ts";
import { clipFile, writeFiles } from "./custom_fixture.ts";
import { temporaryFolder } from "./stage_run.ts";

const strict = { sanitizeOps: true, sanitizeResources: true };
const CLIPS = 120;
/** A shard of so many frames holds some seven clips. */
const SHARD_ROWS = 30;

async function fill(folder: string): Promise<void> {
  const names = Array.from({ length: CLIPS }, (_, i) => `clip${String(i).padStart(3, "0")}`);
  const files: Record<string, Uint8Array | string> = {
    "clips.csv": ["name,label,subject", ...names.map((name, i) => `${name},${i % 3},${i % 5}`)]
      .join("\n"),
  };
  names.forEach((name, i) => {
    files[`${name}.npy`] = i % 23 === 7 ? "damaged" : clipFile(i, 2 + i % 6);
  });
  await writeFiles(folder, files);
}

async function context(home: string, recordings: string, more: { threads?: number } = {}) {
  const ctx = await FakeContext.begin({
    params: parseCustomParams.parse({}),
    home,
    inputs: { recordings },
    outputs: ["raw"],
  });
  return Object.assign(ctx, more);
}

Deno.test(
  "parsing on one thread, on several, and on after a stop gives the same bytes",
  strict,
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await fill(`${path}/in`);
    const run = async (name: string, threads: number) => {
      const ctx = await context(`${path}/${name}`, `${path}/in`, { threads });
      await parseCustomRecordings(ctx, SHARD_ROWS);
      return await treeOf(`${path}/${name}/out/raw`);
    };
    const whole = await run("one", 1);
    assert(Object.keys(whole).length > 12, "several shards");
    assertEquals(await run("two", 2), whole);

    const home = `${path}/stopped`;
    let done = 0;
    for (let attempt = 0; attempt < 20; attempt++) {
      const ctx = await context(home, `${path}/in`, { threads: 1 });
      const from = done;
      Object.defineProperty(ctx, "stopping", { get: () => done >= from + 30 });
      ctx.progress = (now) => {
        done = now;
      };
      const stopped = await parseCustomRecordings(ctx, SHARD_ROWS).then(() => false, (error) => {
        assert(error instanceof Ended, `${error}`);
        return true;
      });
      if (!stopped) break;
      assert(ctx.resume() !== undefined, "a checkpoint is there");
    }
    assertEquals(done, CLIPS);
    assertEquals(await treeOf(`${home}/out/raw`), whole);
  },
);

Deno.test("a stop before the first shard is full begins again from nothing", strict, async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await fill(`${path}/in`);
  const ctx = await context(`${path}/home`, `${path}/in`, { threads: 1 });
  Object.defineProperty(ctx, "stopping", { value: true });
  await assertRejects(() => parseCustomRecordings(ctx), Ended, "stopped");
  assertEquals(ctx.resume(), undefined);
});
