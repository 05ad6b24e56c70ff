/**
 * `verify --blobs`: hashes all bytes of a store anew.
 *
 * @module
 */
import { bytes, duration } from "../screen/duration.ts";
import { integrityLines } from "../verify/integrity_text.ts";
import { setAside } from "../verify/set_aside.ts";
import { checkIntegrity } from "../store/integrity.ts";
import type { Call } from "../verb.ts";
import { existingStore } from "./existing_store.ts";

const MIB = 2 ** 20;

/** The name that progress shows. */
const ID = "blobs";

/**
 * Checks a store, and sets aside what is damaged if asked to.
 *
 * @returns 1 if anything is damaged, also where it was set aside.
 * @throws {UsageError} If there is no store.
 */
export async function verifyBlobs(call: Call): Promise<number> {
  const { terminal } = call;
  const repair = call.flag("repair");
  const store = await existingStore(call.store, undefined);
  if (repair) await store.assertWritable();
  const { Progress } = await import("../screen/progress.ts");
  const quiet = call.flag("quiet");
  const frame = terminal.live && !quiet
    ? (await import("../screen/live_frame.ts")).liveFrame(terminal)
    : undefined;
  const progress = new Progress({ terminal, frame, quiet });
  const begun = performance.now();
  progress.handle({ type: "run-start", experiment: store.root, stages: [ID] });
  progress.handle({
    type: "stage-start",
    id: ID,
    uses: ID,
    reason: `hashes all bytes of ${store.root}`,
    resumed: false,
  });
  let found;
  try {
    found = await checkIntegrity(store, (done, total) => {
      const [part, whole] = [done / MIB, total / MIB].map((n) => Math.round(n * 10) / 10);
      progress.handle({ type: "progress", id: ID, done: part!, total: whole!, unit: "MiB" });
    });
  } finally {
    progress.close();
  }
  const seconds = (performance.now() - begun) / 1000;
  const moved = repair
    ? await setAside(store, found.damaged, (message) => terminal.err(`${message}\n`))
    : new Map<string, string>();
  if (call.flag("json")) {
    const damaged = found.damaged.map((damage) => ({ ...damage, movedTo: moved.get(damage.path) }));
    terminal.out(`${JSON.stringify({ store: store.root, ...found, damaged }, undefined, 2)}\n`);
  } else {
    terminal.out(integrityLines(found, moved).map((line) => `${line}\n`).join(""));
    const speed = bytes(found.bytes / Math.max(seconds, 1e-3));
    terminal.err(`hashed in ${duration(seconds)}, ${speed}/s\n`);
  }
  return found.damaged.length === 0 ? 0 : 1;
}
