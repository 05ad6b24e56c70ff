/**
 * What `parse_ntu` finds out beside the clips: whether the download is complete, and what the recordings
 * say about their bodies.
 *
 * @module
 */
import type { ClipFrames, ClipSurvey, NamedRecording, SurveyFindings } from "../recording_form.ts";
import { BodyFindings } from "./body_findings.ts";
import type { BodyTraits } from "./body_traits.ts";
import {
  archiveOf,
  type Completeness,
  completeness,
  completenessText,
  unusableText,
  withUnusable,
} from "./completeness.ts";
import type { ParseNtuParams } from "./definition.ts";
import { missingOf } from "./ntu_form.ts";

/** The survey, for some parameters. */
export class NtuSurvey implements ClipSurvey {
  readonly #params: ParseNtuParams;
  readonly #bodies = new BodyFindings();
  /** Clips that were taken, by published archive. */
  #taken = [0, 0];
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
    const archive = archiveOf(recording.identity.setup);
    if (archive >= 0) this.#taken[archive]!++;
  }

  finish(): SurveyFindings {
    const found = this.#completeness;
    const whole = found === undefined || this.#params.per_class !== undefined
      ? found
      : withUnusable(found, this.#taken);
    const unusable = whole === undefined ? undefined : unusableText(whole);
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
        ...(unusable === undefined ? [] : [unusable]),
      ],
    };
  }

  save(): unknown {
    return { bodies: this.#bodies.save(), taken: this.#taken };
  }

  restore(saved: unknown): void {
    const { bodies, taken } = saved as { bodies: unknown; taken: number[] };
    this.#bodies.restore(bodies);
    this.#taken = taken;
  }
}
