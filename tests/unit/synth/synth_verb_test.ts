import { assertEquals, assertStringIncludes } from "@std/assert";
import { synth } from "../../../stages/verbs/synth.ts";
import { callVerb } from "../verbs/call_verb.ts";
import { digests, temporaryFolder } from "../parse/stage_run.ts";

const SMALL = { actions: "2", performers: "2", cameras: "1", replications: "1", frames: "5-6" };

async function call(folder: string, values: Record<string, string>, ...flags: string[]) {
  return await callVerb(synth, { DIR: folder }, values, flags);
}

Deno.test("synth writes into a new folder and says how much", async () => {
  await using folder = await temporaryFolder();
  const result = await call(`${folder.path}/new`, SMALL);
  assertEquals(result.status, 0);
  assertStringIncludes(result.out, "4 recordings of 2 actions by 2 performers");
  assertEquals((await digests(`${folder.path}/new`)).map((file) => file.split(" ")[0]), [
    "skeletons/S001C001P001R001A001.skeleton",
    "skeletons/S001C001P001R001A002.skeleton",
    "skeletons/S001C001P003R001A001.skeleton",
    "skeletons/S001C001P003R001A002.skeleton",
    "truth.json",
  ]);
});

Deno.test("synth --json prints the counts alone", async () => {
  await using folder = await temporaryFolder();
  const { out } = await call(folder.path, SMALL, "json");
  assertEquals(JSON.parse(out).files, 4);
});

Deno.test("synth refuses a folder that is not empty, and --force replaces recordings alone", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await call(path, { ...SMALL, actions: "3" });
  await Deno.writeTextFile(`${path}/notes.txt`, "mine");
  const before = await digests(path);
  const refused = await call(path, SMALL);
  assertEquals(refused.status, 2);
  assertStringIncludes(refused.err, `${path}: not empty`);
  assertEquals(await digests(path), before);
  assertEquals((await call(path, SMALL, "force")).status, 0);
  const after = await digests(path);
  assertEquals(after.length, 4 + 2);
  assertStringIncludes(after[0]!, "notes.txt");
});

Deno.test("synth says which option has a wrong value, and writes nothing", async () => {
  await using folder = await temporaryFolder();
  const target = `${folder.path}/new`;
  for (
    const [values, words] of [
      [{ actions: "400" }, '--actions: expected at most 120, found "400"'],
      [{ noise: "much" }, '--noise: expected a number, found "much"'],
      [{ "two-body": "1.5" }, "--two-body: "],
      [{ frames: "90-40" }, "--frames: expected the shortest length before the longest"],
      [{ frames: "a-b" }, "--frames: "],
    ] as const
  ) {
    const result = await call(target, values);
    assertEquals(result.status, 2);
    assertStringIncludes(result.err, words);
  }
  assertEquals(await digests(folder.path), []);
});

Deno.test("synth --scale refuses what the scale decides, other sets, and --archives without it", async () => {
  await using folder = await temporaryFolder();
  for (
    const [values, flags, words] of [
      [{ scale: "ntu60", actions: "3" }, [], "--actions: not with --scale"],
      [{ scale: "ntu90" }, [], '--scale: expected one of ntu60, ntu120, pku1, pku2, found "ntu90"'],
      [{ scale: "pku1", setups: "3" }, [], "--setups: not with the videos of PKU-MMD"],
      [{ scale: "pku2" }, ["archives"], "--archives: not with the videos of PKU-MMD"],
      [{}, ["archives"], "--archives: expected with --scale only"],
      [{ scale: "ntu60", setups: "many" }, [], "--setups: expected a number"],
    ] as const
  ) {
    const { status, err } = await call(`${folder.path}/new`, values, ...flags);
    assertEquals(status, 2);
    assertStringIncludes(err, words);
  }
});
