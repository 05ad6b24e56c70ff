import { assert, assertEquals, assertThrows } from "@std/assert";
import { compare, compareTrajectory } from "../../stages/parity/comparison.ts";
import { runInFloat64 } from "../../stages/parity/float64_run.ts";
import { runTrajectory } from "../../stages/parity/own_trajectory.ts";
import { checkParity } from "../../stages/parity/parity_check.ts";
import { parityText } from "../../stages/parity/parity_text.ts";
import { parseTrajectories, TrajectoryFileError } from "../../stages/parity/trajectory_file.ts";
import { startCpu } from "../../stages/tensor/cpu_backend.ts";

const LONG = Deno.env.get("SKELRUN_LONG") !== undefined;

async function goldens(file: string) {
  const text = await Deno.readTextFile(new URL(`../goldens/${file}`, import.meta.url));
  return parseTrajectories(text, file);
}

const train = await goldens("golden_train.json");
const peer = await goldens("peer_train.json");
await startCpu();

// The second case is the harder one: it covers what the first does, on a derived stream.
for (const recorded of LONG ? train : train.slice(1)) {
  Deno.test(`${recorded.config.name}: the model in float64 reproduces the whole trajectory to 1e-8`, async () => {
    const { own, states } = await runInFloat64(recorded.config);
    assertEquals(states.length, recorded.config.steps);
    for (const { quantity, difference, where } of compareTrajectory(own, recorded)) {
      assert(difference < 1e-8, `${quantity} differs by ${difference} at ${where}`);
    }
    if (!LONG) return;
    const cpu = await runTrajectory(recorded.config, { states });
    for (const { quantity, difference, where } of compareTrajectory(cpu, recorded)) {
      assert(difference < 1e-5, `${quantity} differs by ${difference} at ${where}`);
    }
  });
}

for (const recorded of peer) {
  Deno.test(`${recorded.config.name}: the cpu backend agrees step by step, and float64 throughout`, async () => {
    const seen: number[] = [];
    const result = await checkParity(recorded, {
      tolerance: 2e-3,
      freeRunning: false,
      onStep: (done, total) => seen.push(done / total),
    });
    assert(result.passed);
    assert(result.largest < 1e-4, `largest difference ${result.largest}`);
    for (const { quantity, difference } of result.float64!) {
      assert(difference < 1e-8, `${quantity} differs by ${difference}`);
    }
    assertEquals(seen.length, 2 * recorded.config.steps);
    assertEquals(seen.at(-1), 1);
    assert(parityText(result, "cpu", 2e-3).startsWith(`${recorded.config.name}: passes`));
  });
}

Deno.test("a record with one wrong number fails, and the table says where", async () => {
  const [right] = peer.slice(-1);
  const wrong = structuredClone(right!);
  wrong.final_param_norms_key["neck.norm0.weight"]! *= 1.1;
  const options = { tolerance: 2e-3, freeRunning: true };
  const result = await checkParity(wrong, options);
  assert(!result.passed);
  const text = parityText(result, "cpu", 2e-3);
  assert(text.includes("FAILS"));
  assert(/final_param_norms_key .*neck\.norm0\.weight +<- past the tolerance/.test(text), text);
  assert(!/L_z .*past/.test(text));
});

Deno.test("differences are relative to the largest recorded value, and nonsense is infinite", () => {
  const difference = (own: number[], recorded: number[]) => compare("x", own, recorded).difference;
  assertEquals(difference([1, 2.5], [1, 2]), 0.25);
  assertEquals(difference([0, 0], [0, 0]), 0);
  assertEquals(difference([1e-9], [0]), Infinity);
  assertEquals(difference([NaN, 1], [1, 1]), Infinity);
  assertEquals(difference([1], [1, 1]), Infinity);
  assertEquals(compare("x", [1, 5, 2], [1, 2, 3], (i) => `step ${i}`).where, "step 1");
});

Deno.test("a malformed file gets an error for each wrong field", () => {
  const whole = structuredClone(peer.slice(0, 1)) as unknown as Record<string, unknown>[];
  const broken = (change: (value: Record<string, Record<string, unknown>>) => void) => {
    const copy = structuredClone(whole);
    change(copy[0] as Record<string, Record<string, unknown>>);
    const error = assertThrows(
      () => parseTrajectories(JSON.stringify(copy), "x.json"),
      TrajectoryFileError,
    );
    return error.message;
  };
  assertEquals(
    broken((value) => delete value.config!.tau),
    "x.json: [0].config.tau: expected number, found nothing",
  );
  assertEquals(
    broken((value) => value.config!.heads = 5),
    "x.json: [0].config.heads: expected a divisor of hd 24, found 5",
  );
  assertEquals(
    broken((value) => value.config!.K = 7),
    "x.json: [0].config.K: expected a multiple of N 3, found 7",
  );
  assert(
    broken((value) => value.config!.view = "angle").startsWith("x.json: [0].config.view: expected"),
  );
  assertEquals(
    broken((value) => (value.steps as unknown as Record<string, unknown>[])[1]!.L_s = "1"),
    "x.json: [0].steps[1].L_s: expected number, found string",
  );
  assertEquals(
    broken((value) => (value.steps as unknown as unknown[]).pop()),
    "x.json: [0].steps: expected as many as config.steps says, 3, found 2",
  );
  assert(
    assertThrows(() => parseTrajectories("[", "x.json")).message.startsWith(
      "x.json: expected JSON",
    ),
  );
  assertThrows(() => parseTrajectories("{}", "x.json"), TrajectoryFileError);
});
