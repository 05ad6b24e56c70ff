/**
 * Writing a `result` artifact: every protocol reports through this one function, so that all of them
 * give the same figures in the same words.
 *
 * @module
 */
import { writeJson } from "../formats/json_text.ts";
import { encodeNpy } from "../formats/npy.ts";
import { chance, confusionMatrix } from "../statistics/classification.ts";
import { groupCount } from "../statistics/cluster_bootstrap.ts";
import { confusionChart } from "./confusion_chart.ts";
import type { DataOrigin } from "./data_origin.ts";
import {
  type EncoderOrigin,
  type Plane,
  type ResultFile,
  type RowExtras,
  summarize,
  type Varied,
} from "./result_file.ts";
import { scoreAnswers } from "./score.ts";

/** One classifier of one member, asked about all test clips. */
export interface Answers {
  /** Kind of classifier, such as `linear`, `finetune` or `knn5`. */
  readonly probe: string;
  /** Which encoder, initialisation or draw. */
  readonly member: string;
  /** Logits (test, classes), row-major, at the protocol's own last epoch. */
  readonly last: Float32Array<ArrayBuffer>;
  /** Logits at the epoch that was best on the test set, for protocols that have epochs. */
  readonly best?: { readonly logits: Float32Array<ArrayBuffer>; readonly epoch: number };
  /** What else is known of these answers. */
  readonly extras?: RowExtras;
}

/** What a protocol found out. */
export interface ResultInput {
  readonly title: string;
  /** Where features or encoder come from. */
  readonly source: string;
  /** Of the split, such as `xsub`. */
  readonly protocol: string;
  readonly classes: number;
  readonly classNames?: readonly string[];
  /** The test clips of all folds, ascending, with their classes (0-based) and subjects. */
  readonly test: {
    readonly clips: Int32Array<ArrayBuffer>;
    readonly labels: Int32Array<ArrayBuffer>;
    readonly subjects: Int32Array<ArrayBuffer>;
  };
  /** Where the clips come from; without it nothing is claimed of real data. */
  readonly data?: DataOrigin;
  /** The encoder behind the answers; unset where there is none. */
  readonly encoder?: EncoderOrigin;
  /** 0-based classes of two people, where the set has both kinds; those of `data` if unset. */
  readonly mutual?: readonly number[];
  /** Different clips that train. */
  readonly train: number;
  /** Clips really used per epoch, one for each fold or member. */
  readonly clipsPerEpoch?: readonly number[];
  /** What differs between members. */
  readonly varied: readonly Varied[];
  readonly answers: readonly Answers[];
  /** Statistics of each member's features. */
  readonly features?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** How it was run, JSON values. */
  readonly details: Readonly<Record<string, unknown>>;
  /** The probe whose confusion matrix is drawn; the first one of `answers` if unset. */
  readonly chart?: string;
}

/**
 * Writes `result.json`, `logits.npy` (planes, test, classes), `confusion.npy` (planes, classes,
 * classes), `test_clips.npy`, `test_labels.npy`, `test_subjects.npy` and `confusion.svg`.
 *
 * @param folder The (existing, empty) folder of the output.
 * @returns The content of `result.json`.
 * @throws {RangeError} If there are no answers, two of one probe and member, or sizes do not fit.
 */
export async function writeResult(folder: string, input: ResultInput): Promise<ResultFile> {
  requireFitting(input);
  const { test: { clips, labels, subjects }, classes } = input;
  const blocks = input.answers.flatMap(({ probe, member, last, best }) => [
    { plane: { probe, member, at: "last" } satisfies Plane, logits: last },
    ...(best === undefined
      ? []
      : [{ plane: { probe, member, at: "best" } satisfies Plane, logits: best.logits }]),
  ]);
  const logits = new Float32Array(blocks.length * labels.length * classes);
  const confusions = new Int32Array(blocks.length * classes ** 2);
  const shown = input.chart ?? input.answers[0]!.probe;
  const drawn = new Float64Array(classes ** 2);
  for (const [i, { plane, logits: block }] of blocks.entries()) {
    const confusion = confusionMatrix({ logits: block, labels, classes });
    logits.set(block, i * block.length);
    confusions.set(confusion, i * confusion.length);
    if (plane.probe !== shown || plane.at !== "last") continue;
    for (let c = 0; c < drawn.length; c++) drawn[c]! += confusion[c]!;
  }
  const mutual = input.mutual ?? input.data?.mutual;
  const rows = input.answers.map((answers) => scoreAnswers(answers, { ...input, mutual }));
  const result: ResultFile = {
    format: "result/2",
    title: input.title,
    source: input.source,
    classes,
    ...(input.classNames === undefined ? {} : { class_names: input.classNames }),
    protocol: input.protocol,
    train: input.train,
    ...(input.clipsPerEpoch === undefined ? {} : { clips_per_epoch: input.clipsPerEpoch }),
    test: labels.length,
    subjects: groupCount(subjects),
    ...(mutual === undefined ? {} : { mutual }),
    varied: input.varied,
    ...(input.data === undefined ? {} : { data: input.data }),
    ...(input.encoder === undefined ? {} : { encoder: input.encoder }),
    chance: chance(labels),
    planes: blocks.map(({ plane }) => plane),
    rows,
    summary: summarize(rows),
    features: input.features ?? {},
    details: input.details,
  };
  const array = (
    name: string,
    values: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>,
    ...shape: number[]
  ) => Deno.writeFile(`${folder}/${name}.npy`, encodeNpy(values, shape));
  await array("logits", logits, blocks.length, labels.length, classes);
  await array("confusion", confusions, blocks.length, classes, classes);
  await array("test_clips", clips, clips.length);
  await array("test_labels", labels, labels.length);
  await array("test_subjects", subjects, subjects.length);
  await Deno.writeTextFile(`${folder}/confusion.svg`, confusionChart(input, shown, drawn));
  await writeJson(`${folder}/result.json`, result);
  return result;
}

function requireFitting({ answers, chart, classes, mutual, test }: ResultInput): void {
  const { clips, labels, subjects } = test;
  if (answers.length === 0) throw new RangeError("a result needs the answers of a classifier");
  if (labels.length !== clips.length || subjects.length !== clips.length) {
    throw new RangeError(
      `a result of ${clips.length} test clips, ${labels.length} labels and ${subjects.length} ` +
        "subjects",
    );
  }
  if (clips.some((clip, i) => i > 0 && clip <= clips[i - 1]!)) {
    throw new RangeError("test clips of a result must ascend, each once");
  }
  const seen = new Set<string>();
  for (const { probe, member, last, best } of answers) {
    const name = `${probe} of ${member}`;
    if (seen.has(name)) throw new RangeError(`a result with two answers by ${name}`);
    seen.add(name);
    for (const logits of [last, ...(best === undefined ? [] : [best.logits])]) {
      if (logits.length === clips.length * classes) continue;
      throw new RangeError(
        `${name}: ${logits.length} logits for ${clips.length} test clips and ${classes} classes`,
      );
    }
  }
  if (chart !== undefined && !answers.some(({ probe }) => probe === chart)) {
    throw new RangeError(`no answers by ${chart}, whose confusion is to be drawn`);
  }
  const outside = mutual?.find((label) => !(label >= 0 && label < classes));
  if (outside !== undefined) {
    throw new RangeError(`class ${outside} of two people is not among the ${classes} classes`);
  }
}
