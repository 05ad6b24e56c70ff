import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { chooseStrength, ridgeProbe } from "../../../stages/linear_eval/ridge_probe.ts";
import { applyRidge, ridgeSystem } from "../../../stages/linear_eval/ridge_system.ts";
import { topK } from "../../../stages/statistics/classification.ts";
import { madeUpFeatures, range } from "./made_up_features.ts";

const PARAMS = { strengths: [1e-3, 1e-1, 1e1, 1e3], selection_folds: 3 };

Deno.test("ridge equals the solution by hand of one column and three clips", () => {
  // z = 1, 2, 6, classes 0, 0, 1. zbar = 3, ybar = (2/3, 1/3), sum (z - zbar)^2 = 14,
  // sum (z - zbar)(y - ybar) = (-3, 3). At strength 2: w = (-3, 3) / (14 + 2 * 3).
  const z = { rows: 3, columns: 1, values: Float32Array.of(1, 2, 6) };
  for (const form of ["primal", "dual"] as const) {
    const [fit] = ridgeSystem({ z, labels: [0, 0, 1], classes: 2 }, form).fits([0, 1, 2], [2]);
    assertAlmostEquals(fit!.weights[0]!, -0.15, 1e-12);
    assertAlmostEquals(fit!.weights[1]!, 0.15, 1e-12);
    assertAlmostEquals(fit!.centre[0]!, 3, 1e-12);
    assertAlmostEquals(fit!.offset[0]!, 2 / 3, 1e-12);
    const logits = applyRidge(fit!, z, [2]);
    assertAlmostEquals(logits[0]!, 2 / 3 - 0.45, 1e-6);
    assertAlmostEquals(logits[1]!, 1 / 3 + 0.45, 1e-6);
  }
});

Deno.test("primal and dual ridge give the same weights on every subset and strength", () => {
  for (const [clips, columns] of [[20, 7], [7, 20], [12, 12]] as const) {
    const { features: z, labels, classes } = madeUpFeatures(clips, columns, 3, 1, clips);
    const primal = ridgeSystem({ z, labels, classes }, "primal");
    const dual = ridgeSystem({ z, labels, classes }, "dual");
    for (const subset of [range(0, clips), range(0, clips).filter((i) => i % 4 !== 1)]) {
      const strengths = [1e-3, 1, 100];
      const others = [...dual.fits(subset, strengths)];
      [...primal.fits(subset, strengths)].forEach((fit, s) => {
        fit.weights.forEach((w, i) => assertAlmostEquals(w, others[s]!.weights[i]!, 1e-9));
      });
    }
  }
});

Deno.test("ridge weights make the gradient of the penalised squares zero", () => {
  const { features: z, labels, classes } = madeUpFeatures(30, 5, 3, 1);
  const strength = 0.3, n = 30;
  const [fit] = ridgeSystem({ z, labels, classes }).fits(range(0, n), [strength]);
  const logits = applyRidge(fit!, z, range(0, n));
  for (let d = 0; d < 5; d++) {
    for (let c = 0; c < classes; c++) {
      let gradient = strength * n * fit!.weights[d * classes + c]!;
      for (let i = 0; i < n; i++) {
        const residual = logits[i * classes + c]! - (labels[i] === c ? 1 : 0);
        gradient += residual * (z.values[i * 5 + d]! - fit!.centre[d]!);
      }
      assertAlmostEquals(gradient, 0, 1e-5);
    }
  }
});

Deno.test("ridgeProbe() reads separable classes and stays at chance on noise", () => {
  const subjects = Int32Array.from({ length: 400 }, (_, i) => i % 7);
  const test = range(200, 400);
  for (const [distance, low, high] of [[8, 100, 100], [0, 10, 40]] as const) {
    const data = madeUpFeatures(400, 12, 4, distance);
    const labels = test.map((clip) => data.labels[clip]!);
    const { logits } = ridgeProbe(data, subjects, range(0, 200), test, PARAMS);
    const top1 = topK({ logits, labels, classes: 4 }, 1);
    assert(top1 >= low && top1 <= high, `distance ${distance}: ${top1} %`);
  }
});

Deno.test("ridgeProbe() does not see the scale or the offset of the features", () => {
  const data = madeUpFeatures(120, 6, 3, 1.5);
  const subjects = Int32Array.from({ length: 120 }, (_, i) => i % 5);
  const [train, test] = [range(0, 80), range(80, 120)];
  const { logits, strength } = ridgeProbe(data, subjects, train, test, PARAMS);
  const scaled = data.features.values.map((value, i) => 1e-3 * value * (1 + i % 6) + 0.25);
  const other = ridgeProbe(
    { ...data, features: { ...data.features, values: scaled } },
    subjects,
    train,
    test,
    PARAMS,
  );
  assertEquals(other.strength, strength);
  logits.forEach((value, i) => assertAlmostEquals(other.logits[i]!, value, 1e-3));
});

Deno.test("ridgeProbe() leaves out columns that do not vary over the training clips", () => {
  const data = madeUpFeatures(60, 4, 2, 2);
  const train = range(0, 40), test = range(40, 60);
  const subjects = Int32Array.from({ length: 60 }, (_, i) => i % 4);
  const plain = ridgeProbe(data, subjects, train, test, PARAMS);
  const values = new Float32Array(60 * 6);
  for (let i = 0; i < 60; i++) {
    values.set(data.features.values.subarray(i * 4, i * 4 + 4), i * 6);
    values[i * 6 + 4] = 0.1; // constant
    values[i * 6 + 5] = i < 40 ? 0 : 1e6; // varies only where it must not be looked at
  }
  const wider = { ...data, features: { rows: 60, columns: 6, values } };
  const probe = ridgeProbe(wider, subjects, train, test, PARAMS);
  assertEquals(probe.constant_columns, 2);
  assertEquals(probe.logits, plain.logits);
});

Deno.test("ridgeProbe() says how its strength was chosen", () => {
  const data = madeUpFeatures(30, 3, 2, 1);
  const several = Int32Array.from({ length: 30 }, (_, i) => i % 2);
  const probe = (subjects: Int32Array, train: number[]) =>
    ridgeProbe(data, subjects, train, range(20, 30), PARAMS);
  assertEquals(probe(several, range(0, 20)).selection, { by: "subject", folds: 2 });
  assertEquals(probe(new Int32Array(30), range(0, 20)).selection, { by: "clip", folds: 3 });
  const alone = probe(several, [4]);
  assertEquals(alone.selection, { by: "none", folds: 0 });
  assertEquals(alone.candidates, []);
  assertEquals(alone.strength, PARAMS.strengths[2]);
});

Deno.test("chooseStrength() takes accuracy, then squared error, then the stronger penalty", () => {
  const candidate = (strength: number, accuracy: number, squared_error: number) => ({
    strength,
    accuracy,
    squared_error,
  });
  assertEquals(chooseStrength([candidate(1, 50, 2), candidate(2, 60, 9)]), 2);
  assertEquals(chooseStrength([candidate(1, 60, 2), candidate(2, 60, 9)]), 1);
  assertEquals(chooseStrength([candidate(1, 60, 2), candidate(2, 60, 2)]), 2);
  assertEquals(chooseStrength([]), undefined);
});
