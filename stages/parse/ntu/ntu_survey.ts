/**
 * What `parse_ntu` finds out beside the clips: whether the download is complete, and what the recordings
 * say about their bodies.
 *
 * @module
 */
import type { ClipFrames, ClipSurvey, NamedRecording, SurveyFindings } from "../recording_form.ts";
import { BodyFindings } from "./body_findings.ts";
import type { BodyTraits } from "./body_traits.ts";
import { type Completeness, completeness, completenessText } from "./completeness.ts";
import type { ParseNtuParams } from "./definition.ts";
import { missingOf } from "./ntu_form.ts";

/** The survey, for some parameters. */
export class NtuSurvey implements ClipSurvey {
  readonly #params: ParseNtuParams;
  readonly #bodies = new BodyFindings();
  #completeness: Completeness | undefined;

  constructor(params: ParseNtuParams) {
    this.#params = params;
  }

  begin(found: readonly NamedRecording[]): string | undefined {
    const { dataset, classes } = this.#params;
    if (dataset === "ntu" || classes !== undefined) return undefined;
    this.#completeness = completeness(dataset, found, missingOf(this.#params));
    return this.#completeness.complete ? undefined : completenessText(this.#completeness);
  }

  add(recording: NamedRecording, { traits }: ClipFrames): void {
    this.#bodies.add(recording, traits as unknown as BodyTraits);
  }

  finish(): SurveyFindings {
    const whole = this.#completeness;
    return {
      report: {
        bodies: this.#bodies.report(this.#params.dataset !== "ntu"),
        ...(whole === undefined ? {} : { completeness: whole }),
      },
      metrics: {
        ...this.#bodies.metrics,
        ...(whole === undefined ? {} : { short: whole.short }),
      },
      infos: [
        this.#bodies.summary(),
        ...(whole?.complete === true ? [completenessText(whole)] : []),
      ],
    };
  }

  save(): unknown {
    return this.#bodies.save();
  }

  restore(saved: unknown): void {
    this.#bodies.restore(saved);
  }
}
