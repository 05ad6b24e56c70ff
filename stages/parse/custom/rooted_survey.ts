/**
 * How many clips hold poses without their place: the spine base is the origin in every frame.
 *
 * @module
 */
import type { ClipFrames, ClipSurvey, NamedRecording, SurveyFindings } from "../recording_form.ts";

/** Counts such clips; the released normalisation would find no frame in them. */
export class RootedSurvey implements ClipSurvey {
  #rooted = 0;

  /** @inheritdoc */
  begin(): undefined {
    return undefined;
  }

  /** @inheritdoc */
  add(_recording: NamedRecording, { traits }: ClipFrames): void {
    this.#rooted += traits?.rooted ?? 0;
  }

  /** @inheritdoc */
  finish(): SurveyFindings {
    return { report: { rooted_clips: this.#rooted }, metrics: {}, infos: [] };
  }

  /** Clips counted. */
  get rooted(): number {
    return this.#rooted;
  }

  /** @inheritdoc */
  save(): number {
    return this.#rooted;
  }

  /** @inheritdoc */
  restore(saved: unknown): void {
    this.#rooted = saved as number;
  }
}
