/**
 * The same model by the library's own webgpu kernels, in a process of its own.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { Peer } from "../peer.ts";
import type { StepCounts } from "./step_counts.ts";
import type { TurnsRequest } from "./turns_program.ts";

const PROGRAM = fileURLToPath(new URL("./turns_program.ts", import.meta.url));

/** Starts it; `ask("count")` gives {@link StepCounts}. */
export function startStock(request: Omit<TurnsRequest, "stock">): Promise<Peer> {
  return Peer.spawn(Deno.execPath(), [
    ...["run", "--quiet", "--cached-only", "-RES", "--allow-run", "--no-prompt", PROGRAM],
    JSON.stringify({ ...request, stock: true }),
  ]);
}

/** What a step of the library's asks of the device; nothing is computed. */
export async function stockCounts(request: Omit<TurnsRequest, "stock">): Promise<StepCounts> {
  const peer = await startStock(request);
  try {
    return await peer.ask<StepCounts>("count");
  } finally {
    await peer.close();
  }
}
