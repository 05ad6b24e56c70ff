import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { withSupplied } from "../../../pipeline/supplied_inputs.ts";
import { chooseTiles, tableOf } from "../../../stages/autotune/chosen_tiles.ts";
import { autotune } from "../../../stages/autotune/definition.ts";
import { type Trial, trialsFor, TRIED_CLASSES } from "../../../stages/autotune/trials.ts";
import { catalogue } from "../../../stages/mod.ts";
import { callTimes, hasCallTimes } from "../../../stages/tensor/webgpu/call_times.ts";
import { flatGroups, flatIndex, kernelOf } from "../../../stages/tensor/webgpu/kernel_code.ts";
import { threadsOf, type Tile, tileBytes } from "../../../stages/tensor/webgpu/product.ts";
import {
  parseTileTable,
  TILES_FILE,
  tileTableText,
  useSuppliedTiles,
} from "../../../stages/tensor/webgpu/tile_file.ts";
import {
  DEFAULT_TILES,
  matrixTile,
  setTileTable,
  TILE_CANDIDATES,
  tileFor,
  usualTiles,
} from "../../../stages/tensor/webgpu/tiles.ts";
import type { Experiment } from "../../../pipeline/types.ts";
import { gpuTest, startGpu } from "./gpu_run.ts";

const LIMITS = { maxComputeInvocationsPerWorkgroup: 256, maxComputeWorkgroupStorageSize: 16384 };
const [small, middle, large] = [TILE_CANDIDATES[0]!, TILE_CANDIDATES[3]!, TILE_CANDIDATES.at(-1)!];

/** A trial that does nothing. */
function idle(name: string, candidates: readonly Tile[]): Trial {
  return { name, candidates, run: () => {}, dispose: () => {} };
}

/** Chooses among tiles whose seconds are as given, round by round after one that is not counted. */
async function chosen(seconds: readonly (readonly number[])[], margin = 0.05): Promise<Tile> {
  const rounds = seconds[0]!.length;
  let call = 0;
  const [choice] = await chooseTiles(
    undefined!,
    [idle("many x 16", [small, middle, large].slice(0, seconds.length - 1))],
    {
      rounds,
      margin,
      seconds: () => {
        const [round, tile] = [Math.floor(call / seconds.length), call % seconds.length];
        call++;
        return Promise.resolve(round === 0 ? 0.001 : seconds[tile]![round - 1]!);
      },
    },
  );
  return choice!.tile;
}

Deno.test("the usual tile stays unless another is clearly faster, in every round", async () => {
  const usual = usualTiles()["many x 16"]!;
  assertEquals(await chosen([[100, 100, 100], [97, 96, 97]]), usual);
  assertEquals(await chosen([[100, 100, 100], [80, 101, 80]]), usual);
  assertEquals(await chosen([[100, 100, 100], [90, 94, 90]]), small);
  assertEquals(await chosen([[100, 100, 100], [90, 94, 90]], 0.25), usual);
  assertEquals(await chosen([[100, 100], [90, 90], [50, 50], [70, 70]]), middle);
});

Deno.test("measuring leaves the tile table as it was by default", async () => {
  setTileTable({ "many x 16": small });
  await chooseTiles(undefined!, [idle("many x 16", [large])], {
    rounds: 1,
    margin: 0.05,
    seconds: () => Promise.resolve(1),
  });
  assertEquals(tileFor("any", 100_000, 16, 16), usualTiles()["many x 16"]);
});

Deno.test("a matrix with few numbers gets small tiles, so that many workgroups have some", () => {
  setTileTable({});
  const few = usualTiles()["16x16"];
  assertEquals(matrixTile("any", 8, 4096, 64, 1), few);
  assertEquals(matrixTile("any", 128, 256, 256, 1), few);
  assertEquals(matrixTile("any", 4096, 256, 256, 1), usualTiles()["many x many"]);
  assertEquals(matrixTile("any", 128, 256, 256, 25), usualTiles()["many x many"]);
});

gpuTest("every class of shape is tried on a GPU, with tiles that fit its limits", async () => {
  await startGpu();
  assertEquals(Object.keys(DEFAULT_TILES).toSorted(), TRIED_CLASSES.toSorted());
  const trials = trialsFor({ software: true, limits: LIMITS });
  for (const { name, candidates, dispose } of trials) {
    assert(Object.hasOwn(DEFAULT_TILES, name), name);
    assert(candidates.length > 0, name);
    for (const tile of candidates) {
      assert(threadsOf(tile) <= 256 && tileBytes(tile) <= 16384, JSON.stringify(tile));
    }
    dispose();
  }
});

