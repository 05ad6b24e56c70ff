/**
 * Prepared files as the stage `read_prepared` sees them, whatever their form.
 *
 * @module
 */
import type { BadRecording } from "../formats/bad_recording.ts";

/** The forms that are read and written. */
export const PREPARED_FORMS = ["ctr_gcn", "st_gcn", "pyskl"] as const;

/** One of {@link PREPARED_FORMS}. */
export type PreparedForm = typeof PREPARED_FORMS[number];

/** One clip of prepared files. */
export interface PreparedClip {
  /** As the files call it; made up from side and number where they do not. */
  readonly name: string;
  /** From 0. */
  readonly label: number;
  /** Where it stands, for messages: `x_train[12]`. */
  readonly place: string;
  /**
   * float32 (F, bodies, 25, 3), frames of padding at the end left off; a body that is not there is
   * zero. F is at least 1.
   */
  readonly positions: Float32Array;
  /** Frames of padding that were left off. */
  readonly padding: number;
  /** Bodies beyond those asked for, left off though they were not all zero. */
  readonly bodiesLeft: number;
}

/** The names of the clips on both sides of a split. */
export interface NamedSplit {
  readonly train: readonly string[];
  readonly test: readonly string[];
}

/** Opened prepared files. */
export interface PreparedSource {
  readonly form: PreparedForm;
  /** How many clips they say they have. */
  readonly total: number;
  /** All clips, in the order of the files; what cannot be used comes as the fault that it is. */
  clips(): AsyncGenerator<PreparedClip | BadRecording>;
  /** The splits as shipped, by protocol; complete once all clips have been read. */
  splits(): ReadonlyMap<string, NamedSplit>;
  /** Classes that the files have room for, where they say. */
  readonly classes: number | undefined;
  /** Remarks about the files as a whole. */
  readonly notes: readonly string[];
  close(): Promise<void>;
}
