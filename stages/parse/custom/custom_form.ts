/**
 * Custom recordings as the readers of recordings see them: names say nothing, the table does.
 *
 * @module
 */
import type { RecordingForm } from "../recording_form.ts";
import { readClipArray } from "./clip_array.ts";
import type { ParseCustomParams } from "./definition.ts";

/** The form, for some parameters. */
export function customForm(params: ParseCustomParams): RecordingForm {
  return {
    dataset: "custom",
    extension: ".npy",
    bodies: params.bodies,
    identify: () => ({ kind: "outside" }),
    read: (bytes, file) => readClipArray(bytes, file, params),
  };
}
