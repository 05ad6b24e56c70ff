import { assert, assertEquals } from "@std/assert";
import { readJson } from "../../../stages/formats/json_text.ts";
import { decodeSafetensors } from "../../../stages/formats/safetensors.ts";
import { memberSeed } from "../../../stages/untrained/member_seed.ts";
import { SkeAttnCLR } from "../../../stages/model/skeattnclr.ts";
import { modelConfig } from "../../../stages/model/config.ts";
import { TINY_MODEL, TinyRun } from "../pretrain/tiny_run.ts";

Deno.test("memberSeed() keeps the seed for the first member and unrelated ones for others", () => {
  assertEquals(memberSeed(7, 0), 7);
  const seeds = [1, 2, 3].map((member) => memberSeed(7, member));
  assertEquals(new Set(seeds).size, 3);
  assert(seeds.every((seed) => Number.isSafeInteger(seed) && seed >= 0));
});

Deno.test("untrained keeps first weights and calibrates running statistics", async () => {
  await using run = await TinyRun.make({ bodies: 2, frames: 8 });
  await run.untrained("untrained", { members: 2, seed: 5 });
  const folder = run.output("untrained", "encoder");
  const header = await readJson<Record<string, unknown>>(`${folder}/encoder.json`);
  assertEquals(header.members, ["untrained0", "untrained1"]);
  assertEquals(header.trained, { clips_seen: 0, epochs: 0, steps: 0 });
  const read = async (member: string) =>
    decodeSafetensors(await Deno.readFile(`${folder}/${member}.safetensors`), member).tensors;
  const [first, second] = [await read("untrained0"), await read("untrained1")];

  const data = { bodies: 2, frames: 8, classes: 2 };
  const fresh = SkeAttnCLR.create(modelConfig({ ...TINY_MODEL }), data, 5);
  const initial = await fresh.exportWeights();
  fresh.dispose();
  let statistics = 0;
  for (const [name, tensor] of initial) {
    if (/running_|num_batches/.test(name)) {
      if (/running_var/.test(name)) statistics++;
    } else assertEquals(first.get(name)?.data, tensor.data, name);
  }
  assert(statistics > 20, "batch normalisation everywhere");
  const name = "backbone.data_bn.running_var";
  assert(first.get(name)!.data.some((value) => Math.abs(Number(value) - 1) > 0.1));
  const conv = "backbone.st_gcn_networks.4.tcn.2.weight";
  assert(first.has(conv), `no ${conv} among ${[...first.keys()].join(", ")}`);
  assert(first.get(conv)!.data.join() !== second.get(conv)!.data.join());
});
