import { assert, assertEquals } from "@std/assert";
import { UnusableInput } from "../../../stages/formats/unusable_input.ts";
import { readPreparedParams } from "../../../stages/prepared/read/definition.ts";
import readPrepared from "../../../stages/prepared/read/entry.ts";
import { writePreparedParams } from "../../../stages/prepared/write/definition.ts";
import writePrepared from "../../../stages/prepared/write/entry.ts";
import { type DamagedBytes, damagedBytes } from "../formats/byte_damage.ts";
import { runStage, temporaryFolder } from "../parse/stage_run.ts";
import { contentOf, positionsOf, writeSmallClips } from "./small_clips.ts";

/** Damaged files of each form. */
const FILES = Deno.env.has("SKELRUN_LONG") ? 2400 : 80;

/** No file of a few dozen kilobytes may take longer, or much more memory. */
const MOST_MS = 5000;
const MOST_GROWTH = 500e6;

type Content = Awaited<ReturnType<typeof contentOf>>;

/** Runs the stage; the artifact, or the message of the fault. */
async function outcome(
  prepared: string,
  out: string,
  how: string,
): Promise<{ content: Content } | { message: string }> {
  await Deno.remove(out, { recursive: true }).catch(() => {});
  await Deno.mkdir(out);
  const start = performance.now();
  try {
    await runStage(readPrepared, readPreparedParams.parse({}), { prepared }, { raw: out });
  } catch (error) {
    if (error instanceof UnusableInput) return { message: error.message };
    throw new Error(`${how}: ${error}`, { cause: error });
  } finally {
    assert(performance.now() - start < MOST_MS, how);
  }
  return { content: await contentOf(out) };
}

/** What every artifact must be, whatever was damaged. */
function wellFormed({ clips, classes, bodies, splits }: Content, how: string): void {
  assert(clips.length > 0, how);
  for (const [i, { name, label, frames, positions }] of clips.entries()) {
    assert(i === 0 || clips[i - 1]!.name < name, how);
    assert(label >= 0 && label < classes && frames >= 1, how);
    assertEquals(positions.length, frames * bodies * 75, how);
    assert(positions.every(Number.isFinite), how);
    const last = positions.subarray(-bodies * 75);
    assert(last.some((value) => value !== 0), `${how}: padding was left`);
  }
  for (const { train, test } of Object.values(splits ?? {})) {
    assert([...train, ...test].every((clip) => clip < clips.length), how);
  }
}

/** Damages one file of a form after another, and looks at what the stage makes of it. */
async function fuzz(
  params: Readonly<Record<string, unknown>>,
  files: readonly string[],
  check: (content: Content, how: string) => void,
): Promise<void> {
  await using folder = await temporaryFolder();
  const { path } = folder;
  for (const name of ["raw", "prepared"]) await Deno.mkdir(`${path}/${name}`);
  await writeSmallClips(`${path}/raw`);
  const parsed = writePreparedParams.parse({ frames: 20, ...params });
  const inputs = { raw: `${path}/raw` };
  await runStage(writePrepared, parsed, inputs, { prepared: `${path}/prepared` });
  // Of this isolate, so that tests beside this one do not count.
  const memory = () => Deno.memoryUsage().heapUsed + Deno.memoryUsage().external;
  const before = memory();
  const tally = { refused: 0, read: 0 };
  for (const [f, file] of files.entries()) {
    const target = `${path}/prepared/${file}`;
    const sound = await Deno.readFile(target);
    const count = Math.ceil(FILES / files.length);
    for (const { bytes, how } of damagedBytes(sound, count, f) as Iterable<DamagedBytes>) {
      await Deno.writeFile(target, bytes);
      const result = await outcome(`${path}/prepared`, `${path}/out`, `${file}: ${how}`);
      if ("content" in result) {
        wellFormed(result.content, `${file}: ${how}`);
        check(result.content, `${file}: ${how}`);
        tally.read++;
      } else {
        const named = /train|test|val|label|prepared\.|annotations|split/.test(result.message);
        assert(memory() - before < MOST_GROWTH, `${file}: ${how}`);
        assert(named && result.message.length < 4000, `${file}: ${how}: ${result.message}`);
        tally.refused++;
      }
    }
    await Deno.writeFile(target, sound);
  }
  assert(tally.refused > tally.read / 20 && tally.read > 0, JSON.stringify(tally));
}

/** The clips by what they can be called, as the undamaged file has them. */
function soundClips(): ReadonlyMap<string, Float32Array> {
  const train = [1, 3, 5, 7, 9];
  const clips = new Map<string, Float32Array>();
  for (let i = 0; i < 11; i++) {
    const side = i % 2 === 1 ? "train" : "test";
    const at = train.includes(i) ? (i - 1) / 2 : i / 2;
    clips.set(`${side}_${String(at + 1).padStart(7, "0")}`, positionsOf(i, 2));
  }
  return clips;
}

for (const compress of [false, true]) {
  const packed = compress ? "deflated" : "stored";
  Deno.test(`damaged .npz files, ${packed}: refused by name, or what is read is what was written`, async () => {
    const sound = soundClips();
    const all = [...sound.values()].map((positions) => positions.join());
    await fuzz({ form: "ctr_gcn", compress }, ["prepared.npz"], ({ clips }, how) => {
      // Check sums guard every array, so that no clip can have changed.
      for (const { name, positions } of clips) {
        const expected = sound.get(name)?.join();
        if (expected !== undefined) assertEquals(positions.join(), expected, how);
        else assert(all.includes(positions.join()), how);
      }
    });
  });
}

Deno.test("damaged .npy and .pkl files of ST-GCN's form: refused by name, or clips that are sound", async () => {
  const files = ["train_data.npy", "train_label.pkl", "val_data.npy", "val_label.pkl"];
  await fuzz({ form: "st_gcn" }, files, ({ clips }, how) => assert(clips.length <= 11, how));
});

Deno.test("damaged pickles of PYSKL's form: refused by name, or clips that are sound", async () => {
  await fuzz(
    { form: "pyskl" },
    ["prepared.pkl"],
    ({ clips }, how) => assert(clips.length <= 12, how),
  );
});
