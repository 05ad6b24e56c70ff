import { assert, assertEquals } from "@std/assert";
import type { Call } from "../../../pipeline/verb.ts";
import { runTrajectory } from "../../../stages/parity/own_trajectory.ts";
import type { TrajectoryCase, TrajectoryConfig } from "../../../stages/parity/trajectory_file.ts";
import { startCpu } from "../../../stages/tensor/cpu_backend.ts";
import { parity } from "../../../stages/verbs/parity.ts";

const CONFIG: TrajectoryConfig = {
  name: "one step",
  view: "joint",
  feature_dim: 4,
  K: 6,
  hc: 2,
  hd: 8,
  heads: 2,
  classes: 3,
  Lambda: 2,
  tau: 0.2,
  m: 0.9,
  mu: 0.5,
  lr: 0.01,
  wd: 1e-4,
  N: 3,
  steps: 1,
  phase: 0,
  i0: 1,
  I: 10,
  off: 0,
  swap: [{ shift: 1, parts: [0, 3], t0: 2, Ct: 3 }],
};

/** Calls a verb with options as `--name value` gives them. */
function callOf(
  args: Record<string, string>,
  options: Record<string, string | true>,
): { call: Call; said: { out: string; err: string } } {
  const said = { out: "", err: "" };
  const call = {
    terminal: {
      out: (text: string) => void (said.out += text),
      err: (text: string) => void (said.err += text),
      live: false,
      columns: 80,
    },
    args,
    flag: (name: string) => options[name] === true,
    value: (name: string) => typeof options[name] === "string" ? options[name] : undefined,
  } as unknown as Call;
  return { call, said };
}

/** A record of our own run. */
async function ownRecord(): Promise<TrajectoryCase> {
  await startCpu();
  const own = await runTrajectory(CONFIG);
  const step = (name: keyof typeof own.steps) => own.steps[name][0]!;
  return {
    config: CONFIG,
    steps: [{
      L_z: step("L_z"),
      L_s: step("L_s"),
      L_ns: step("L_ns"),
      total: step("total"),
      ema: step("ema"),
    }],
    final_param_norms_query: own.norms.query,
    final_param_norms_key: own.norms.key,
    final_data_bn_query: own.dataNorm.query,
    final_data_bn_key: own.dataNorm.key,
    queue_col_sums_first: [...own.queueSums],
    queue_ptr: own.queuePointer,
    eval_logits: [0, 1, 2].map((i) => own.evalLogits.slice(3 * i, 3 * i + 3)),
  } as TrajectoryCase;
}

async function withFile(text: string, use: (file: string) => Promise<void>): Promise<void> {
  const file = await Deno.makeTempFile({ suffix: ".json" });
  try {
    await Deno.writeTextFile(file, text);
    await use(file);
  } finally {
    await Deno.remove(file);
  }
}

Deno.test("`parity` ends with 0 where a free run repeats its record, and says so as JSON", async () => {
  const record = await ownRecord();
  await withFile(JSON.stringify([record]), async (file) => {
    const options = { backend: "cpu", "free-running": true, json: true } as const;
    const { call, said } = callOf({ FILE: file }, options);
    assertEquals(await parity.run(call), 0);
    const document = JSON.parse(said.out);
    assertEquals(document.passed, true);
    assertEquals(document.cases[0].largest, 0);
    assertEquals(document.cases[0].backend.length, 14);
    assert(said.err.includes("1 of 1 steps"), said.err);
  });
});

Deno.test("`parity` ends with 1 past the tolerance, and for a wrong pointer whatever the tolerance", async () => {
  const record = await ownRecord();
  record.steps[0]!.L_s *= 1.01;
  await withFile(JSON.stringify([record]), async (file) => {
    const options = { backend: "cpu", "free-running": true } as const;
    const strict = callOf({ FILE: file }, options);
    assertEquals(await parity.run(strict.call), 1);
    assert(/L_s +9\.9e-3 .*past the tolerance/.test(strict.said.out), strict.said.out);
    const loose = callOf({ FILE: file }, { ...options, tolerance: "0.02" });
    assertEquals(await parity.run(loose.call), 0);
  });
  const wrong = { ...record, queue_ptr: 0 };
  await withFile(JSON.stringify([wrong]), async (file) => {
    const options = { backend: "cpu", "free-running": true, tolerance: "1" } as const;
    const { call, said } = callOf({ FILE: file }, options);
    assertEquals(await parity.run(call), 1);
    assert(said.out.includes("3, recorded 0"), said.out);
  });
});

Deno.test("`parity` ends with 2 for what the user got wrong, and says what it is", async () => {
  const outcome = async (args: Record<string, string>, options: Record<string, string | true>) => {
    const { call, said } = callOf(args, options);
    assertEquals(await parity.run(call), 2);
    return said.err;
  };
  const missing = await outcome({ FILE: "no/such.json" }, { backend: "cpu" });
  assertEquals(missing, "parity: no/such.json: expected a file, found nothing there\n");
  const folder = await outcome({ FILE: "." }, { backend: "cpu" });
  assertEquals(folder, "parity: .: expected a file, found a folder\n");
  assert((await outcome({ FILE: "x" }, { tolerance: "much" })).includes("--tolerance"));
  assert((await outcome({ FILE: "x" }, { backend: "gpu" })).includes('found "gpu"'));
  await withFile("[{}]", async (file) => {
    assert(
      (await outcome({ FILE: file }, {})).includes("[0].config: expected object, found nothing"),
    );
  });
});
