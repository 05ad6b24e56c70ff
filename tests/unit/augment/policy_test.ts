import { assert, assertEquals, assertRejects } from "@std/assert";
import { augment, augmentParams } from "../../../stages/augment/definition.ts";
import { policyProblems, readPolicy, resolvePolicy } from "../../../stages/augment/policy.ts";
import { writeJson } from "../../../stages/formats/json_text.ts";

const resolve = (params: Record<string, unknown>, frames: number) =>
  resolvePolicy(augmentParams.parse(params), frames);

Deno.test("at 64 frames the policy is the method's", () => {
  const { crop, shear, swap, frames, seed } = resolve({}, 64);
  assertEquals([frames, seed], [64, 0]);
  assertEquals(crop, { enabled: true, ratio: 6, pad: 10, starts: 21 });
  assertEquals(shear, { enabled: true, amplitude: 0.5 });
  assertEquals(swap, {
    enabled: true,
    parts: [3, 4],
    tokens: [4, 7],
    tokens_total: 16,
    frames_per_token: 4,
  });
});

Deno.test("ranges are scaled to other lengths, and never leave the clip", () => {
  const at = (frames: number) => {
    const { crop, swap } = resolve({}, frames);
    return [crop.pad, crop.starts, ...swap.tokens, swap.tokens_total];
  };
  assertEquals(at(32), [5, 11, 2, 4, 8]);
  assertEquals(at(48), [8, 17, 3, 5, 12]);
  assertEquals(at(128), [21, 43, 8, 14, 32]);
  assertEquals(at(4), [0, 1, 1, 1, 1]);
  for (let frames = 4; frames <= 512; frames += 4) {
    for (const tokens of [[1, 1], [4, 7], [7, 11], [16, 16], [1, 16]]) {
      assertEquals(
        policyProblems(resolve({ swap: { tokens } }, frames)),
        [],
        `${frames}, ${tokens}`,
      );
    }
  }
});

Deno.test("what is switched off draws nothing: no padding, no amplitude", () => {
  const policy = resolve({ crop: { enabled: false }, shear: { enabled: false } }, 64);
  assertEquals(policy.crop, { enabled: false, ratio: 6, pad: 0, starts: 1 });
  assertEquals(policy.shear, { enabled: false, amplitude: 0 });
});

Deno.test("every purpose of a random stream is another one", () => {
  const { query, key, swap } = resolve({}, 64).random.streams;
  assertEquals(new Set([query.crop, query.shear, key.crop, key.shear, swap]).size, 5);
});

Deno.test("a policy comes back from its file; a broken one is refused by name", async () => {
  const folder = await Deno.makeTempDir();
  const file = `${folder}/policy.json`;
  try {
    const policy = resolve({ seed: 9 }, 32);
    await writeJson(file, policy);
    assertEquals(await readPolicy(folder), policy);
    const refuse = async (broken: unknown, message: string) => {
      await writeJson(file, broken);
      await assertRejects(() => readPolicy(folder), Error, `${file}: ${message}`);
    };
    await refuse({ ...policy, format: "policy/2" }, "format");
    await refuse(
      { ...policy, crop: { ...policy.crop, starts: 3 } },
      "crop.starts: expected 2 pad + 1 = 11",
    );
    await refuse(
      { ...policy, swap: { ...policy.swap, tokens: [4, 9] } },
      "swap.tokens: expected low",
    );
    await refuse(
      { ...policy, swap: { ...policy.swap, parts: [4, 3] } },
      "swap.parts: expected low",
    );
    await refuse({ ...policy, frames: 64 }, "swap.tokens_total: expected frames");
    await refuse({ ...policy, extra: 1 }, "policy: ");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("broken rules are found while planning, with their place", () => {
  const check = (params: Record<string, unknown>, frames?: number) =>
    augment.check!(
      augmentParams.parse(params),
      frames === undefined ? {} : { clips: { frames } },
    ).map(({ path }) => path.join("."));
  assertEquals(check({}, 64), []);
  assertEquals(check({ swap: { parts: [4, 3] } }), ["swap.parts"]);
  assertEquals(check({ swap: { tokens: [7, 4] } }, 64), ["swap.tokens"]);
  assertEquals(check({ crop: { ratio: 100 } }, 64), ["crop.ratio"]);
  assertEquals(check({ crop: { ratio: 100, enabled: false } }, 64), []);
  assertEquals(check({ crop: { ratio: 100 } }), []);
});

Deno.test("values outside of their ranges and unknown names are refused", () => {
  for (
    const params of [
      { swap: { parts: [1, 6] } },
      { swap: { tokens: [0, 4] } },
      { swap: { tokens: [4, 17] } },
      { swap: { tokens: [4] } },
      { shear: { amplitude: -1 } },
      { crop: { ratio: 0 } },
      { crop: { ratio: 2.5 } },
      { crops: {} },
      { shear: { amount: 0.5 } },
      { seed: -1 },
    ]
  ) {
    assert(!augmentParams.safeParse(params).success, JSON.stringify(params));
  }
});

Deno.test("facts of a policy are its length, where that is known, and whether it swaps", () => {
  const params = augmentParams.parse({});
  assertEquals(augment.facts!(params, { clips: { frames: 64 } }).policy, {
    frames: 64,
    swap: true,
  });
  assertEquals(augment.facts!(params, {}).policy, { swap: true });
});
