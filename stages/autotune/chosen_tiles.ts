/**
 * Which tiles are faster than the usual ones, for sure.
 *
 * Times are noise, and a table that changes from one measurement to the next makes results that cannot be
 * had again: the usual tile stays unless another is faster by a margin in the median of rounds, and was
 * faster in every round.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { median } from "../statistics/median.ts";
import { callTimes, hasCallTimes } from "../tensor/webgpu/call_times.ts";
import { type GpuBackend } from "../tensor/webgpu/gpu_backend.ts";
import type { Tile } from "../tensor/webgpu/product.ts";
import { setTileTable, type TileTable, usualTiles } from "../tensor/webgpu/tiles.ts";
import type { Trial } from "./trials.ts";

/** How tiles are chosen. */
export interface ChoiceOptions {
  /** Measurements of each tile, after one that compiles. */
  readonly rounds: number;
  /** How much faster than the usual tile another must be: 0.05 is 5 %. */
  readonly margin: number;
  /** Takes the seconds of a trial; another in tests. */
  readonly seconds?: (trial: Trial) => Promise<number>;
}

/** What was found for a class of shape. */
export interface Choice {
  /** The class. */
  readonly name: string;
  readonly tile: Tile;
  /** By tile, the usual one first: seconds in each round. */
  readonly measured: readonly { readonly tile: Tile; readonly seconds: readonly number[] }[];
}

/** Measures all tiles of some trials. The tile table is as it was before, afterwards. */
export async function chooseTiles(
  backend: GpuBackend,
  trials: readonly Trial[],
  { rounds, margin, seconds = (trial) => secondsOf(backend, trial) }: ChoiceOptions,
): Promise<Choice[]> {
  const choices: Choice[] = [];
  for (const trial of trials) {
    const tiles = [usualTiles()[trial.name]!, ...trial.candidates];
    const measured = tiles.map((tile) => ({ tile, seconds: [] as number[] }));
    // Round by round, so that all tiles meet the same disturbances. The first one compiles.
    for (let round = 0; round <= rounds; round++) {
      for (const { tile, seconds: found } of measured) {
        setTileTable({ ...trial.beside, [trial.name]: tile });
        const time = await seconds(trial);
        if (round > 0) found.push(time);
      }
    }
    choices.push({ name: trial.name, tile: choose(measured, margin), measured });
  }
  setTileTable({});
  return choices;
}

/** The whole table: what was chosen, and the usual tiles for the rest. */
export function tableOf(choices: readonly Choice[]): TileTable {
  return { ...usualTiles(), ...Object.fromEntries(choices.map(({ name, tile }) => [name, tile])) };
}

/** The fastest tile of those that are clearly faster than the first. */
function choose([usual, ...others]: Choice["measured"], margin: number): Tile {
  let best = usual!, speedup = 1 + margin;
  for (const other of others) {
    const speedups = other.seconds.map((seconds, i) => usual!.seconds[i]! / seconds);
    if (speedups.some((one) => one <= 1) || median(speedups) < speedup) continue;
    [best, speedup] = [other, median(speedups)];
  }
  return best.tile;
}

/** Seconds on the device: by its own clock where it has one. */
async function secondsOf(backend: GpuBackend, trial: Trial): Promise<number> {
  if (hasCallTimes(backend)) {
    const times = await callTimes(backend, () => trial.run());
    return times.reduce((sum, { seconds }) => sum + seconds, 0);
  }
  const repeats = 4;
  const done = tf.zeros([1]);
  await done.data();
  const begun = performance.now();
  for (let i = 0; i < repeats; i++) trial.run();
  const last = backend.empty([1]);
  backend.copy(done, last);
  await backend.read(last.dataId);
  const seconds = (performance.now() - begun) / 1000 / repeats;
  tf.dispose([done, last]);
  return seconds;
}
