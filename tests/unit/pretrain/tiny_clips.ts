/**
 * A `clips` artifact and a `split` of a few moving skeletons, made in the test.
 *
 * @module
 */
import { encodeNpy, encodeNpyStrings } from "../../../stages/formats/npy.ts";
import { writeJson } from "../../../stages/formats/json_text.ts";

/** What to make. */
export interface TinyClips {
  readonly clips: number;
  readonly frames: number;
  readonly bodies: 1 | 2;
  readonly classes: number;
}

/**
 * Writes `FOLDER/clips` in two shards and `FOLDER/split`, whose first two thirds are for training.
 * Clips of a class share amplitude and tempo, so that classes can be told apart.
 */
export async function writeTinyClips(folder: string, tiny: TinyClips): Promise<void> {
  const { clips, frames, bodies, classes } = tiny;
  await Deno.mkdir(`${folder}/clips`, { recursive: true });
  await Deno.mkdir(`${folder}/split`, { recursive: true });
  const size = 3 * frames * 25 * bodies;
  const first = Math.ceil(clips / 2);
  const shards = [first, clips - first];
  let clip = 0;
  for (const [shard, count] of shards.entries()) {
    const values = new Float32Array(count * size);
    for (let n = 0; n < count; n++, clip++) {
      const label = clip % classes;
      for (let i = 0; i < size; i++) {
        const [m, v] = [i % bodies, Math.floor(i / bodies) % 25];
        const t = Math.floor(i / bodies / 25) % frames;
        const c = Math.floor(i / bodies / 25 / frames);
        values[n * size + i] = (1 + label) * Math.sin(0.3 * (label + c) * t + v + m) +
          0.1 * Math.sin(clip * 7 + i);
      }
    }
    const name = `clips-${String(shard).padStart(5, "0")}.npy`;
    await Deno.writeFile(
      `${folder}/clips/${name}`,
      encodeNpy(values, [count, 3, frames, 25, bodies]),
    );
  }
  const column = (of: (i: number) => number) =>
    encodeNpy(Int32Array.from({ length: clips }, (_, i) => of(i)), [clips]);
  await Deno.writeFile(`${folder}/clips/labels.npy`, column((i) => i % classes));
  await Deno.writeFile(`${folder}/clips/subjects.npy`, column((i) => Math.floor(i / 4)));
  for (const name of ["cameras", "setups", "replications"]) {
    await Deno.writeFile(`${folder}/clips/${name}.npy`, column(() => 1));
  }
  const names = Array.from({ length: clips }, (_, i) => `clip${String(i).padStart(3, "0")}`);
  await Deno.writeFile(`${folder}/clips/names.npy`, encodeNpyStrings(names));
  await writeJson(`${folder}/clips/meta.json`, {
    format: "clips/1",
    dataset: "tiny",
    clips,
    frames,
    joints: 25,
    bodies,
    classes,
    class_names: [],
    shards,
  });
  const train = Array.from({ length: Math.floor(clips * 2 / 3) }, (_, i) => i);
  const test = Array.from({ length: clips - train.length }, (_, i) => train.length + i);
  await writeJson(`${folder}/split/split.json`, {
    format: "split/1",
    protocol: "tiny",
    clips,
    pretrain: train,
    folds: [{ name: "all", train, test }],
  });
}
