/**
 * Whether what a device computes is right: a fast wrong answer is worth nothing.
 *
 * @module
 */
import { checkParity } from "../../parity/parity_check.ts";
import { parseTrajectories } from "../../parity/trajectory_file.ts";
import type { AdapterReport } from "../../tensor/adapter_report.ts";
import { PARTS } from "../../tensor/webgpu/self_test/self_test_cases.ts";
import { selfTest } from "../../tensor/webgpu/self_test/self_test.ts";
import type { MarkdownReport } from "./markdown.ts";

const GOLDEN = new URL("../../../tests/goldens/golden_train.json", import.meta.url);

/** Largest difference that passes, as of the verb `parity`. */
const TOLERANCE = 2e-3;

/** What is checked. */
export interface CorrectnessOptions {
  /** Whether recorded training is run again. */
  readonly parity: boolean;
  /** Whether the adapter computes in software: one recording then, not all. */
  readonly software: boolean;
  readonly adapter: AdapterReport;
  /** Of the widest model that is measured: its kernels are tested. */
  readonly width: number;
  say(line: string): void;
}

/** Writes the section. */
export async function correctness(
  report: MarkdownReport,
  { parity, software, adapter, width, say }: CorrectnessOptions,
): Promise<void> {
  report.say(await selfTestSentence(adapter, width));
  if (!parity) return report.say("Recorded training was left out, as asked.");
  const text = await Deno.readTextFile(GOLDEN);
  const cases = parseTrajectories(text, "golden_train.json");
  for (const recorded of software ? cases.slice(0, 1) : cases) {
    const { name, largest, passed } = await checkParity(recorded, {
      tolerance: TOLERANCE,
      freeRunning: false,
      onStep: (done, total) => done === total && say(`${recorded.config.name}: compared`),
    });
    report.say(
      `Training recorded by another implementation, ${name}: ${passed ? "passes" : "**fails**"}, ` +
        `largest difference ${largest.toExponential(1)} (tolerance ${TOLERANCE}).`,
    );
  }
}

/** The self-test of every kernel, as stages run it before they begin. */
async function selfTestSentence(adapter: AdapterReport, width: number): Promise<string> {
  try {
    const driver = adapter.found ? adapter.driver : undefined;
    const first = await selfTest({ parts: PARTS, sizes: { width } }, driver);
    const { ms } = await selfTest({ parts: PARTS, sizes: { width } }, driver);
    return `Self-test: passes; ${first.tensors} tensors by ${first.kernels.size} kernels, ` +
      `${first.ms.toFixed(0)} ms with compiling, ${ms.toFixed(0)} ms without.`;
  } catch (error) {
    if ((error as Error).name !== "SelfTestError") throw error;
    return `Self-test: **fails**. ${(error as Error).message}`;
  }
}
