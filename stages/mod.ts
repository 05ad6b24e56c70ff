/**
 * The catalogue: every stage by the name that experiment files write after `uses:`.
 *
 * Only definitions are imported here, which import no implementation, so that planning loads no
 * tensor library. Nothing inside `stages/` may import this file.
 *
 * @module
 */
import type { Catalogue } from "../pipeline/stage.ts";
import { augment } from "./augment/definition.ts";
import { autotune } from "./autotune/definition.ts";
import { curves } from "./curves/definition.ts";
import { encode } from "./encode/definition.ts";
import { ensemble } from "./ensemble/definition.ts";
import { finetune } from "./finetune/definition.ts";
import { flatten } from "./flatten/definition.ts";
import { kernels } from "./kernels/definition.ts";
import { knn } from "./knn/definition.ts";
import { linearEval } from "./linear_eval/definition.ts";
import { normalize } from "./normalize/definition.ts";
import { parseCustom } from "./parse/custom/definition.ts";
import { parseNtu } from "./parse/ntu/definition.ts";
import { parseNwUcla } from "./parse/nw_ucla/definition.ts";
import { parsePku } from "./parse/pku/definition.ts";
import { readPrepared } from "./prepared/read/definition.ts";
import { writePrepared } from "./prepared/write/definition.ts";
import { pretrain } from "./pretrain/definition.ts";
import { semiSupervised } from "./semi_supervised/definition.ts";
import { split } from "./split/definition.ts";
import { subset } from "./subset/definition.ts";
import { supervised } from "./supervised/definition.ts";
import { synth } from "./synth/definition.ts";
import { synthPku } from "./synth/pku/definition.ts";
import { table } from "./table/definition.ts";
import { transfer } from "./transfer/definition.ts";
import { tsne } from "./tsne/definition.ts";
import { untrained } from "./untrained/definition.ts";

/** All stages of the project, in the order in which data flows through them. */
export const catalogue: Catalogue = {
  synth,
  synth_pku: synthPku,
  parse_ntu: parseNtu,
  parse_nw_ucla: parseNwUcla,
  parse_custom: parseCustom,
  parse_pku: parsePku,
  read_prepared: readPrepared,
  normalize,
  split,
  subset,
  augment,
  kernels,
  autotune,
  pretrain,
  curves,
  untrained,
  encode,
  flatten,
  linear_eval: linearEval,
  finetune,
  semi_supervised: semiSupervised,
  transfer,
  supervised,
  knn,
  ensemble,
  table,
  tsne,
  write_prepared: writePrepared,
};
