/** Made-up features and a split as files, for tests of stages that read them. */
import { writeJson } from "../../../stages/formats/json_text.ts";
import { encodeNpy, encodeNpyStrings } from "../../../stages/formats/npy.ts";
import { madeUpFeatures, range } from "./made_up_features.ts";

/** What is written. */
export interface FeatureFiles {
  readonly clips: number;
  readonly dim: number;
  readonly classes: number;
  /** How far apart the classes of the member `clear` are; those of `noise` lie in one place. */
  readonly distance: number;
  /** Changes a member's features before they are written. */
  readonly change?: (member: string, values: Float32Array) => void;
  /** Members of `features.json` beside or in place of the usual. */
  readonly about?: Readonly<Record<string, unknown>>;
  /** Integers by clip, such as `subjects`; labels go round the classes if left out. */
  readonly columns: Readonly<Record<string, (clip: number) => number>>;
  /** Members of `split.json` beside or in place of the usual. */
  readonly split: Readonly<Record<string, unknown>>;
}

/**
 * Writes `features` and `split` into a folder.
 *
 * @param home The folder.
 * @returns The paths of both.
 */
export async function writeFeatureFiles(home: string, files: FeatureFiles) {
  const { clips, dim, classes } = files;
  const [features, split] = [`${home}/features`, `${home}/split`];
  await Deno.mkdir(features, { recursive: true });
  await Deno.mkdir(split, { recursive: true });
  for (const [member, distance] of [["clear", files.distance], ["noise", 0]] as const) {
    const values = Float32Array.from(madeUpFeatures(clips, dim, classes, distance).features.values);
    files.change?.(member, values);
    await Deno.writeFile(`${features}/${member}.npy`, encodeNpy(values, [clips, dim]));
  }
  await writeJson(`${features}/features.json`, {
    format: "features/1",
    source: "made up",
    members: ["clear", "noise"],
    dim,
    classes,
    stats: {},
    ...files.about,
  });
  const columns = { labels: (clip: number) => clip % classes, ...files.columns };
  for (const [name, of] of Object.entries(columns)) {
    const values = Int32Array.from(range(0, clips), of);
    await Deno.writeFile(`${features}/${name}.npy`, encodeNpy(values, [clips]));
  }
  await Deno.writeFile(
    `${features}/names.npy`,
    encodeNpyStrings(range(0, clips).map((i) => `clip${i}`)),
  );
  await writeJson(`${split}/split.json`, {
    format: "split/1",
    protocol: "made_up",
    clips,
    ...files.split,
  });
  return { features, split };
}
