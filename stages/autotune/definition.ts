/**
 * The `autotune` stage: which tiles matrix products are cut into on this adapter. The runner adds it by
 * itself where a stage computes on `webgpu`.
 *
 * Its result hangs on measured times, which its key cannot hold: it is made once for a class of device and
 * kept, and stages that use it have its digest in their keys. No time is in it, only choices.
 *
 * @module
 */
import { z } from "zod";
import type { StageDefinition } from "../../pipeline/stage.ts";

/** Parameters of `autotune`. */
export const autotuneParams = z.strictObject({
  rounds: z.int().min(1).default(5).describe(
    "Times that each tile is measured; medians are compared.",
  ),
  margin: z.number().min(0).nullable().default(null).describe(
    "How much faster a tile must be than the usual one to be chosen, as a share: 0.05 is 5 %. null " +
      "for 0.05 on a GPU, and for 0.25 on an adapter in software, whose times are less sure.",
  ),
});

/** Parameters of `autotune` after defaults. */
export type AutotuneParams = z.output<typeof autotuneParams>;

/** Measures tiles on the device. */
export const autotune: StageDefinition<typeof autotuneParams> = {
  name: "autotune",
  summary: "Chooses the tiles of matrix products for the GPU in use, by measuring them",
  params: autotuneParams,
  inputs: {},
  outputs: { tiles: { type: "tiles", summary: "tiles.json: a tile for each class of shape" } },
  entry: {
    cpu: new URL("./entry_cpu.ts", import.meta.url).href,
    webgpu: new URL("./entry_webgpu.ts", import.meta.url).href,
  },
  resources: { cores: 1, memoryMiB: 2048 },
};
