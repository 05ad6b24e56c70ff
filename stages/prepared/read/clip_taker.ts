/**
 * Takes clips of prepared files one after another: checks their names, and counts what a user should
 * know of them.
 *
 * @module
 */
import { BadRecording } from "../../formats/bad_recording.ts";
import { counted } from "../../formats/counted.ts";
import { NTU_NAME_FORM, type NtuName, parseNtuName } from "../../formats/ntu_name.ts";
import type { ParseReport } from "../../parse/parse_report.ts";
import type { RawClipsWriter } from "../../parse/raw_clips_writer.ts";
import type { PreparedClip } from "../prepared_source.ts";
import { CentringWatch } from "./centring_watch.ts";
import type { ReadPreparedParams } from "./definition.ts";

/** The name of a clip: no control characters, and not too long. */
// deno-lint-ignore no-control-regex
const NAME_FORM = /^[^\x00-\x1f\x7f]{1,500}$/;

/** Takes clips into a `raw_clips` artifact. */
export class ClipTaker {
  readonly #params: ReadPreparedParams;
  readonly #writer: RawClipsWriter;
  readonly #report: ParseReport;
  readonly #names = new Set<string>();
  readonly #centring = new CentringWatch();
  #ntu = 0;
  #padded = 0;
  #bodiesLeft = 0;
  #otherLabels = 0;

  constructor(params: ReadPreparedParams, writer: RawClipsWriter, report: ParseReport) {
    this.#params = params;
    this.#writer = writer;
    this.#report = report;
  }

  /** Whether all clips taken have NTU's names. */
  get allNtu(): boolean {
    return this.#ntu === this.#names.size;
  }

  /** Takes a clip, or lists why it is left out. */
  async take(clip: PreparedClip): Promise<void> {
    const { name, label, positions } = clip;
    const ntu = parseNtuName(name);
    const fault = this.#fault(clip, ntu);
    if (fault !== undefined) return this.#report.exclude(new BadRecording(clip.place, fault));
    this.#names.add(name);
    this.#centring.add(positions, this.#params.bodies);
    if (ntu !== undefined) this.#ntu++;
    if (ntu !== undefined && ntu.action !== label + 1) this.#otherLabels++;
    if (clip.padding > 0) this.#padded++;
    if (clip.bodiesLeft > 0) this.#bodiesLeft++;
    await this.#writer.append(name, {
      label,
      subject: ntu?.performer ?? 0,
      camera: ntu?.camera ?? 0,
      setup: ntu?.setup ?? 0,
      replication: ntu?.replication ?? 0,
    }, positions);
  }

  /** Counts for the report. */
  counts(): Readonly<Record<string, unknown>> {
    return {
      padded_clips: this.#padded,
      clips_with_bodies_left_off: this.#bodiesLeft,
      labels_unlike_names: this.#otherLabels,
      centred_clips: this.#centring.counts(),
    };
  }

  /** What a user should know, in sentences. */
  remarks(): string[] {
    const remarks = this.#centring.remarks();
    if (this.#bodiesLeft > 0) {
      remarks.push(
        `${counted(this.#bodiesLeft, "clip")} had more than ${this.#params.bodies} bodies; the ` +
          "first are kept",
      );
    }
    if (this.#otherLabels > 0) {
      remarks.push(
        `${
          counted(this.#otherLabels, "clip")
        } had another label than NTU's name says (its action ` +
          "less one); the label counts",
      );
    }
    return remarks;
  }

  #fault({ name, label, positions }: PreparedClip, ntu: NtuName | undefined): string | undefined {
    const { classes, bodies, dataset } = this.#params;
    if (!NAME_FORM.test(name)) return `expected a name of printable text, found ${quoted(name)}`;
    if (this.#names.has(name)) return `another clip is called ${name}; the first one is kept`;
    if (dataset === "ntu" && ntu === undefined) {
      return `expected a name of the form ${NTU_NAME_FORM} (parameter dataset), found ${
        quoted(name)
      }`;
    }
    if (classes !== undefined && label >= classes) {
      return `expected a label below ${classes} (parameter classes), found ${label}`;
    }
    const frames = positions.length / (bodies * 75);
    return frames > this.#writer.longestClip
      ? `expected at most ${this.#writer.longestClip} frames, found ${frames}`
      : undefined;
  }
}

function quoted(name: string): string {
  return JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}...` : name);
}
