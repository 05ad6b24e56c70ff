/**
 * What a data set's parse stage tells the common loop about its recordings. Types only.
 *
 * @module
 */

import type { DatasetName } from "../clips/raw_clips.ts";

/** What a recording's name says. */
export interface ClipIdentity {
  /** Class, from 0. */
  readonly label: number;
  readonly subject: number;
  readonly camera: number;
  /** 0 where the data set has none. */
  readonly setup: number;
  /** 0 where the data set has none. */
  readonly replication: number;
}

/** What became of a name: an identity, a fault, or a reason to leave the file out that is no fault. */
export type NameReading =
  | { readonly kind: "clip"; readonly identity: ClipIdentity }
  | { readonly kind: "bad"; readonly reason: string }
  | { readonly kind: "excluded"; readonly reason: string }
  | { readonly kind: "outside" };

/** One recording's coordinates. */
export interface ClipFrames {
  /** F, at least 1. */
  readonly frames: number;
  /** float32 (F, bodies, 25, 3): metres, camera frame, y up; zero where there is no body. */
  readonly positions: Float32Array;
  /** What a user may want to know of it, though it is no fault. */
  readonly note?: string;
}

/** The form of a data set's recordings. */
export interface RecordingForm {
  /** As `index.json` names the data set. */
  readonly dataset: DatasetName;
  /** Extension of its files, with the dot. */
  readonly extension: string;
  /** Slots for bodies, M. */
  readonly bodies: number;
  /** Reads a name without its extension. */
  identify(name: string): NameReading;
  /**
   * Reads a file.
   *
   * @throws {import("../formats/bad_recording.ts").BadRecording} If it cannot be used.
   */
  read(bytes: Uint8Array, file: string, identity: ClipIdentity): ClipFrames;
}
