import { assert } from "@std/assert";
import { inspectPath } from "../../../stages/inspect/inspect_path.ts";
import { inspectionText } from "../../../stages/inspect/inspection_text.ts";
import type { Inspection } from "../../../stages/inspect/inspection.ts";
import { skeletonStrip } from "../../../stages/inspect/skeleton_strip.ts";
import { type RandomStream, randomStream } from "../../../stages/random.ts";
import { assertWellFormed } from "../charts/well_formed.ts";
import { normalizeParams } from "../../../stages/normalize/definition.ts";
import normalizeMain from "../../../stages/normalize/entry.ts";
import { parseCustomParams } from "../../../stages/parse/custom/definition.ts";
import parseMain from "../../../stages/parse/custom/entry.ts";
import { clipFile, writeFiles } from "../parse/custom_fixture.ts";
import { runStage, temporaryFolder } from "../parse/stage_run.ts";
import { type Damage, DAMAGES } from "../parse/text_damage.ts";
import { sampleFiles } from "./sample_files.ts";

/** Damaged files of each form. */
const FILES = Deno.env.has("SKELRUN_LONG") ? 2_000 : 60;

/** More than any of these small files is worth, in milliseconds. */
const LONGEST = 5_000;

const NUMBERS = [0, 1, 0x7f, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

/** Ways to damage files that are no text. */
const BINARY: Readonly<Record<string, Damage>> = {
  "an odd count": (bytes, stream) => {
    const out = bytes.slice();
    if (out.length < 8) return out;
    const at = stream.integer(0, Math.min(out.length, 400) - 5);
    const value = NUMBERS[stream.integer(0, NUMBERS.length - 1)]!;
    new DataView(out.buffer).setUint32(at, value, true);
    return out;
  },
  "an odd float": (bytes, stream) => {
    const out = bytes.slice();
    if (out.length < 8) return out;
    const view = new DataView(out.buffer);
    const at = 4 * stream.integer(0, Math.floor(out.length / 4) - 1);
    view.setFloat32(at, [NaN, Infinity, -Infinity, 3e38, 1e-45][stream.integer(0, 4)]!, true);
    return out;
  },
  "a digit of the header": (bytes, stream) => {
    const out = bytes.slice();
    const digits = [...out.subarray(0, 600).entries()].filter(([, b]) => b >= 0x30 && b <= 0x39);
    if (digits.length === 0) return out;
    out[digits[stream.integer(0, digits.length - 1)]![0]] = 0x30 + stream.integer(0, 9);
    return out;
  },
  "bytes twice": (bytes, stream) => {
    const from = stream.integer(0, bytes.length);
    const to = Math.min(bytes.length, from + stream.integer(1, 100));
    const out = new Uint8Array(bytes.length + to - from);
    out.set(bytes.subarray(0, to));
    out.set(bytes.subarray(from), to);
    return out;
  },
  "bytes lost": (bytes, stream) => {
    const from = stream.integer(0, bytes.length);
    const to = Math.min(bytes.length, from + stream.integer(1, 100));
    const out = new Uint8Array(bytes.length - (to - from));
    out.set(bytes.subarray(0, from));
    out.set(bytes.subarray(to), from);
    return out;
  },
  "the end of another": (bytes) => {
    const out = new Uint8Array(bytes.length + 20).fill(0x41);
    out.set(bytes);
    return out;
  },
};

const WAYS: Readonly<Record<string, Damage>> = { ...DAMAGES, ...BINARY };
const NAMES = Object.keys(WAYS);

function damaged(bytes: Uint8Array, stream: RandomStream, i: number) {
  const first = NAMES[i % NAMES.length]!;
  const once = WAYS[first]!(bytes, stream);
  if (stream.uniform() < 0.7) return { bytes: once, how: `${i}: ${first}` };
  const second = NAMES[stream.integer(0, NAMES.length - 1)]!;
  return { bytes: WAYS[second]!(once, stream), how: `${i}: ${first}, then ${second}` };
}

/** What an inspection must be, whatever it was given. */
function checkInspection(inspection: Inspection, path: string, how: string): void {
  const { what, facts, notes, problems, figures } = inspection;
  assert(what.length > 0 && problems.every(({ reason }) => reason.length > 0), how);
  for (const text of [...notes, ...problems.map(({ reason }) => reason)]) {
    assert(!/\[object|\n\s+at /.test(text), `${how}: ${text}`);
  }
  for (const { name, value, text } of facts) {
    assert(value !== undefined, `${how}: ${name}`);
    assert(!/undefined|NaN to|\[object/.test(text ?? ""), `${how}: ${name}: ${text}`);
  }
  inspectionText(path, inspection, 80);
  if (figures.length > 0) assertWellFormed(skeletonStrip("a", "b", figures.slice(0, 6)));
}

for (const [name, bytes] of Object.entries(await sampleFiles())) {
  Deno.test(
    `${name}: damaged in any way it is told of in words`,
    { sanitizeOps: true, sanitizeResources: true },
    async () => {
      await using folder = await temporaryFolder();
      const path = `${folder.path}/${name}`;
      let blamed = 0;
      for (let i = 0; i < FILES; i++) {
        const stream = randomStream(6, `damaged ${name}`, i);
        const damage = damaged(bytes, stream, i);
        await Deno.writeFile(path, damage.bytes);
        const start = performance.now();
        let inspection: Inspection;
        try {
          inspection = await inspectPath(path, { all: false, progress: () => {} });
        } catch (error) {
          throw new Error(`${damage.how}: ${(error as Error).stack}`);
        }
        assert(performance.now() - start < LONGEST, `${damage.how}: too long`);
        checkInspection(inspection, path, damage.how);
        if (inspection.problems.length > 0) blamed++;
      }
      // Text that is of no form, and JSON that nothing describes, is never wrong.
      if (name !== "notes.txt") assert(blamed > FILES / 20, `${blamed} of ${FILES} blamed`);
    },
  );
}

Deno.test(
  "artifacts: with any file damaged they are told of in words",
  { sanitizeOps: true, sanitizeResources: true },
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    const [raw, clips] = [`${path}/raw`, `${path}/clips`];
    await writeFiles(`${path}/in`, {
      "a.npy": clipFile(1, 5),
      "b.npy": clipFile(2, 9),
      "clips.csv": "name,label,subject,split_xsub\na,walk,1,train\nb,sit,2,test\n",
    });
    for (const made of [raw, clips]) await Deno.mkdir(made);
    const params = parseCustomParams.parse({});
    await runStage(parseMain, params, { recordings: `${path}/in` }, { raw });
    await runStage(normalizeMain, normalizeParams.parse({ frames: 8 }), { raw }, { clips });
    const files: string[] = [];
    for (const made of [raw, clips]) {
      for await (const { name } of Deno.readDir(made)) files.push(`${made}/${name}`);
    }
    files.sort();
    let blamed = 0;
    for (let i = 0; i < FILES; i++) {
      const stream = randomStream(6, "damaged artifacts", i);
      const file = files[stream.integer(0, files.length - 1)]!;
      const sound = await Deno.readFile(file);
      const damage = damaged(sound, stream, i);
      await Deno.writeFile(file, damage.bytes);
      const at = file.slice(0, file.lastIndexOf("/"));
      const how = `${damage.how} in ${file.slice(path.length)}`;
      const inspection = await inspectPath(at, { all: false, progress: () => {} });
      checkInspection(inspection, at, how);
      if (inspection.problems.length > 0) blamed++;
      await Deno.writeFile(file, sound);
    }
    assert(blamed > FILES / 4, `${blamed} of ${FILES} blamed`);
  },
);
