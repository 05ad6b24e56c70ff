/**
 * Runs the stage `split`.
 *
 * @module
 */
import type { StageContext } from "../../pipeline/stage.ts";
import type { ClipsMeta } from "../clips/clip_store.ts";
import { splitsFault } from "../clips/shipped_splits.ts";
import { readJson, writeJson } from "../formats/json_text.ts";
import { readNpy } from "../formats/npy.ts";
import { UnusableInput } from "../formats/unusable_input.ts";
import type { SplitParams } from "./definition.ts";
import { divide } from "./divide.ts";

/** Writes the output `split` from the columns of the input `clips`; frames are not read. */
export default async function split(ctx: StageContext<SplitParams>): Promise<void> {
  const folder = ctx.input("clips");
  const { protocol } = ctx.params;
  const { dataset, splits } = await readJson<Pick<ClipsMeta, "dataset" | "splits">>(
    `${folder}/meta.json`,
  );
  const column = async (name: string) => (await readNpy(`${folder}/${name}.npy`, "i4", 1)).data;
  const origins = {
    subjects: await column("subjects"),
    cameras: await column("cameras"),
    setups: await column("setups"),
  };
  const fault = splits && splitsFault(splits, origins.subjects.length);
  if (fault !== undefined) throw new UnusableInput(`${folder}/meta.json: ${fault}`);
  const { pretrain, folds } = divide(dataset, protocol, origins, splits);
  await writeJson(`${ctx.output("split")}/split.json`, {
    format: "split/1",
    protocol,
    clips: origins.subjects.length,
    pretrain,
    folds,
  });
  const train = Math.min(...folds.map((fold) => fold.train.length));
  const test = Math.min(...folds.map((fold) => fold.test.length));
  ctx.facts("split", { pretrain: pretrain.length, folds: folds.length, train, test });
  ctx.metric("train", pretrain.length);
  ctx.metric("test", folds.reduce((sum, fold) => sum + fold.test.length, 0));
  ctx.metric("folds", folds.length);
}
