import { assertEquals } from "@std/assert";
import type { DataOrigin } from "../../../stages/results/data_origin.ts";
import type { EncoderOrigin } from "../../../stages/results/result_file.ts";
import { type Claim, claimOf, type Evidence } from "../../../stages/table/levels.ts";
import { madeUpEncoder, REAL } from "../results/made_up_answers.ts";
import { madeUpResult } from "./made_up_results.ts";

const RELEASED = { width: 64, hidden_dim: 256, data: { classes: 60, frames: 64, bodies: 2 } };
const NTU60: DataOrigin = { dataset: "ntu", classes: 60, clips: 56_578, frames: 64, bodies: 2 };

/** Five full pre-trainings on all of NTU 60 that come out at the published number. */
const FULL: Evidence = {
  result: {
    ...madeUpResult("full", [[80, 81, 95, 80, 95]]),
    classes: 60,
    test: 16_487,
    data: NTU60,
    encoder: madeUpEncoder(300, ["a", "b", "c", "d", "e"], RELEASED),
  },
  probe: "linear",
  seeds: 5,
  last: 80.1,
  spread: 0.4,
  gains: [{ control: "untrained encoder", low: 3, floor: true }],
  reference: 80.3,
};

function changed(change: Partial<Evidence>, result: Partial<Evidence["result"]> = {}): Claim {
  return claimOf({ ...FULL, ...change, result: { ...FULL.result, ...result } });
}

Deno.test("only a full run at the published number, with five seeds and its control beaten, is R", () => {
  assertEquals(claimOf(FULL).level, "R");
  const smaller = madeUpEncoder(300, ["a", "b", "c", "d", "e"], { ...RELEASED, width: 16 });
  const shorter = madeUpEncoder(110, ["a", "b", "c", "d", "e"], RELEASED);
  const cases: [Claim, string][] = [
    [changed({ seeds: 4 }), "4 of 5 pre-trainings"],
    [changed({ reference: 80.6 }), "the published number is not within the spread of its seeds"],
    [changed({ last: 79.8 }), "the published number is not within the spread of its seeds"],
    [
      changed({}, { test: 16_486 }),
      "56578 clips of which 16486 test; the whole set has 56578 and 16487",
    ],
    [
      changed({}, { data: { ...NTU60, clips: 40_000 } }),
      "40000 clips of which 16487 test; the whole set has 56578 and 16487",
    ],
    [changed({}, { protocol: "xset" }), "not one of the paper's data sets and splits"],
    [changed({}, { encoder: smaller }), "width 16; the released setting is 64"],
    [changed({}, { encoder: shorter }), "110 epochs of pre-training of 300"],
    [changed({}, { data: { ...NTU60, frames: 50 } }), "frames 50; the released setting is 64"],
  ];
  for (const [claim, reason] of cases) assertEquals(claim, { level: "S", reason });
  const { reference: _, ...without } = FULL;
  assertEquals(claimOf(without), { level: "S", reason: "no published number beside it" });
});

Deno.test("synthetic recordings claim nothing, at NTU's full counts and above every control too", () => {
  const data = { ...NTU60, synthetic: true } as const;
  assertEquals(changed({}, { data }), { level: "P", reason: "synthetic recordings" });
  const prepared = changed({}, { data: { ...NTU60, prepared: true } });
  assertEquals(prepared.level, "P");
  const { data: __, ...unsaid } = FULL.result;
  assertEquals(claimOf({ ...FULL, result: unsaid }), {
    level: "P",
    reason: "it is not known where the clips come from",
  });
});

Deno.test("small real data are S only above every control, an untrained encoder among them", () => {
  const small = { data: REAL, classes: 10, test: 464, encoder: madeUpEncoder(60, ["a"]) };
  const untrained = { control: "untrained encoder", low: 2, floor: true };
  const raw = { control: "raw coordinates", low: 0.1, floor: false };
  assertEquals(changed({ gains: [untrained, raw] }, small).level, "S");
  const cases: [Claim, string][] = [
    [
      changed({ gains: [untrained, { ...raw, low: 0 }] }, small),
      "not clearly above raw coordinates",
    ],
    [changed({ gains: [{ ...untrained, low: -1 }] }, small), "not clearly above untrained encoder"],
    [
      changed({ gains: [raw] }, small),
      "no untrained encoder (nor one from scratch) among its controls",
    ],
    [changed({ gains: [] }, small), "no control beside it"],
    [
      changed({ gains: [untrained] }, { ...small, encoder: madeUpEncoder(0, ["a"]) }),
      "an untrained encoder",
    ],
  ];
  for (const [claim, reason] of cases) assertEquals(claim, { level: "P", reason });
});

Deno.test("what is trained from scratch is judged by its controls, and reproduces no pre-training", () => {
  const size = madeUpEncoder(0, ["a"], RELEASED);
  const small = changed({ probe: "supervised" }, { data: REAL, classes: 10, encoder: size });
  assertEquals(small.level, "S");
  assertEquals(changed({ probe: "supervised" }, { encoder: size }), {
    level: "S",
    reason: "no pre-trained encoder",
  });
});

Deno.test("an encoder that was pre-trained on another set claims nothing by itself", () => {
  const small = { data: REAL, classes: 10, test: 464 };
  const foreign = madeUpEncoder(60, ["a"], { data: { classes: 60, frames: 32, bodies: 1 } });
  const reason =
    "pre-trained on another data set, of which it is not known here whether it is real";
  assertEquals(changed({}, { ...small, encoder: foreign }), { level: "P", reason });
  const own = { ...small, encoder: madeUpEncoder(60, ["a"]) };
  assertEquals(changed({ probe: "transfer" }, own), { level: "P", reason });
  assertEquals(changed({}, own).level, "S");
  const told = (clips: EncoderOrigin["clips"]) =>
    changed({ probe: "transfer" }, { ...small, encoder: { ...foreign, ...(clips && { clips }) } });
  assertEquals(told({ dataset: "ntu" }).level, "S");
  const madeUp = "pre-trained on synthetic recordings";
  assertEquals(told({ dataset: "ntu", synthetic: true }), { level: "P", reason: madeUp });
});
