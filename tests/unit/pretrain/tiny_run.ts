/**
 * Runs of the training stages on tiny clips, for tests.
 *
 * @module
 */
import type { StageMain } from "../../../pipeline/stage.ts";
import { augmentParams } from "../../../stages/augment/definition.ts";
import { resolvePolicy } from "../../../stages/augment/policy.ts";
import { encodeParams } from "../../../stages/encode/definition.ts";
import encodeEntry from "../../../stages/encode/entry_cpu.ts";
import { writeJson } from "../../../stages/formats/json_text.ts";
import { type PretrainParams, pretrainParams } from "../../../stages/pretrain/definition.ts";
import pretrainEntry from "../../../stages/pretrain/entry_cpu.ts";
import { type UntrainedParams, untrainedParams } from "../../../stages/untrained/definition.ts";
import untrainedEntry from "../../../stages/untrained/entry_cpu.ts";
import { FakeContext, type FakeSettings } from "./fake_context.ts";
import { type TinyClips, writeTinyClips } from "./tiny_clips.ts";

/** A model that trains many steps a second. */
export const TINY_MODEL = {
  width: 2,
  hidden_dim: 8,
  feature_dim: 8,
  heads: 2,
  queue: 8,
  dropout: 0.5,
};

/** Eight steps: two an epoch. */
export const TINY_PRETRAIN = {
  ...TINY_MODEL,
  batch: 4,
  epochs: 4,
  lr: 0.01,
  milestones: [3],
  checkpoint_every: 3,
  log_every: 2,
  knn: { every: 2, k: [1, 40] },
  mask: { clips: 3 },
};

/** When an attempt ends early. */
export type Ending = Pick<FakeSettings<unknown>, "stopAfter" | "killAfter">;

/** A temporary folder with clips, split and policy, in which stages are run. */
export class TinyRun implements AsyncDisposable {
  private constructor(readonly home: string) {}

  /** Writes clips, split and policy; disposing of the run removes them. */
  static async make(tiny: Partial<TinyClips> = {}): Promise<TinyRun> {
    const home = await Deno.makeTempDir();
    const clips = { clips: 15, frames: 4, bodies: 1, classes: 2, ...tiny } as const;
    await writeTinyClips(home, clips);
    await Deno.mkdir(`${home}/policy`);
    await writeJson(
      `${home}/policy/policy.json`,
      resolvePolicy(augmentParams.parse({ seed: 3 }), clips.frames),
    );
    return new TinyRun(home);
  }

  /** Pre-trains in `HOME/NAME`, on the `cpu` backend or as `main` does. */
  async pretrain(
    name: string,
    params: Record<string, unknown> = {},
    ending: Ending = {},
    main: StageMain = pretrainEntry,
  ): Promise<FakeContext<PretrainParams>> {
    const ctx = await FakeContext.begin({
      params: pretrainParams.parse({ ...TINY_PRETRAIN, ...params }),
      home: `${this.home}/${name}`,
      inputs: this.#inputs("clips", "split", "policy"),
      outputs: ["encoder", "log", "training"],
      ...ending,
    });
    await main(ctx);
    return ctx;
  }

  /** Makes untrained encoders in `HOME/NAME`. */
  async untrained(
    name: string,
    params: Record<string, unknown> = {},
    ending: Ending = {},
  ): Promise<FakeContext<UntrainedParams>> {
    const ctx = await FakeContext.begin({
      params: untrainedParams.parse({ ...TINY_MODEL, batch: 4, ...params }),
      home: `${this.home}/${name}`,
      inputs: this.#inputs("clips", "split"),
      outputs: ["encoder"],
      ...ending,
    });
    await untrainedEntry(ctx);
    return ctx;
  }

  /** Encodes with the encoder that the run `from` left, in `HOME/NAME`. */
  async encode(
    name: string,
    from: string,
    params: Record<string, unknown> = {},
    ending: Ending = {},
  ) {
    const ctx = await FakeContext.begin({
      params: encodeParams.parse({ batch: 4, ...params }),
      home: `${this.home}/${name}`,
      inputs: { ...this.#inputs("clips"), encoder: `${this.home}/${from}/out/encoder` },
      outputs: ["features"],
      ...ending,
    });
    await encodeEntry(ctx);
    return ctx;
  }

  /** The folder of an output. */
  output(name: string, port: string): string {
    return `${this.home}/${name}/out/${port}`;
  }

  /** Removes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.home, { recursive: true });
  }

  #inputs(...names: readonly string[]): Record<string, string> {
    return Object.fromEntries(names.map((name) => [name, `${this.home}/${name}`]));
  }
}
