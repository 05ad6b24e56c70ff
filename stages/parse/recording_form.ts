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
  /** What the data set's {@link ClipSurvey} wants to know of it, by name. */
  readonly traits?: Readonly<Record<string, number>>;
}

/** A recording whose name has the form of its data set. */
export interface NamedRecording {
  /** Without its extension. */
  readonly name: string;
  readonly identity: ClipIdentity;
}

/** What a survey comes to. */
export interface SurveyFindings {
  /** Further entries of `report.json`. */
  readonly report: Readonly<Record<string, unknown>>;
  /** Figures of the result by name. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Lines for the stage's log. */
  readonly infos: readonly string[];
}

/** What a data set's stage finds out about all its recordings, beside the clips. */
export interface ClipSurvey {
  /**
   * Told once of all recordings with names of the form, before any is read.
   *
   * @returns What is wrong with them as a whole, if anything.
   */
  begin(found: readonly NamedRecording[]): string | undefined;
  /** Told of each clip that is taken, in their order. */
  add(recording: NamedRecording, clip: ClipFrames): void;
  /** What was found. */
  finish(): SurveyFindings;
  /** What {@link add} gathered, as JSON. */
  save(): unknown;
  /** Takes back what {@link save} gave. */
  restore(saved: unknown): void;
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
