/** Two outputs, a metric and facts, one of which differs from time to time where it is told to. */
import type { StageContext } from "../../../pipeline/stage.ts";

export default async function main(
  ctx: StageContext<{ what: string; stepMs: number }>,
): Promise<void> {
  const { what, stepMs } = ctx.params;
  const drawn = Math.random();
  const when = (name: string) => what.split("+").includes(name) ? drawn : 0.5;
  const number = ctx.output("number");
  await Deno.writeTextFile(`${number}/number.txt`, `${when("number")}\n`);
  // A number whose last bit is drawn anew, in many places, so that two runs never agree.
  const values = new Float32Array(256).fill(1);
  if (what === "ulp") {
    for (let i = 0; i < values.length; i++) values[i] = Math.random() < 0.5 ? 1 : 1 + 2 ** -23;
  }
  await Deno.mkdir(`${ctx.output("table")}/deep`);
  await Deno.writeTextFile(`${ctx.output("table")}/a.txt`, "always\n");
  await Deno.writeFile(`${ctx.output("table")}/deep/b.bin`, new Uint8Array(values.buffer));
  if (when("name") !== 0.5) await Deno.writeTextFile(`${ctx.output("table")}/${drawn}.txt`, "");
  ctx.metric("score", when("metric"));
  ctx.facts("table", { rows: Math.floor(when("facts") * 1e9) });
  await new Promise((resolve) => setTimeout(resolve, stepMs));
}
