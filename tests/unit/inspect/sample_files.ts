/**
 * A small sound file of every form that can be looked into.
 *
 * @module
 */
import { encodeNpy, encodeNpyStrings } from "../../../stages/formats/npy.ts";
import { ArrayOut, TupleOut, writePickle } from "../../../stages/formats/pickle_writer.ts";
import { encodeSafetensors } from "../../../stages/formats/safetensors.ts";
import { skeletonLines, textOf } from "../formats/skeleton_fixture.ts";
import { coordinate, laidOut, type Sizes, zipped } from "../parse/custom_fixture.ts";
import { splitText, videoText } from "../parse/pku_fixture.ts";
import { temporaryFolder } from "../parse/stage_run.ts";

const text = (content: string) => new TextEncoder().encode(content);

/** float32 numbers of a layout, as `.npy`. */
export function arrayFile(layout: string, sizes: Sizes & { N?: number }): Uint8Array<ArrayBuffer> {
  const { data, shape } = arrayOf(layout, sizes);
  return encodeNpy(data, shape);
}

function arrayOf(layout: string, sizes: Sizes & { N?: number }) {
  const { data, shape } = laidOut(
    layout,
    sizes,
    ({ N = 0, T, M, V, C }) => coordinate(N, T!, M!, V!, C!),
  );
  return { data: Float32Array.from(data), shape };
}

/** The bytes of a pickle of a value. */
async function pickled(value: Parameters<typeof writePickle>[1]): Promise<Uint8Array> {
  await using folder = await temporaryFolder();
  await writePickle(`${folder.path}/a.pkl`, value);
  return await Deno.readFile(`${folder.path}/a.pkl`);
}

function nwUcla(frames: number): string {
  const skeletons = Array.from(
    { length: frames },
    (_, t) => Array.from({ length: 20 }, (_, v) => [1 + t / 8, 2 + v / 16, 3]),
  );
  return JSON.stringify({ file_name: "a01_s02_e03_v01", skeletons, label: 1 });
}

const SIZES = { T: 6, V: 25, C: 3, M: 2 };

/** Files by name. */
export async function sampleFiles(): Promise<Readonly<Record<string, Uint8Array>>> {
  const clips = arrayOf("NCTVM", { ...SIZES, N: 5 });
  const keypoint = arrayOf("MTVC", SIZES);
  const annotation = (name: string, label: number) =>
    new Map<string, string | number | ArrayOut>([
      ["frame_dir", name],
      ["label", label],
      ["total_frames", 6],
      ["keypoint", new ArrayOut(keypoint.data, keypoint.shape)],
    ]);
  const flat = arrayOf("NTMVC", { ...SIZES, N: 4 }).data;
  const oneHot = Float32Array.from(
    { length: 12 },
    (_, i) => i % 3 === Math.floor(i / 3) % 3 ? 1 : 0,
  );
  return {
    "S001C002P003R001A004.skeleton": textOf(skeletonLines([1, 2, 0, 1])),
    "a01_s02_e03_v01.json": text(nwUcla(4)),
    "0002-L.txt": text(videoText(1, 8)),
    "0002-L_labels.txt": text("7,3,12,2\n3,15,20,1\n"),
    "cross-view.txt": text(splitText(["0002-M"], ["0002-L", "0003-L"])),
    "clips.csv": text("name,label,subject,split_xsub\na,walk,1,train\nb,sit,2,test\n"),
    "clip.npy": arrayFile("MTVC", SIZES),
    "data.npy": encodeNpy(clips.data, clips.shape),
    "label.npy": encodeNpy(BigInt64Array.of(0n, 1n, 2n, 0n, 1n), [5]),
    "names.npy": encodeNpyStrings(["first", "second"]),
    "weights.safetensors": encodeSafetensors(
      new Map([
        ["a.weight", { dtype: "F32", shape: [2, 3], data: Float32Array.of(1, -2, 3, 4, 5, 6) }],
        ["b.count", { dtype: "I64", shape: [], data: BigInt64Array.of(7n) }],
      ]),
    ),
    "train_label.pkl": await pickled(new TupleOut(["a", "b", "c"], [0, 2, 0])),
    "ntu.pkl": await pickled(
      new Map<string, Parameters<typeof writePickle>[1]>([
        ["split", new Map([["xsub_train", ["x"]], ["xsub_val", ["y"]]])],
        ["annotations", [annotation("x", 3), annotation("y", 8)]],
      ]),
    ),
    "ctr.npz": await zipped({
      "x_train.npy": encodeNpy(flat, [4, 6, 150]),
      "y_train.npy": encodeNpy(oneHot, [4, 3]),
      "x_test.npy": encodeNpy(flat.subarray(0, 900), [1, 6, 150]),
      "y_test.npy": encodeNpy(oneHot.subarray(0, 3), [1, 3]),
    }),
    "recordings.zip": await zipped({
      "nturgb/S001C001P001R001A001.skeleton": textOf(skeletonLines([1, 1])),
      "nturgb/S001C001P001R001A002.skeleton": textOf(skeletonLines([2])),
    }),
    "split.json": text('{"format": "split/1", "protocol": "xsub", "clips": 3, "folds": []}'),
    "notes.txt": text("some words\nand more\n"),
  };
}
