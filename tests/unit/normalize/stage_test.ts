import { assert, assertEquals, assertRejects } from "@std/assert";
import { openClips } from "../../../stages/clips/clip_store.ts";
import { writeJson } from "../../../stages/formats/json_text.ts";
import { encodeNpy } from "../../../stages/formats/npy.ts";
import { normalize, normalizeParams } from "../../../stages/normalize/definition.ts";
import main from "../../../stages/normalize/entry.ts";
import { normalizeClip } from "../../../stages/normalize/normalize_clip.ts";
import { Ended, FakeContext, treeOf } from "../pretrain/fake_context.ts";

const strict = { sanitizeOps: true, sanitizeResources: true };
const BODY = 25 * 3;

function recording(clip: number, frames: number, bodies: number): Float32Array {
  return Float32Array.from(
    { length: frames * bodies * BODY },
    (_, i) => Math.sin(clip + 0.01 * i + i % 5) + 1.5,
  );
}

/** Writes raw clips: `lengths[i]` frames of clip i, two clips a shard. */
async function writeRaw(
  folder: string,
  lengths: number[],
  bodies: number,
  spoil: (clip: number, data: Float32Array) => void = () => {},
): Promise<void> {
  await Deno.mkdir(folder);
  const clips: unknown[] = [];
  for (let shard = 0; shard * 2 < lengths.length; shard++) {
    const rows: number[] = [];
    for (let i = shard * 2; i < Math.min(shard * 2 + 2, lengths.length); i++) {
      const data = recording(i, lengths[i]!, bodies);
      spoil(i, data);
      const [name, row] = [`clip${i}`, rows.length / (bodies * BODY)];
      const known = { label: i % 2, subject: i + 1, camera: 2, setup: 3, replication: 1 };
      clips.push({ name, ...known, frames: lengths[i]!, shard, row });
      rows.push(...data);
    }
    const shape = [rows.length / (bodies * BODY), bodies, 25, 3];
    await Deno.writeFile(
      `${folder}/frames-0000${shard}.npy`,
      encodeNpy(Float32Array.from(rows), shape),
    );
  }
  const head = { dataset: "ntu", joints: 25, bodies, classes: 2, class_names: ["a", "b"] };
  await writeJson(`${folder}/index.json`, { format: "raw_clips/1", ...head, clips });
}

