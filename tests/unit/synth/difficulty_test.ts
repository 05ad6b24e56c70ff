import { assertEquals } from "@std/assert";
import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { formatNtuName } from "../../../stages/formats/ntu_name.ts";
import { readSkeletonText } from "../../../stages/formats/skeleton_text.ts";
import { normalizeClip } from "../../../stages/normalize/normalize_clip.ts";
import { trainsInNtu } from "../../../stages/split/ntu_protocols.ts";
import { recordingNames } from "../../../stages/synth/cast.ts";
import { type SynthParams, synthParams } from "../../../stages/synth/definition.ts";
import { skeletonText } from "../../../stages/synth/skeleton_writer.ts";
import { Studio } from "../../../stages/synth/studio.ts";

const FRAMES = 32;
const RIDGE = 1000;

interface Sample {
  readonly x: Float32Array;
  readonly label: number;
  readonly trains: boolean;
}

function samples(params: SynthParams): Sample[] {
  const studio = new Studio(params);
  const names = recordingNames(params).sort((a, b) =>
    a.performer - b.performer || a.action - b.action
  );
  return names.map((name) => {
    const text = skeletonText(studio.recording(name));
    const { positions } = readSkeletonText(text, formatNtuName(name), 2);
    const x = new Float32Array(3 * FRAMES * 25 * 2);
    normalizeClip(positions, 2, { frames: FRAMES, yRotation: "clipSign" }, x);
    const { performer: subject, camera, setup } = name;
    return { x, label: name.action - 1, trains: trainsInNtu("xsub", { subject, camera, setup }) };
  });
}

/** Standardises all samples, in place, by those that train. */
function standardise(train: readonly Sample[], all: readonly Sample[]): void {
  for (let d = 0; d < all[0]!.x.length; d++) {
    const mean = train.reduce((sum, { x }) => sum + x[d]!, 0) / train.length;
    const variance = train.reduce((sum, { x }) => sum + (x[d]! - mean) ** 2, 0) / train.length;
    for (const { x } of all) x[d] = (x[d]! - mean) / (Math.sqrt(variance) + 1e-6);
  }
}

const inner = (a: Float32Array, b: Float32Array) => {
  let sum = 0;
  for (let d = 0; d < a.length; d++) sum += a[d]! * b[d]!;
  return sum;
};

/** Share of the test samples that ridge regression in its dual form gets right. */
function ridgeAccuracy(all: readonly Sample[], classes: number): number {
  const train = all.filter(({ trains }) => trains);
  standardise(train, all);
  const gram = Matrix.zeros(train.length, train.length);
  train.forEach((a, i) =>
    train.slice(i).forEach((b, j) => {
      const product = inner(a.x, b.x) + (j === 0 ? RIDGE : 0);
      gram.set(i, i + j, product).set(i + j, i, product);
    })
  );
  const targets = new Matrix(
    train.map(({ label }) =>
      Array.from({ length: classes }, (_, c) => (c === label ? 1 : 0) - 1 / classes)
    ),
  );
  const weights = new CholeskyDecomposition(gram).solve(targets);
  const test = all.filter(({ trains }) => !trains);
  const right = test.filter(({ x, label }) => {
    const scores = new Float64Array(classes);
    train.forEach((sample, i) => {
      const product = inner(sample.x, x);
      for (let c = 0; c < classes; c++) scores[c]! += product * weights.get(i, c);
    });
    return scores.indexOf(Math.max(...scores)) === label;
  });
  return right.length / test.length;
}

Deno.test("raw coordinates give the classes away in part: far above chance, well below all", () => {
  const params = synthParams.parse({ replications: 1, performers: 8, frames: [40, 90] });
  const accuracy = ridgeAccuracy(samples(params), params.actions);
  assertEquals(accuracy > 0.45 && accuracy < 0.85, true, String(accuracy));
});
