import { assert, assertEquals, assertRejects } from "@std/assert";
import { Ended, treeOf } from "../pretrain/fake_context.ts";
import { TinyRun } from "../pretrain/tiny_run.ts";
import { decodeSafetensors, encodeSafetensors } from "../../../stages/formats/safetensors.ts";

Deno.test("encode says which features are not finite, and why that may be", async () => {
  await using run = await TinyRun.make();
  await run.untrained("untrained", { members: 1 });
  const file = `${run.output("untrained", "encoder")}/untrained0.safetensors`;
  const { tensors } = decodeSafetensors(await Deno.readFile(file), file);
  tensors.get("backbone.data_bn.bias")!.data.fill(NaN as never);
  await Deno.writeFile(file, encodeSafetensors(tensors));
  await assertRejects(
    () => run.encode("features", "untrained"),
    Error,
    "features of untrained0: value 0 of clip 0 is NaN",
  );
});

Deno.test("encode names the file and field of an encoder it cannot read", async () => {
  await using run = await TinyRun.make();
  await run.untrained("untrained", { members: 1 });
  const folder = run.output("untrained", "encoder");
  const json = JSON.parse(await Deno.readTextFile(`${folder}/encoder.json`));
  const write = (value: unknown) =>
    Deno.writeTextFile(`${folder}/encoder.json`, JSON.stringify(value));
  await write({ ...json, members: ["../secret"] });
  await assertRejects(() => run.encode("a", "untrained"), Error, "encoder.json: members.0");
  await write({ ...json, data: { ...json.data, classes: "two" } });
  await assertRejects(() => run.encode("b", "untrained"), Error, "encoder.json: data.classes");
  await write({ ...json, config: { ...json.config, stream: "velocity" } });
  await assertRejects(() => run.encode("c", "untrained"), Error, "encoder.json: config.stream");
});

Deno.test("encoding that is stopped at every breath gets on by a batch each time, to the same bytes", async () => {
  await using run = await TinyRun.make();
  await run.untrained("untrained", { members: 2 });
  const { breaths } = await run.encode("whole", "untrained");
  for (const stopAfter of [1, 3]) {
    const name = `stopped ${stopAfter}`;
    let attempts = 1;
    while (true) {
      try {
        await run.encode(name, "untrained", {}, { stopAfter });
        break;
      } catch (error) {
        if (!(error instanceof Ended) || attempts === breaths) throw error;
        attempts++;
      }
    }
    assert(attempts >= breaths / stopAfter, `${attempts} attempts`);
    assertEquals(
      await treeOf(run.output(name, "features")),
      await treeOf(run.output("whole", "features")),
    );
  }
});
