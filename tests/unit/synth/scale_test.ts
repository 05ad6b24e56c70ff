import { assert, assertEquals } from "@std/assert";
import { openRecordings } from "../../../stages/formats/recording_source.ts";
import { readSkeletonText } from "../../../stages/formats/skeleton_text.ts";
import { syntheticTruth } from "../../../stages/parse/synthetic_truth.ts";
import { planScale, roomFault, writeScale } from "../../../stages/synth/write_scale.ts";
import { temporaryFolder } from "../parse/stage_run.ts";

/** Names and bytes of all recordings. */
async function contents(path: string): Promise<Map<string, Uint8Array>> {
  const source = await openRecordings(path, ".skeleton");
  try {
    const found = new Map<string, Uint8Array>();
    for (const file of source.files) found.set(file.name, await file.read());
    return found;
  } finally {
    await source.close();
  }
}

Deno.test("recordings of full scale are the same in files and in archives called like the published ones", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  const found: Map<string, Uint8Array>[] = [];
  for (const archives of [false, true]) {
    const plan = planScale("ntu120", archives, 32, { seed: 4 });
    assertEquals(plan.names.length, 114_480);
    // The end of one archive and the start of the other.
    const border = plan.names.findIndex(({ setup }) => setup === 18);
    const few = { ...plan, names: plan.names.slice(border - 15, border + 15) };
    const to = `${path}/${archives ? "archives" : "files"}`;
    await Deno.mkdir(to);
    let told = 0;
    const written = await writeScale(to, few, (done, total) => (told = done / total));
    assertEquals([written.files, told], [30, 1]);
    found.push(await contents(to));
  }
  assertEquals(found[1], found[0]);
  const names = [...Deno.readDirSync(`${path}/archives`)].map(({ name }) => name).sort();
  assertEquals(names, ["nturgbd_skeletons_s001_to_s017.zip", "nturgbd_skeletons_s018_to_s032.zip"]);
  for (const [name, bytes] of found[0]!) {
    const { frames } = readSkeletonText(bytes, name, 2);
    assert(frames >= 2 && frames <= 4);
  }
});

Deno.test("recordings of full scale say that they are synthetic, and which actions two people perform", async () => {
  await using folder = await temporaryFolder();
  for (const archives of [false, true]) {
    const plan = planScale("ntu120", archives, 32, {});
    const border = plan.names.findIndex(({ setup }) => setup === 18);
    const few = { ...plan, names: plan.names.slice(border - 2, border + 2) };
    const to = `${folder.path}/${archives ? "archives" : "files"}`;
    await Deno.mkdir(to);
    await writeScale(to, few, () => {});
    const first = `${to}/nturgbd_skeletons_s001_to_s017.zip`;
    for (const path of archives ? [to, first] : [to]) {
      const source = await openRecordings(path, ".skeleton");
      const truth = syntheticTruth(await source.other("truth.json"), "synth_truth/1");
      await source.close();
      assertEquals(truth?.names.length, 120);
      assertEquals(truth?.marks.synthetic, true);
      // A50 to A60 and A106 to A120.
      assertEquals(truth?.marks.mutual.length, 26);
    }
  }
});

Deno.test("fewer setups are fewer names, and longer recordings take more room", () => {
  const whole = planScale("ntu60", false, 32, {});
  assertEquals(whole.names.length, 56_880);
  const one = planScale("ntu60", false, 1, {});
  assert(one.names.every(({ setup }) => setup === 1) && one.names.length > 1000);
  assert(planScale("ntu60", false, 32, { frames: [60, 100] }).disk > 10 * whole.disk);
  assert(planScale("ntu60", true, 32, {}).disk < whole.disk);
});

Deno.test("two people perform the actions of two people, unless a share is asked for", async () => {
  const bodiesOf = async (given: Record<string, unknown>, action: number) => {
    await using folder = await temporaryFolder();
    const plan = planScale("ntu120", false, 32, { missing: 0, passers_by: 0, ...given });
    const name = plan.names.find((name) => name.action === action)!;
    await writeScale(folder.path, { ...plan, names: [name] }, () => {});
    const [bytes] = (await contents(folder.path)).values();
    const { positions, frames } = readSkeletonText(bytes!, "one.skeleton", 2);
    const second = positions.subarray(75, 150);
    assert(frames >= 2);
    return second.some((value) => value !== 0) ? 2 : 1;
  };
  for (
    const [action, bodies] of [[49, 1], [50, 2], [60, 2], [61, 1], [105, 1], [106, 2]] as const
  ) {
    assertEquals(await bodiesOf({}, action), bodies, `A${action}`);
  }
  assertEquals(await bodiesOf({ two_body: 0 }, 50), 1);
});

Deno.test("what the disk has no room for is refused before anything is written", async () => {
  await using folder = await temporaryFolder();
  const plan = planScale("ntu60", false, 32, {});
  const fault = await roomFault(folder.path, { ...plan, disk: 1e18 });
  assert(fault?.startsWith(`${folder.path}: expected room for about 1000000000000 MB`), fault);
  assertEquals(await roomFault(folder.path, { ...plan, disk: 0 }), undefined);
});
