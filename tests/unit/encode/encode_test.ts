import { assertRejects } from "@std/assert";
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
