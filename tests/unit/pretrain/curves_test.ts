import { assert, assertRejects } from "@std/assert";
import { curvesParams } from "../../../stages/curves/definition.ts";
import entry from "../../../stages/curves/entry.ts";
import { LOG_COLUMNS } from "../../../stages/pretrain/log_row.ts";
import { FakeContext } from "./fake_context.ts";

Deno.test("curves draws the log of a run, and names the line it cannot read", async () => {
  const home = await Deno.makeTempDir();
  try {
    const log = `${home}/log`;
    await Deno.mkdir(log);
    const header = LOG_COLUMNS.join(",");
    const line = (step: number) => LOG_COLUMNS.map((_, i) => i === 0 ? step : i).join(",");
    await Deno.writeTextFile(`${log}/log.csv`, `${header}\n${line(10)}\n${line(20)}\n`);
    const ctx = await FakeContext.begin({
      params: curvesParams.parse({ title: "Two rows" }),
      home,
      inputs: { log },
      outputs: ["chart"],
    });
    await entry(ctx);
    const svg = await Deno.readTextFile(`${home}/out/chart/log.svg`);
    assert(svg.startsWith("<svg") && svg.includes("Two rows") && svg.includes("L_ns"));
    await Deno.writeTextFile(`${log}/log.csv`, `${header}\n${line(10)}\n1,2\n`);
    await assertRejects(() => entry(ctx), Error, "log.csv, line 3");
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});
