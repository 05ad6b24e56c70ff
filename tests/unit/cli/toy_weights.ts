/** A toy stage: tensors, the last bit of one of which is drawn anew each time if it is told to. */
import type { StageMain } from "../../../pipeline/stage.ts";
import { encodeSafetensors } from "../../../stages/formats/safetensors.ts";

const main: StageMain<{ sound: boolean }> = async (ctx) => {
  const bias = new Float32Array(4).fill(0.25);
  const weight = new Float32Array(256).fill(1);
  if (!ctx.params.sound) {
    for (let i = 0; i < weight.length; i++) weight[i] = Math.random() < 0.5 ? 1 : 1 + 2 ** -23;
  }
  const tensors = new Map([
    ["layer.bias", { dtype: "F32", shape: [4], data: bias }] as const,
    ["layer.weight", { dtype: "F32", shape: [16, 16], data: weight }] as const,
  ]);
  await Deno.writeFile(`${ctx.output("weights")}/net.safetensors`, encodeSafetensors(tensors));
  await Deno.writeTextFile(`${ctx.output("note")}/note.txt`, "always the same\n");
};

export default main;
