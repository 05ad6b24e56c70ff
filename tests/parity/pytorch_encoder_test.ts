import { assert, assertEquals } from "@std/assert";
import { pythonTest } from "../unit/formats/python.ts";
import { TinyRun } from "../unit/pretrain/tiny_run.ts";

const SCRIPT = new URL("../../peer/torch_encoder.py", import.meta.url).pathname;
const PEER = new URL("../../peer/", import.meta.url).pathname;

for (const [stream, bodies] of [["joint", 1], ["motion", 2], ["bone", 2]] as const) {
  await pythonTest(
    "numpy, torch",
    `PyTorch loads a trained ${stream} encoder of ${bodies} bodies and gives the same features`,
    async (python) => {
      await using run = await TinyRun.make({ bodies, frames: 8 });
      await run.pretrain("trained", { stream, epochs: 2 });
      await run.encode("features", "trained");
      const script = `import sys, runpy; sys.path.insert(0, ${JSON.stringify(PEER)}); ` +
        `sys.argv[0] = ${JSON.stringify(SCRIPT)}; runpy.run_path(sys.argv[0], run_name="__main__")`;
      const said = await python(
        script,
        run.output("trained", "encoder"),
        "encoder",
        `${run.home}/clips/clips-00000.npy`,
        `${run.output("features", "features")}/encoder.npy`,
      ) as { shape: number[]; difference: number };
      assertEquals(said.shape, [8, 8]);
      assert(said.difference < 1e-4, `difference ${said.difference}`);
    },
  );
}
