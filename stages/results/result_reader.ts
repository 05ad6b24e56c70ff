/**
 * Reading a `result` artifact: what a classifier answered of each test clip.
 *
 * @module
 */
import { readJson } from "../formats/json_text.ts";
import { readNpy } from "../formats/npy.ts";
import { UnusableInput } from "../formats/unusable_input.ts";
import type { Moment, ResultFile } from "./result_file.ts";

/** An opened `result` artifact. */
export interface Result {
  readonly file: ResultFile;
  readonly test: {
    /** Indices of the test clips, ascending. */
    readonly clips: Int32Array<ArrayBuffer>;
    /** Class of each, 0-based. */
    readonly labels: Int32Array<ArrayBuffer>;
    /** Subject of each. */
    readonly subjects: Int32Array<ArrayBuffer>;
  };
  /** Members that a probe has answers of, in order; empty for a probe that it has not. */
  membersOf(probe: string): readonly string[];
  /**
   * Logits of one classifier, row-major (test, classes): a view of all of them.
   *
   * @returns `undefined` if the result has no such answers.
   */
  logits(probe: string, member: string, at: Moment): Float32Array<ArrayBuffer> | undefined;
}

/**
 * Opens a `result` artifact.
 *
 * @param folder Its folder.
 * @throws {UnusableInput} If it is of another format, or its files disagree.
 */
export async function readResult(folder: string): Promise<Result> {
  const file = await readJson<ResultFile>(`${folder}/result.json`);
  if (file.format !== "result/2") {
    throw new UnusableInput(
      `${folder}/result.json: expected format "result/2", found ${JSON.stringify(file.format)}; ` +
        "evaluate again to have it written",
    );
  }
  const list = async (name: string) => (await readNpy(`${folder}/${name}.npy`, "i4", 1)).data;
  const test = {
    clips: await list("test_clips"),
    labels: await list("test_labels"),
    subjects: await list("test_subjects"),
  };
  const { shape, data } = await readNpy(`${folder}/logits.npy`, "f4", 3);
  const expected = [file.planes.length, file.test, file.classes];
  const lengths = [test.clips.length, test.labels.length, test.subjects.length];
  if (shape.join() !== expected.join() || lengths.some((length) => length !== file.test)) {
    throw new UnusableInput(
      `${folder}/logits.npy: expected shape (${expected.join(", ")}) by result.json, found ` +
        `(${shape.join(", ")}) beside ${lengths.join(", ")} test clips, labels and subjects`,
    );
  }
  const size = file.test * file.classes;
  return {
    file,
    test,
    membersOf: (probe) => [
      ...new Set(file.planes.filter((plane) => plane.probe === probe).map(({ member }) => member)),
    ],
    logits(probe, member, at) {
      const place = file.planes.findIndex((plane) =>
        plane.probe === probe && plane.member === member && plane.at === at
      );
      return place < 0 ? undefined : data.subarray(place * size, (place + 1) * size);
    },
  };
}
