/**
 * A model on `webgpu` in a process of its own, which takes its turns with others on the same device: the
 * library's kernels alone are a peer of ours, and cannot be in the same process.
 *
 * `turns_program.ts JSON` with a {@link TurnsRequest}. It prints what it is, and then answers each line on
 * standard input: `train` or `eval` with the seconds of one such run and those that processors spent on it, `count` with what a step asks of the
 * device, without computing anything afterwards that could be relied on.
 *
 * @module
 */
import { startBackend } from "../../tensor/backend.ts";
import { TextLines } from "../text_lines.ts";
import { Training, type TrainingSize } from "../training.ts";
import { processorSeconds } from "./processor_seconds.ts";
import { stepCounts } from "./step_counts.ts";

/** What is to be run. */
export interface TurnsRequest {
  readonly size: TrainingSize;
  /** Whether the library's kernels are to be used, and none of ours. */
  readonly stock: boolean;
  readonly allowSoftware: boolean;
}

async function serve({ size, stock, allowSoftware }: TurnsRequest): Promise<void> {
  const { device } = await startBackend("webgpu", { stock, allowSoftware });
  const training = new Training(size);
  const answer = (value: unknown) => console.log(JSON.stringify(value));
  answer({ peer: `${stock ? "stock tfjs webgpu" : "skelrun"} on ${device}` });
  const lines = new TextLines(Deno.stdin.readable);
  for (;;) {
    const line = await lines.next();
    const begun = performance.now(), used = processorSeconds();
    if (line === "count") {
      answer(stepCounts(training, { idle: true }));
      continue;
    }
    if (line === "train") await training.step();
    else await training.evaluate("all bodies");
    const seconds = (performance.now() - begun) / 1000;
    answer({ seconds, processor: processorSeconds() - used });
  }
}

if (import.meta.main) {
  // Its standard input ends when the other side has done with it.
  await serve(JSON.parse(Deno.args[0]!) as TurnsRequest).catch((error: Error) => {
    if (error.message !== "the process ended before it had answered") throw error;
  });
  // A device may hold the process.
  Deno.exit();
}
