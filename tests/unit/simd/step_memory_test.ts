/** The memory that is stated of a step beside the memory that it takes. */
import { assert } from "@std/assert";
import { modelConfig } from "../../../stages/model/config.ts";
import { stepBytes } from "../../../stages/model/step_memory.ts";
import { startSimd } from "./kernels.ts";
import { type SmallModel, Steps } from "./steps.ts";

type Sizes = Pick<SmallModel, "width" | "hidden_dim" | "batch" | "bodies"> & Partial<SmallModel>;

/** The sizes that matter, some at a batch or a length that a test has time for. */
const QUICK: readonly Sizes[] = [
  { width: 16, hidden_dim: 64, batch: 8, bodies: 1 },
  { width: 16, hidden_dim: 256, batch: 5, bodies: 2, frames: 32, stream: "bone" },
  { width: 8, hidden_dim: 128, batch: 24, bodies: 1, frames: 32, queue: 264 },
  { width: 64, hidden_dim: 256, batch: 4, bodies: 1, frames: 32, queue: 3000 },
];

const WHOLE: readonly Sizes[] = [
  { width: 16, hidden_dim: 64, batch: 8, bodies: 2 },
  { width: 16, hidden_dim: 64, batch: 32, bodies: 1 },
  { width: 16, hidden_dim: 64, batch: 32, bodies: 2 },
  { width: 16, hidden_dim: 256, batch: 16, bodies: 2 },
  { width: 16, hidden_dim: 256, batch: 32, bodies: 2 },
  { width: 64, hidden_dim: 256, batch: 8, bodies: 1 },
  { width: 64, hidden_dim: 256, batch: 8, bodies: 2 },
  { width: 64, hidden_dim: 256, batch: 16, bodies: 2 },
];

const REST = { feature_dim: 128, heads: 8, queue: 32768, frames: 64, stream: "joint" } as const;

for (const sizes of Deno.env.has("SKELRUN_LONG") ? [...QUICK, ...WHOLE] : QUICK) {
  const { width, hidden_dim, batch, bodies } = sizes;
  const name = `${width}/${hidden_dim}, ${batch} clips of ${bodies}`;
  Deno.test(`the memory stated of a step holds, and by less than a tenth too much (${name})`, async () => {
    const { pool } = await startSimd(2);
    const { batch, frames, bodies, ...config } = { ...REST, ...sizes };
    using run = new Steps({ ...config, batch, frames, bodies });
    await run.take(2);
    const stated = stepBytes(modelConfig(config), { frames, bodies, classes: 3 }, batch);
    const ratio = stated / pool.bytes.peak;
    const mib = pool.bytes.peak / 2 ** 20;
    assert(
      ratio >= 1 && ratio < 1.1,
      `${mib.toFixed(1)} MiB were taken, ${ratio} times that stated`,
    );
    // Gaps between blocks are few: the memory ends little beyond what is in use at the peak.
    const threads = pool.threads * 4 + 1;
    const end = pool.memory.buffer.byteLength / 2 ** 20;
    assert(end < 1.02 * stated / 2 ** 20 + threads + 16, `the memory ends at ${end} MiB`);
  });
}
