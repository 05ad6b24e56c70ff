/** Goes wrong in the way it is told to. */
import type { StageContext } from "../../../pipeline/stage.ts";

export default async function main(
  ctx: StageContext<{ how: string; path: string }>,
): Promise<void> {
  const { how, path } = ctx.params;
  console.log(`about to ${how}`);
  if (how === "throw") throw new Error("clip 7 has 24 joints, expected 25");
  if (how === "mistake") {
    throw Object.assign(new Error("clip 7 has 24 joints, expected 25"), { forUser: true });
  }
  if (how === "full") {
    await Deno.writeTextFile(`${ctx.output("number")}/number.txt`, "half of it");
    throw Object.assign(new Error("No space left on device: writefile"), { code: "ENOSPC" });
  }
  if (how === "exit") Deno.exit(3);
  if (how === "reject") void Promise.reject(new Error("nobody caught this"));
  if (how === "read") await Deno.readTextFile(path);
  if (how === "read-quietly") await Deno.readTextFile(path).catch(() => {});
  if (how === "write") await Deno.writeTextFile(path, "");
  if (how === "fetch") await fetch("http://127.0.0.1:8123/").catch(() => {});
  if (how === "memory") {
    const kept: unknown[] = [];
    while (true) kept.push(new Array(1_000_000).fill({ kept }));
  }
  if (how === "spin") {
    const file = `${ctx.output("number")}/pid`;
    Deno.writeTextFileSync(file, `${Deno.pid}`);
    Deno.renameSync(file, `${file}.txt`);
    while (true) Math.sqrt(2);
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  if (how !== "nothing") await Deno.writeTextFile(`${ctx.output("number")}/number.txt`, "0\n");
}
