import { assertEquals, assertStringIncludes } from "@std/assert";
import { synth } from "../../../stages/verbs/synth.ts";
import { callVerb } from "../verbs/call_verb.ts";
import { temporaryFolder } from "../parse/stage_run.ts";

Deno.test("synth --scale pku2 writes as many videos as part II has", async () => {
  await using folder = await temporaryFolder();
  const said = await callVerb(synth, { DIR: folder.path }, {
    scale: "pku2",
    frames: "2",
    nuisance: "0",
  });
  assertEquals(said.status, 0);
  assertStringIncludes(said.out, "1009 videos with 6945 labelled actions");
  const labels = await Array.fromAsync(Deno.readDir(`${folder.path}/Label/Label_PKUMMD_v2`));
  assertEquals(labels.length, 1009);
  const video = await Deno.readTextFile(`${folder.path}/Data/Skeleton_v2/A26N13-L.txt`);
  const rows = await Deno.readTextFile(`${folder.path}/Label/Label_PKUMMD_v2/A26N13-L.txt`);
  const last = rows.trim().split(/\r?\n/).at(-1)!.split(",").map(Number);
  // At most one frame of pause follows the last action.
  assertEquals(Math.abs(video.trim().split(/\r?\n/).length - last[2]! - 0.5), 0.5);
});
