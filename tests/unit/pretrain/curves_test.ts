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
    await Deno.writeTextFile(`${log}/knn.csv`, "step,epoch,k,top1\n10,1,5,40\n20,2,5,60\n");
    const mask =
      "step,channel,joint,frame,clip,residual,auc\n10,.9,,,,.1,.5\n20,.5,.1,.1,.1,.2,.7\n";
    await Deno.writeTextFile(`${log}/mask.csv`, mask);
    const summary = { mask: { untrained: { auc: 0.51 }, random: { auc: null } } };
    await Deno.writeTextFile(`${log}/summary.json`, JSON.stringify(summary));
    const ctx = await FakeContext.begin({
      params: curvesParams.parse({ title: "Two rows" }),
      home,
      inputs: { log },
      outputs: ["chart"],
    });
    await entry(ctx);
    const svg = await Deno.readTextFile(`${home}/out/chart/log.svg`);
    assert(svg.startsWith("<svg") && svg.includes("Two rows") && svg.includes("L_ns"));
    for (const shown of ["k = 5", "between channels", "untrained mask"]) {
      assert(svg.includes(shown));
    }
    assert(!svg.includes("random mask"));
    await Deno.writeTextFile(`${log}/summary.json`, JSON.stringify({ mask: null }));
    await Deno.writeTextFile(`${log}/mask.csv`, "step,channel,auc\n");
    await entry(ctx);
    assert(!(await Deno.readTextFile(`${home}/out/chart/log.svg`)).includes("between channels"));
    await Deno.writeTextFile(`${log}/knn.csv`, "step,epoch,k,top1\n10,1,5,many\n");
    await assertRejects(() => entry(ctx), Error, "knn.csv, line 2: expected a number for top1");
    await Deno.writeTextFile(`${log}/log.csv`, `${header}\n${line(10)}\n1,2\n`);
    await assertRejects(() => entry(ctx), Error, "log.csv, line 3");
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});
