/**
 * Attempts at one action: where a device failed, or its driver took the process down, another one
 * follows at once and goes on from the last checkpoint. It gives up when several in a row saved none.
 *
 * @module
 */
import { type AttemptHooks, type AttemptResult, makeAttempt } from "./attempt.ts";
import type { GraphNode } from "../graph.ts";
import type { Planning, Resolved } from "../planning.ts";

/** Failures in a row, none of which saved a checkpoint, after which no more attempt is made. */
export const MOST_FAILURES = 3;

/** Time that a driver has to recover, in milliseconds. */
const PAUSE_MS = 300;
const LOOK_MS = 50;

/** What attempts need and tell. */
export interface AttemptsHooks extends AttemptHooks {
  /** Whether nothing more is to be started. */
  readonly halted: () => boolean;
  /** Told why another attempt is made. */
  readonly say: (message: string) => void;
}

/** Makes attempts until one comes to an end that another would not change. Never rejects. */
export async function makeAttempts(
  planning: Planning,
  node: GraphNode,
  resolved: Resolved,
  hooks: AttemptsHooks,
): Promise<AttemptResult> {
  let note = hooks.note;
  for (let failures = 1;; failures++) {
    let saved = false;
    const result = await makeAttempt(planning, node, resolved, {
      ...hooks,
      note,
      onMessage(message) {
        if (message.type === "checkpoint") saved = true;
        hooks.onMessage(message);
      },
    });
    if (result.status !== "failed" || !result.again) return result;
    if (saved) failures = 0;
    if (failures === MOST_FAILURES) {
      const message =
        `${sentence(result.message)} It was given up: ${MOST_FAILURES} attempts in a row ended ` +
        "without a new checkpoint. What was saved stays: the next run goes on from it.";
      return { ...result, message };
    }
    await pause(hooks.halted);
    if (hooks.halted() || !hooks.lease.isHeld()) return result;
    note = `another attempt, since the one before failed: ${result.message}`;
    hooks.say(
      `${
        sentence(result.message)
      } Another attempt goes on from the last checkpoint, if there is one.`,
    );
  }
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

async function pause(halted: () => boolean): Promise<void> {
  const begun = performance.now();
  while (performance.now() - begun < PAUSE_MS && !halted()) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