gpuTest(
  "tiles are measured by the device's own clock, and nothing is left behind",
  async () => {
    const backend = await startGpu();
    const before = tf.memory().numTensors;
    const trials = trialsFor({ software: true, limits: backend.device.limits });
    const [trial] = trials;
    const choices = await chooseTiles(backend, [trial!], { rounds: 1, margin: 0.25 });
    for (const one of trials) one.dispose();
    assertEquals(tf.memory().numTensors, before);
    const [{ name, measured }] = choices as [typeof choices[0]];
    assertEquals(name, trial!.name);
    assertEquals(measured.length, trial!.candidates.length + 1);
    for (const { seconds } of measured) assert(seconds.length === 1 && seconds[0]! > 1e-6);
    assertEquals(Object.keys(tableOf(choices)), Object.keys(DEFAULT_TILES));
  },
);

gpuTest("each call has a time of its own, ours and the library's", async () => {
  const backend = await startGpu();
  assert(hasCallTimes(backend));
  const kernel = kernelOf("test: many sines", () => ({
    bindings: [{ name: "y", write: true }],
    numbers: ["loops: u32"],
    workgroup: [64],
    main: `${flatIndex(64)}
      var s = f32(index);
      for (var i = 0u; i < numbers.loops; i++) { s = sin(s) + 1.0; }
      y[index] = s;`,
  }));
  const y = backend.empty([1 << 14]);
  const call = (loops: number) =>
    backend.run(kernel, { tensors: [y], groups: flatGroups(y.size, 64), numbers: [loops] });
  call(1);
  await y.data();
  const times = await callTimes(backend, () => {
    call(10);
    tf.dispose(tf.sqrt(y));
    call(1000);
  });
  y.dispose();
  assertEquals(times.map(({ kernel }) => kernel), [
    "test: many sines",
    "UnaryOpProgram",
    "test: many sines",
  ]);
  assert(times[2]!.seconds > 5 * times[0]!.seconds, JSON.stringify(times));
  assertEquals(await callTimes(backend, () => {}), []);
});

Deno.test("a tile table is a file with the same bytes for the same tiles", () => {
  const text = tileTableText(DEFAULT_TILES);
  assertEquals(parseTileTable(text, "tiles"), DEFAULT_TILES);
  const reversed = Object.fromEntries(Object.entries(DEFAULT_TILES).toReversed());
  assertEquals(tileTableText(reversed), text);
  const damaged = (from: string, to: string) =>
    assertThrows(() => parseTileTable(text.replace(from, to), "tiles of x"), Error).message;
  assert(damaged('"m": 16', '"m": 17').startsWith("tiles of x: expected 16x16.m to be a power"));
  assert(damaged('"k": 16, ', "").includes("16x16.k to be a power of two, found undefined"));
  assert(damaged("{", "").includes("expected JSON"));
});

Deno.test("a stage uses the tiles that it is supplied with, and says where they are unreadable", async () => {
  const folder = await Deno.makeTempDir({ prefix: "skelrun-tiles-" });
  try {
    const ctx = { inputNames: ["tiles"], input: () => folder };
    await Deno.writeTextFile(`${folder}/${TILES_FILE}`, tileTableText({ "many x 16": small }));
    await useSuppliedTiles(ctx);
    assertEquals(tileFor("any", 100_000, 16, 16), small);
    assertEquals(tileFor("any", 100_000, 64, 16), usualTiles()["many x 64"]);
    setTileTable({});
    await useSuppliedTiles({ inputNames: [], input: () => folder });
    assertEquals(tileFor("any", 100_000, 16, 16), usualTiles()["many x 16"]);
    await Deno.writeTextFile(`${folder}/${TILES_FILE}`, "no");
    await assertRejects(() => useSuppliedTiles(ctx), Error, "tiles (tiles.json): expected JSON");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("every stage that computes on webgpu is supplied with tiles by autotune, and only there", () => {
  const computing = Object.values(catalogue).filter((definition) =>
    typeof definition.entry !== "string" && definition.entry.webgpu !== undefined &&
    definition !== autotune
  );
  assert(computing.length >= 6);
  const stages = computing.map((definition) => ({
    id: definition.name,
    definition,
    params: {},
    inputs: {},
  }));
  const experiment = { stages } as unknown as Experiment;
  const bound = withSupplied(experiment, "webgpu").stages;
  assertEquals(bound.map(({ id }) => id), ["autotune", ...computing.map(({ name }) => name)]);
  for (const { inputs } of bound.slice(1)) {
    assertEquals(inputs, { tiles: { kind: "output", stage: "autotune", output: "tiles" } });
  }
  assert(!withSupplied(experiment, "simd").stages.some(({ id }) => id === "autotune"));
});
