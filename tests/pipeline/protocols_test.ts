/**
 * Every protocol at toy size, as a user runs it: `deno task run` on each file of `experiments/ci`, in a
 * fresh store, and then again.
 */
import { assert, assertEquals } from "@std/assert";

const root = new URL("../../", import.meta.url).pathname;

/** What `run --json` says of a stage, as far as it is looked at. */
interface StageReport {
  readonly id: string;
  readonly uses: string;
  readonly status: string;
  readonly metrics?: Readonly<Record<string, number>>;
  readonly outputs?: readonly { readonly name: string; readonly type: string }[];
}

interface RunReport {
  readonly status: string;
  readonly stages: readonly StageReport[];
}

async function run(file: string, store: string): Promise<RunReport> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "-q", "run", `experiments/ci/${file}`, "--json", "--store", store],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const report = JSON.parse(text(stdout) || "{}") as Partial<RunReport>;
  assertEquals(report.status, "done", `${file}:\n${text(stderr)}`);
  return report as RunReport;
}

/** The stage types that score something: each of their cells must have figures. */
const SCORING = [
  "linear_eval",
  "knn",
  "finetune",
  "semi_supervised",
  "supervised",
  "transfer",
  "ensemble",
];

Deno.test("the protocols at toy size: each ends in a table, they share what they can, and again nothing runs", async () => {
  const files = [...Deno.readDirSync(`${root}experiments/ci`)].map(({ name }) => name).sort();
  const store = await Deno.makeTempDir({ prefix: "skelrun-protocols-" });
  try {
    const ran = new Map<string, number>();
    const scored = new Set<string>();
    for (const file of files) {
      const { stages } = await run(file, store);
      for (const { id, uses, status, metrics = {}, outputs = [] } of stages) {
        assert(status === "ran" || status === "cached", `${file}: ${id} ${status}`);
        if (status === "ran") ran.set(uses, (ran.get(uses) ?? 0) + 1);
        if (!outputs.some(({ type }) => type === "result")) continue;
        scored.add(uses);
        const figures = Object.entries(metrics).filter(([name]) => /^(top1|knn\d+)$/.test(name));
        assert(figures.length > 0, `${file}: ${id} states no accuracy`);
        for (const [name, value] of figures) {
          assert(value >= 0 && value <= 100, `${file}: ${id}.${name} is ${value}`);
        }
      }
      assert(stages.some(({ uses }) => uses === "table"), `${file} ends in no table`);
    }
    assertEquals([...scored].sort(), SCORING.toSorted());
    // One set of recordings of each form, one encoder for each stream.
    for (const [uses, count] of [["parse_ntu", 1], ["parse_pku", 1], ["normalize", 2]] as const) {
      assertEquals(ran.get(uses), count, uses);
    }
    assertEquals(ran.get("pretrain"), 3);

    for (const file of files) {
      const { stages } = await run(file, store);
      assertEquals(stages.filter(({ status }) => status !== "cached").map(({ id }) => id), []);
    }
  } finally {
    await Deno.remove(store, { recursive: true });
  }
});
