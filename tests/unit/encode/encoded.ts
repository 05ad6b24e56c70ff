/** Runs of `encode` on what a tiny pre-training left, with any of its inputs. */
import { encodeParams } from "../../../stages/encode/definition.ts";
import encodeEntry from "../../../stages/encode/entry_cpu.ts";
import { FakeContext } from "../pretrain/fake_context.ts";
import type { Ending, TinyRun } from "../pretrain/tiny_run.ts";

/** Frames of a clip. */
export const FRAMES = 8;

/** Parameters of a pre-training of two steps, called `trained`. */
export const QUICK = {
  epochs: 1,
  steps: 2,
  knn: { every: 0 },
  mask: { clips: 0 },
  milestones: [1],
};

/** Encodes in HOME/NAME with the inputs named, all of them of the tiny run. */
export async function encoded(
  run: TinyRun,
  name: string,
  params: Record<string, unknown>,
  inputs: readonly string[] = ["training", "policy", "split"],
  ending: Ending = {},
): Promise<FakeContext<unknown>> {
  const all: Record<string, string> = {
    clips: `${run.home}/clips`,
    policy: `${run.home}/policy`,
    split: `${run.home}/split`,
    encoder: run.output("trained", "encoder"),
    training: run.output("trained", "training"),
  };
  const ctx = await FakeContext.begin({
    params: encodeParams.parse({ batch: 50, checkpoint_every: 3, ...params }),
    home: `${run.home}/${name}`,
    inputs: Object.fromEntries(
      ["clips", "encoder", ...inputs].map((input) => [input, all[input]!]),
    ),
    outputs: ["features"],
    ...ending,
  });
  await encodeEntry(ctx);
  return ctx;
}