async function inFolder(test: (home: string) => Promise<void>): Promise<void> {
  const home = await Deno.makeTempDir();
  try {
    await test(home);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

function begin(home: string, params: Record<string, unknown>, more: { stopAfter?: number } = {}) {
  return FakeContext.begin({
    params: normalizeParams.parse(params),
    home,
    inputs: { raw: `${home}/raw` },
    outputs: ["clips"],
    ...more,
  });
}

for (const bodies of [1, 2]) {
  Deno.test(
    `recordings of ${bodies} bodies become clips, each as normalised alone`,
    strict,
    () =>
      inFolder(async (home) => {
        const lengths = [5, 12, 30, 8, 1];
        await writeRaw(`${home}/raw`, lengths, bodies);
        const ctx = await begin(home, { frames: 8 });
        await main(ctx);
        await using store = await openClips(`${home}/out/clips`);
        const { dataset, clips, frames, classes, shards, excluded } = store.meta;
        assertEquals([dataset, clips, frames, classes, store.meta.bodies], [
          "ntu",
          5,
          8,
          2,
          bodies,
        ]);
        assertEquals([shards, excluded], [[5], []]);
        assertEquals(store.labels, Int32Array.of(0, 1, 0, 1, 0));
        assertEquals(await store.attribute("subjects"), Int32Array.of(1, 2, 3, 4, 5));
        for (const [i, length] of lengths.entries()) {
          const expected = new Float32Array(store.clipLength);
          const options = { frames: 8, yRotation: "clipSign" } as const;
          normalizeClip(recording(i, length, bodies), bodies, options, expected);
          assertEquals(await store.read([i]), expected);
        }
        assertEquals(ctx.outputFacts.get("clips"), {
          dataset: "ntu",
          clips: 5,
          frames: 8,
          bodies,
          classes: 2,
        });
        assertEquals(ctx.metrics.get("clips"), 5);
        assertEquals(ctx.progressed.at(-1), [5, 5, "clips"]);
      }),
  );
}

Deno.test("the same recordings give the same bytes", strict, () =>
  inFolder(async (home) => {
    await writeRaw(`${home}/raw`, [5, 12, 30], 2);
    await main(await begin(home, {}));
    const first = await treeOf(`${home}/out/clips`);
    await main(await begin(home, {}));
    assertEquals(await treeOf(`${home}/out/clips`), first);
    assertEquals(Object.keys(first).length, 8);
  }));

const spoil = (clip: number, data: Float32Array) => {
  if (clip === 1) data.fill(0);
  if (clip === 2) data[0] = NaN;
};

Deno.test(
  "clips that cannot be used are left out, listed and warned of; the rest stays",
  strict,
  () =>
    inFolder(async (home) => {
      await writeRaw(`${home}/raw`, [5, 12, 30, 8], 2, spoil);
      const ctx = await begin(home, { frames: 4 });
      await main(ctx);
      await using store = await openClips(`${home}/out/clips`);
      assertEquals(await store.names(), ["clip0", "clip3"]);
      assertEquals(store.labels, Int32Array.of(0, 1));
      assertEquals(store.meta.excluded, [
        { name: "clip1", reason: "no frame has a first body (its spine base is 0 in all)" },
        { name: "clip2", reason: "x of the spine base is NaN in frame 1 of 30" },
      ]);
      const warnings = ctx.logs.filter((log) => log.level === "warn").map((log) => log.message);
      assertEquals(warnings.length, 2);
      assert(warnings[0]!.startsWith("clip1 is left out: "));
      assertEquals(ctx.outputFacts.get("clips")?.clips, 2);
      assertEquals(ctx.metrics.get("excluded"), 2);
    }),
);

Deno.test(
  "with --strict the first clip that cannot be used ends the stage",
  strict,
  () =>
    inFolder(async (home) => {
      await writeRaw(`${home}/raw`, [5, 12, 30, 8], 2, spoil);
      const ctx = await begin(home, {});
      Object.defineProperty(ctx, "strict", { value: true });
      await assertRejects(() => main(ctx), Error, "clip1: no frame has a first body");
    }),
);

Deno.test(
  "no clip at all, or none that can be used, is an error",
  strict,
  () =>
    inFolder(async (home) => {
      await writeRaw(`${home}/raw`, [5, 12], 1, (_, data) => data.fill(0));
      const ctx = await begin(home, {});
      await assertRejects(() => main(ctx), Error, "none of 2 clips can be used; the first, clip0");
      await Deno.remove(`${home}/raw`, { recursive: true });
      await writeRaw(`${home}/raw`, [], 1);
      const empty = await begin(home, {});
      await assertRejects(() => main(empty), Error, "the parsed recordings are empty");
    }),
);

Deno.test(
  "asked to stop, the stage stops and leaves no file open",
  strict,
  () =>
    inFolder(async (home) => {
      await writeRaw(`${home}/raw`, [5, 12, 3], 1);
      const ctx = await begin(home, {}, { stopAfter: 1 });
      await assertRejects(() => main(ctx), Ended, "stopped");
    }),
);

Deno.test(
  "an index of another form, and frames that do not fit it, are refused by name",
  strict,
  () =>
    inFolder(async (home) => {
      await writeRaw(`${home}/raw`, [5], 1);
      const path = `${home}/raw/index.json`;
      const index = JSON.parse(await Deno.readTextFile(path));
      await writeJson(path, { ...index, bodies: 2 });
      const ctx = await begin(home, {});
      await assertRejects(() => main(ctx), Error, "expected f4 of shape (rows, 2, 25, 3)");
      await writeJson(path, { ...index, joints: 20 });
      const again = await begin(home, {});
      await assertRejects(() => main(again), Error, "index.json: expected format");
    }),
);

Deno.test("facts of the clips are known while planning as far as those of the recordings are", () => {
  const params = normalizeParams.parse({ frames: 32 });
  assertEquals(normalize.facts!(params, { raw: { clips: 9, bodies: 1, classes: 3 } }), {
    clips: { frames: 32, clips: 9, bodies: 1, classes: 3 },
  });
  assertEquals(normalize.facts!(params, { raw: undefined }), { clips: { frames: 32 } });
});

Deno.test("frames that an encoder cannot halve twice are refused", () => {
  for (const frames of [0, 2, 50, 63, 8.5]) {
    assert(!normalizeParams.safeParse({ frames }).success, `${frames}`);
  }
});

Deno.test("what is not chosen is as released", () => {
  assertEquals(normalizeParams.parse({}), {
    frames: 64,
    resize: "linearPrefix",
    centre: "ownSpineShoulder",
    yRotation: "clipSign",
  });
});

Deno.test(
  "the stage hands on every choice to each clip",
  strict,
  () =>
    inFolder(async (home) => {
      const lengths = [5, 12, 30];
      await writeRaw(`${home}/raw`, lengths, 2);
      const options = {
        frames: 8,
        resize: "loop",
        centre: "startSpineMid",
        yRotation: "firstFrame",
      } as const;
      await main(await begin(home, options));
      await using store = await openClips(`${home}/out/clips`);
      for (const [i, length] of lengths.entries()) {
        const expected = new Float32Array(store.clipLength);
        normalizeClip(recording(i, length, 2), 2, options, expected);
        assertEquals(await store.read([i]), expected);
      }
    }),
);
