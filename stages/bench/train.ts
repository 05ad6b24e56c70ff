/**
 * The `train` suite: clips a second of a whole pre-training step and of evaluation passes, in turns with
 * PyTorch on the same machine and as many threads. Clips are made up. On `webgpu`: steps, beside the
 * library's own kernels, and beside PyTorch on the same card.
 *
 * @module
 */
import { TIME_STRIDE } from "../model/config.ts";
import { startBackend } from "../tensor/backend.ts";
import { resolveDevice } from "../tensor/device_class.ts";
import { linearEvaluation } from "./linear_evaluation.ts";
import { findPeer, INSTALL_PEER, type PeerRun } from "./peer.ts";
import { queueOf } from "./queue_size.ts";
import { measureRounds, type Profile } from "./rounds.ts";
import type { TrainingSize } from "./training.ts";
import type { BenchResult, BenchRun, Measurement } from "../../pipeline/bench/suite.ts";

/** How many times as fast as PyTorch skelrun wants to be. */
type Goals = Partial<Record<PeerRun, number>>;

/** What `--table` measures. */
const TABLE: readonly (Pick<TrainingSize, "width" | "hidden" | "batch"> & { goals: Goals })[] = [
  { width: 16, hidden: 64, batch: 32, goals: { train: 2.5, eval: 1, "eval-one": 1.6 } },
  { width: 16, hidden: 256, batch: 32, goals: { train: 2 } },
  { width: 64, hidden: 256, batch: 16, goals: { train: 1.2, eval: 0.8, "eval-one": 1.6 } },
];

/** Measures training and evaluation, beside the peer. */
export const measureTraining: BenchRun = async (
  { backend, allowSoftware, numbers, flags, runs, terminal },
): Promise<BenchResult> => {
  const { width = 16, hidden = 0, batch = 32, bodies = 2, frames = 64, threads = 1 } = numbers;
  if (frames % TIME_STRIDE !== 0) {
    const message = `--frames: expected a multiple of ${TIME_STRIDE}, found ${frames}`;
    throw Object.assign(new Error(message), { name: "UsageError", forUser: true, exitStatus: 2 });
  }
  const say = (line: string) => terminal.err(`${line}\n`);
  const device = await resolveDevice({ backend, allowSoftware });
  const started = await startBackend(device.backend, { allowSoftware: device.software, threads });
  say(`device: ${started.device} (${device.why})`);
  if (started.name === "webgpu") {
    const { fitsStock, tableSizes, trainOnWebgpu } = await import("./gpu/train_webgpu.ts");
    const chosen = flags.table
      ? tableSizes(started.software)
      : [{ width, hidden: hidden === 0 ? 4 * width : hidden, batch }];
    const { measurements, notes } = await trainOnWebgpu({
      sizes: chosen.map((size) => ({ ...size, bodies, frames })),
      software: started.software,
      stock: flags.table ? fitsStock : () => true,
      runs,
      say,
    });
    return { measurements, notes: [deviceNote(started.device), ...notes, loadNote()] };
  }
  const interpreter = await findPeer();
  const profile = started.name === "simd" ? await simdProfile() : undefined;
  const sizes = flags.table
    ? TABLE
    : [{ width, hidden: hidden === 0 ? 4 * width : hidden, batch, goals: {} as Goals }];
  const measurements: Measurement[] = [];
  const notes = [deviceNote(started.device)];
  for (const { goals, ...rest } of sizes) {
    const size = { ...rest, bodies, frames, queue: queueOf(rest.batch) };
    const options = { size, runs, threads, interpreter, goals, profile, say };
    const found = await measureRounds(options);
    measurements.push(...found.measurements);
    notes.push(...found.notes);
  }
  if (flags.table) {
    const { measurement, note } = linearEvaluation(measurements, say);
    measurements.push(measurement);
    notes.push(note);
  }
  notes.push(
    loadNote(),
    interpreter === undefined ? INSTALL_PEER : `the peer runs on the CPU on ${threads} threads`,
  );
  return { measurements, notes };
};

function deviceNote(device: string): string {
  return `device: ${device}; Deno ${Deno.version.deno}, ${Deno.build.arch}`;
}

function loadNote(): string {
  const [one, five, fifteen] = Deno.loadavg().map((load) => load.toFixed(1));
  return `load at the end: ${one}, ${five} and ${fifteen} over 1, 5 and 15 minutes`;
}

/** Counts of the kernels' time. */
async function simdProfile(): Promise<Profile> {
  const { simdBackend } = await import("../tensor/simd/simd_backend.ts");
  return {
    begin: () => void (simdBackend().pool.profile = new Map()),
    end: () => {
      const { pool } = simdBackend();
      const found = pool.profile ?? new Map<string, number>();
      pool.profile = undefined;
      return found;
    },
  };
}
