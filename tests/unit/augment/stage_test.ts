import { assert, assertEquals, assertMatch } from "@std/assert";
import { augmentParams } from "../../../stages/augment/definition.ts";
import main from "../../../stages/augment/entry.ts";
import { readPolicy, resolvePolicy } from "../../../stages/augment/policy.ts";
import { ClipWriter } from "../../../stages/clips/clip_writer.ts";
import { pythonTest } from "../formats/python.ts";
import { FakeContext, treeOf } from "../pretrain/fake_context.ts";

const strict = { sanitizeOps: true, sanitizeResources: true };

async function writeClips(folder: string, clips: number, bodies: number): Promise<void> {
  await Deno.mkdir(folder);
  const kind = { dataset: "toy", frames: 32, bodies, classes: 2, class_names: [] };
  const writer = new ClipWriter(folder, kind);
  for (let i = 0; i < clips; i++) {
    const room = writer.next();
    for (let j = 0; j < room.length; j++) {
      room[j] = Math.sin(i + Math.floor(j / bodies) % 25 + 0.001 * j);
    }
    const known = { subject: 1, camera: 1, setup: 1, replication: 1 };
    await writer.add({ name: `<clip & ${i}>`, label: i % 2, ...known });
  }
  await writer.close();
}

async function runStage(home: string, params: Record<string, unknown>) {
  const ctx = await FakeContext.begin({
    params: augmentParams.parse(params),
    home,
    inputs: { clips: `${home}/clips` },
    outputs: ["policy", "preview"],
  });
  await main(ctx);
  const svg = await Deno.readTextFile(`${home}/out/preview/preview.svg`);
  return { ctx, svg };
}

async function inFolder(test: (home: string) => Promise<void>): Promise<void> {
  const home = await Deno.makeTempDir();
  try {
    await test(home);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

const figures = (svg: string) => svg.split("stroke-linecap").length - 1;

Deno.test(
  "the stage writes the policy for the clips' length, and a preview beside it",
  strict,
  () =>
    inFolder(async (home) => {
      await writeClips(`${home}/clips`, 6, 2);
      const { ctx, svg } = await runStage(home, { seed: 4 });
      const expected = resolvePolicy(augmentParams.parse({ seed: 4 }), 32);
      assertEquals(await readPolicy(`${home}/out/policy`), expected);
      assertEquals(Object.keys(await treeOf(`${home}/out/policy`)), ["policy.json"]);
      assertEquals(ctx.outputFacts.get("policy"), { frames: 32, swap: true });
      // Four rows of nine figures with two bodies each.
      assertEquals(figures(svg), 72);
      assertMatch(svg, /&lt;clip &amp; \d&gt;/);
      assert(svg.includes("#d55e00"));
    }),
);

Deno.test(
  "the same clips and parameters give the same bytes",
  strict,
  () =>
    inFolder(async (home) => {
      await writeClips(`${home}/clips`, 6, 1);
      await runStage(home, {});
      const first = await treeOf(`${home}/out`);
      await runStage(home, {});
      assertEquals(await treeOf(`${home}/out`), first);
      await runStage(home, { seed: 1 });
      assert((await treeOf(`${home}/out`))["policy/policy.json"] !== first["policy/policy.json"]);
    }),
);

Deno.test(
  "without a swap the preview has no mix; a single clip is its own partner",
  strict,
  () =>
    inFolder(async (home) => {
      await writeClips(`${home}/clips`, 1, 1);
      assertEquals(figures((await runStage(home, {})).svg), 36);
      const { svg, ctx } = await runStage(home, { swap: { enabled: false } });
      assertEquals(figures(svg), 27);
      assertEquals(ctx.outputFacts.get("policy"), { frames: 32, swap: false });
      const off = { enabled: false };
      const { ctx: none } = await runStage(home, { crop: off, shear: off, swap: off });
      assertEquals(none.logs.at(-1)?.message, "clips of 32 frames: no augmentation");
    }),
);

await pythonTest("xml.dom.minidom", "the preview is well-formed XML", async (run) => {
  await inFolder(async (home) => {
    await writeClips(`${home}/clips`, 6, 2);
    await runStage(home, {});
    const script = `
import json, sys, xml.dom.minidom
root = xml.dom.minidom.parse(sys.argv[1]).documentElement
print(json.dumps([root.tagName, len(root.getElementsByTagName("line")) > 4 * 9 * 24]))`;
    assertEquals(await run(script, `${home}/out/preview/preview.svg`), ["svg", true]);
  });
});
