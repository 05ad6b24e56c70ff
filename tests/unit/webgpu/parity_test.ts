import { assert } from "@std/assert";
import { checkParity } from "../../../stages/parity/parity_check.ts";
import { parityText } from "../../../stages/parity/parity_text.ts";
import { parseTrajectories } from "../../../stages/parity/trajectory_file.ts";
import { gpuTest, startGpu } from "./gpu_run.ts";

const LONG = Deno.env.has("SKELRUN_LONG");

async function records(file: string) {
  const text = await Deno.readTextFile(new URL(`../../goldens/${file}`, import.meta.url));
  return parseTrajectories(text, file);
}

const short = (await records("peer_train.json")).slice(0, 1);
const whole = LONG ? await records("golden_train.json") : [];

for (const recorded of [...short, ...whole]) {
  gpuTest(
    `${recorded.config.name}: webgpu agrees with the recorded training, step by step`,
    async () => {
      await startGpu();
      const tolerance = 1e-4;
      const result = await checkParity(recorded, { tolerance, freeRunning: false });
      assert(result.passed, parityText(result, "webgpu", tolerance));
    },
  );
}
