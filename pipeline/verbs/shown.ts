/**
 * Shows how work on stages goes on, for the verbs that compute.
 *
 * @module
 */
import type { RunControl } from "../running/run_control.ts";
import type { RunEvent } from "../types.ts";
import type { Call } from "../verb.ts";

/**
 * Shows events while `work` goes on; Ctrl-C presses `control`.
 *
 * @param call The call; its verb has the option `quiet`.
 */
export async function shown<T>(
  call: Call,
  control: RunControl,
  work: (onEvent: (event: RunEvent) => void) => Promise<T>,
): Promise<T> {
  const { Progress } = await import("../screen/progress.ts");
  const { watchInterrupts } = await import("../screen/interrupts.ts");
  const { terminal } = call;
  const quiet = call.flag("quiet");
  const frame = terminal.live && !quiet
    ? (await import("../screen/live_frame.ts")).liveFrame(terminal)
    : undefined;
  const progress = new Progress({ terminal, frame, quiet });
  const timer = frame === undefined ? undefined : setInterval(() => progress.tick(), 1000);
  const unwatch = watchInterrupts((_, signal) => control.press(signal));
  try {
    return await work((event) => progress.handle(event));
  } finally {
    clearInterval(timer);
    unwatch();
    progress.close();
  }
}
