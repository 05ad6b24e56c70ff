/**
 * What the converged probe answered of each test clip: what two rows are compared by, clip for clip.
 *
 * @module
 */
import { readNpy } from "../formats/npy.ts";
import { PLANES } from "../results/result_file.ts";
import { rankOfTruth } from "../statistics/classification.ts";

/** Test clips of a result, each with how it was answered. */
export interface Answers {
  /** Indices of the test clips, ascending. */
  readonly clips: Int32Array;
  /** Subject of each. */
  readonly subjects: Int32Array;
  /** Share of the members that named its class, by the converged probe. */
  readonly right: Float64Array;
}

/** Whether two results are of the same test clips. */
export function ofSameClips(first: Answers, second: Answers): boolean {
  return first.clips.length === second.clips.length &&
    first.clips.every((clip, i) => clip === second.clips[i]);
}

/**
 * Reads the answers of a result.
 *
 * @param folder Folder of the `result` artifact.
 */
export async function readAnswers(folder: string): Promise<Answers> {
  const list = async (name: string) => (await readNpy(`${folder}/${name}.npy`, "i4", 1)).data;
  const clips = await list("test_clips");
  const labels = await list("test_labels");
  const { shape, data } = await readNpy(`${folder}/logits.npy`, "f4", 4);
  const [members, planes, , classes] = shape as [number, number, number, number];
  const size = labels.length * classes;
  const right = new Float64Array(labels.length);
  for (let m = 0; m < members; m++) {
    const from = (m * planes + PLANES.indexOf("linear_converged")) * size;
    const predictions = { logits: data.subarray(from, from + size), labels, classes };
    for (let i = 0; i < right.length; i++) {
      if (rankOfTruth(predictions, i) === 0) right[i]! += 1 / members;
    }
  }
  return { clips, subjects: await list("test_subjects"), right };
}
