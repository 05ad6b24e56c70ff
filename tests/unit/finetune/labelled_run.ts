/**
 * Runs of the stages that train classifiers on tiny clips, for tests.
 *
 * @module
 */
import type { StageMain } from "../../../pipeline/stage.ts";
import { finetuneParams } from "../../../stages/finetune/definition.ts";
import finetuneEntry from "../../../stages/finetune/entry_cpu.ts";
import { readJson, writeJson } from "../../../stages/formats/json_text.ts";
import { finetuneParams as semiParams } from "../../../stages/finetune/definition.ts";
import semiEntry from "../../../stages/semi_supervised/entry_cpu.ts";
import { supervisedParams } from "../../../stages/supervised/definition.ts";
import supervisedEntry from "../../../stages/supervised/entry_cpu.ts";
import { transferParams } from "../../../stages/transfer/definition.ts";
import transferEntry from "../../../stages/transfer/entry_cpu.ts";
import { FakeContext, type FakeSettings, treeOf } from "../pretrain/fake_context.ts";
import { type Ending, TinyRun } from "../pretrain/tiny_run.ts";

const STAGES = {
  finetune: { params: finetuneParams, main: finetuneEntry },
  semi_supervised: { params: semiParams, main: semiEntry },
  transfer: { params: transferParams, main: transferEntry },
  supervised: { params: supervisedParams, main: supervisedEntry },
} as const;

/** One of the stages. */
export type LabelledStage = keyof typeof STAGES;

/** Short trainings. */
const SHORT = { epochs: 4, batch: 4, lr: 1e-4, milestones: [2, 3], evaluate_every: 2, seed: 5 };

/** A backbone that trains many steps a second. */
const TINY_BACKBONE = { width: 2, hidden_dim: 8 };

/** What a run is told beside its parameters. */
export interface RunSettings extends Ending, Pick<FakeSettings<unknown>, "backend" | "threads"> {
  /** Runs this in place of the stage's own entry. */
  readonly main?: StageMain;
  /** Folder of the clips, where they are not the run's own. */
  readonly clips?: string;
  /** Folder of the compiled kernels, for the backend that needs them. */
  readonly kernels?: string;
}

const OUTPUTS = ["result", "classifier", "log"] as const;

/** A temporary folder with clips, split, policy and an untrained encoder of two members. */
export class LabelledRun implements AsyncDisposable {
  private constructor(readonly tiny: TinyRun) {}

  /** Writes what the stages need, the encoder as `model` says; disposing of the run removes it. */
  static async make(
    clips: Parameters<typeof TinyRun.make>[0] = {},
    members = 1,
    model: Record<string, unknown> = {},
  ) {
    const tiny = await TinyRun.make(clips);
    await tiny.untrained("encoder", { members, ...model });
    return new LabelledRun(tiny);
  }

  /** Prepares an attempt to run a stage in `HOME/NAME`; what it leaves there is gone on from. */
  async begin(
    stage: LabelledStage,
    name: string,
    params: Record<string, unknown> = {},
    { main, clips, kernels, ...settings }: RunSettings = {},
  ) {
    const { home } = this.tiny;
    const own = stage === "supervised" ? TINY_BACKBONE : {};
    const ctx = await FakeContext.begin({
      params: STAGES[stage].params.parse({ ...SHORT, ...own, ...params }),
      home: `${home}/${name}`,
      inputs: {
        clips: clips ?? `${home}/clips`,
        split: `${home}/split`,
        ...(stage === "supervised"
          ? { policy: `${home}/policy` }
          : { encoder: this.tiny.output("encoder", "encoder") }),
        ...(kernels === undefined ? {} : { kernels }),
      },
      outputs: OUTPUTS,
      ...settings,
    });
    return { ctx, run: () => (main ?? STAGES[stage].main)(ctx) };
  }

  /** Runs a stage in `HOME/NAME`. */
  async train(
    stage: LabelledStage,
    name: string,
    params: Record<string, unknown> = {},
    settings: RunSettings = {},
  ) {
    const { ctx, run } = await this.begin(stage, name, params, settings);
    await run();
    return ctx;
  }

  /** All bytes that a run left, by output. */
  async outputs(name: string) {
    return await Promise.all(OUTPUTS.map((port) => treeOf(this.tiny.output(name, port))));
  }

  /** The content of `result.json`. */
  // deno-lint-ignore no-explicit-any
  result(name: string): Promise<any> {
    return readJson(`${this.tiny.output(name, "result")}/result.json`);
  }

  /** The lines of `log.csv`, split into cells, without the header. */
  async log(name: string): Promise<string[][]> {
    const text = await Deno.readTextFile(`${this.tiny.output(name, "log")}/log.csv`);
    return text.trimEnd().split("\n").slice(1).map((line) => line.split(","));
  }

  /** Lays fields over `split.json`. */
  async changeSplit(fields: Record<string, unknown>): Promise<void> {
    const file = `${this.tiny.home}/split/split.json`;
    await writeJson(file, { ...await readJson<Record<string, unknown>>(file), ...fields });
  }

  /** Removes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.tiny[Symbol.asyncDispose]();
  }
}
