/** Results of made-up classifiers, written as a protocol writes its own. */
import { randomStream } from "../../../stages/random.ts";
import type { DataOrigin } from "../../../stages/results/data_origin.ts";
import type { EncoderOrigin } from "../../../stages/results/result_file.ts";
import { type Answers, type ResultInput } from "../../../stages/results/result_writer.ts";

export const CLASSES = 10;

/** NW-UCLA, as it is when it was parsed from the sensor's recordings. */
export const REAL: DataOrigin = {
  dataset: "nw_ucla",
  classes: CLASSES,
  clips: 1484,
  frames: 32,
  bodies: 1,
};

/** An encoder of some seeds, trained for so many epochs. */
export function madeUpEncoder(
  epochs: number,
  seeds: readonly string[],
  more: Partial<EncoderOrigin> = {},
): EncoderOrigin {
  return {
    width: 16,
    hidden_dim: 128,
    stream: "joint",
    data: { classes: CLASSES, frames: 32, bodies: 1 },
    trained: { epochs, steps: epochs * 10, clips_seen: epochs * 160 },
    weights: seeds,
    ...more,
  };
}

/**
 * Test clips of some subjects and classifiers with about the accuracies asked for, in percent. The same
 * clips are easy for all of them, as real ones are.
 *
 * @param accuracies By kind of classifier, one for each member.
 */
export function madeUpInput(
  accuracies: Readonly<Record<string, readonly number[]>>,
  { subjects = 12, clips = 240, ...more }: Partial<Omit<ResultInput, "test" | "answers">> & {
    readonly subjects?: number;
    readonly clips?: number;
  } = {},
): ResultInput {
  const labels = Int32Array.from({ length: clips }, (_, i) => i % CLASSES);
  const drawn = randomStream(1, "difficulty");
  const difficulty = Float32Array.from({ length: clips }, () => 100 * drawn.uniform());
  const answers = Object.entries(accuracies).flatMap(([probe, members]) =>
    members.map((accuracy, m): Answers => {
      const stream = randomStream(m, `answers ${probe} ${accuracy}`);
      const logits = (top: number) => {
        const values = new Float32Array(clips * CLASSES);
        stream.fillNormal(values, 0, 0.1);
        for (let i = 0; i < clips; i++) {
          const right = difficulty[i]! + 8 * stream.normal() < top;
          const named = right ? labels[i]! : (labels[i]! + 1 + i % 3) % CLASSES;
          values[i * CLASSES + named]! += 3;
        }
        return values;
      };
      const last = logits(accuracy);
      const best = { logits: logits(accuracy + 2), epoch: 40 };
      const epochs = !/^knn|converged|nn1|ensemble/.test(probe);
      return { probe, member: `seed${m}`, last, ...(epochs ? { best } : {}) };
    })
  );
  return {
    title: "made up",
    source: "pre-trained encoder",
    protocol: "xsub",
    classes: CLASSES,
    test: {
      clips: Int32Array.from({ length: clips }, (_, i) => 2 * i),
      labels,
      subjects: Int32Array.from(
        { length: clips },
        (_, i) => 1 + Math.floor(i / CLASSES) % subjects,
      ),
    },
    train: 1020,
    varied: [],
    answers,
    details: {},
    ...more,
  };
}
