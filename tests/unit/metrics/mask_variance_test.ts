import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type MaskShares, MaskVariance } from "../../../stages/metrics/mask_variance.ts";
import { randomStream } from "../../../stages/random.ts";

const SHAPE = { steps: 3, joints: 5, channels: 4 };
const BODIES = 6;

/** The spread of a mask given by a formula of body, step, joint and channel. */
function spreadOf(
  mask: (r: number, t: number, v: number, c: number) => number,
  { steps, joints, channels } = SHAPE,
  bodies = BODIES,
) {
  const variance = new MaskVariance({ steps, joints, channels });
  for (let r = 0; r < bodies; r++) {
    variance.add(Float32Array.from({ length: steps * joints * channels }, (_, i) => {
      const token = Math.floor(i / channels);
      return mask(r, Math.floor(token / joints), token % joints, i % channels);
    }));
  }
  return variance.spread();
}

/** That one share is all there is. */
function assertPure(shares: MaskShares | null, name: keyof MaskShares): void {
  assert(shares !== null);
  for (const [other, share] of Object.entries(shares)) {
    assertAlmostEquals(share, other === name ? 1 : 0, 1e-9, other);
  }
}

Deno.test("a mask of one effect alone has all of its variance there", () => {
  const wave = (i: number) => 0.5 + 0.4 * Math.sin(2 * i + 1);
  assertPure(spreadOf((_r, _t, _v, c) => wave(c)).shares, "channel");
  assertPure(spreadOf((_r, _t, v) => wave(v)).shares, "joint");
  assertPure(spreadOf((_r, t) => wave(t)).shares, "frame");
  assertPure(spreadOf((r) => wave(r)).shares, "clip");
});

Deno.test("a mask of signs that no single effect explains is all residual", () => {
  const sign = (i: number) => i % 2 === 0 ? 1 : -1;
  const even = { steps: 2, joints: 4, channels: 4 };
  assertPure(spreadOf((r, _t, v) => 0.5 + 0.25 * sign(r + v), even).shares, "residual");
  assertPure(spreadOf((_r, _t, v, c) => 0.5 + 0.25 * sign(c) * sign(v), even).shares, "residual");
});

Deno.test("a gate of channels has nothing between tokens, also one of each clip's own; joints have all", () => {
  const wave = (i: number) => 0.5 + 0.4 * Math.sin(2 * i + 1);
  const between = (mask: Parameters<typeof spreadOf>[0]) => spreadOf(mask).tokens!;
  assertAlmostEquals(between((_r, _t, _v, c) => wave(c)), 0, 1e-9);
  assertAlmostEquals(between((r, _t, _v, c) => wave(3 * r + 7 * c)), 0, 1e-9);
  assertAlmostEquals(between((r) => wave(r)), 0, 1e-9);
  assertAlmostEquals(between((_r, _t, v) => wave(v)), 1, 1e-9);
  assertAlmostEquals(between((_r, t, v) => wave(t + 5 * v)), 1, 1e-9);
  // Bodies that pick joints of their own: all residual but for chance, and between tokens all the same.
  const own = spreadOf((r, _t, v) => v === r % 5 ? 1 : 0, SHAPE, 5);
  assertPure(own.shares, "residual");
  assertAlmostEquals(own.tokens!, 1, 1e-9);
  // Half of the variance is a gate's.
  const even = spreadOf((_r, _t, v, c) => (v % 2) + (c % 2), { steps: 1, joints: 4, channels: 4 });
  assertAlmostEquals(even.tokens!, 0.5, 1e-9);
});

Deno.test("a random mask is nearly all residual, and its mean and deviation are those of its numbers", () => {
  const random = randomStream(3, "mask");
  const shape = { steps: 8, joints: 25, channels: 32 };
  const { mean, deviation, shares } = spreadOf(() => random.uniform(), shape, 16);
  assert(shares !== null && shares.residual > 0.999);
  assertAlmostEquals(mean, 0.5, 2e-3);
  assertAlmostEquals(deviation, Math.sqrt(1 / 12), 2e-3);
});

Deno.test("two effects share the variance as their own variances do, and shares add up to 1", () => {
  const both = spreadOf((_r, t, v) => 0.1 * t + (v === 0 ? 0.2 : 0));
  // Variances of 0, 0.1, 0.2 and of 0.2, 0, 0, 0, 0.
  const [frame, joint] = [0.02 / 3, 0.04 * 4 / 25];
  assertAlmostEquals(both.shares!.frame, frame / (frame + joint), 1e-6);
  assertAlmostEquals(both.shares!.joint, joint / (frame + joint), 1e-6);
  fc.assert(fc.property(
    fc.array(fc.float({ min: 0, max: 1, noNaN: true }), {
      minLength: 2 * 2 * 3 * 2,
      maxLength: 2 * 2 * 3 * 2,
    }),
    (values) => {
      const { shares } = spreadOf(
        (r, t, v, c) => values[((r * 2 + t) * 3 + v) * 2 + c]!,
        { steps: 2, joints: 3, channels: 2 },
        2,
      );
      if (shares === null) return;
      const all = Object.values(shares);
      assert(all.every((share) => share >= 0 && share <= 1 + 1e-9));
      assertAlmostEquals(all.reduce((sum, share) => sum + share, 0), 1, 1e-9);
    },
  ));
});

Deno.test("a mask that hardly leaves its mean keeps its shares, a constant one has none", () => {
  assertPure(spreadOf((_r, _t, _v, c) => 0.5 + 1e-5 + 1e-6 * c).shares, "channel");
  const { mean, deviation, shares, tokens } = spreadOf(() => 0.3);
  assertAlmostEquals(mean, 0.3, 1e-7);
  assertEquals([deviation, shares, tokens], [0, null, null]);
  assertThrows(() => new MaskVariance(SHAPE).add(new Float32Array(7)), RangeError, "60 values");
});
