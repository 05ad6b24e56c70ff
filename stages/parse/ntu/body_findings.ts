/**
 * What all recordings of NTU RGB+D together say about their bodies: the part `bodies` of the parse
 * report.
 *
 * @module
 */
import type { NamedRecording } from "../recording_form.ts";
import type { BodyTraits } from "./body_traits.ts";

/** Names that a finding gives. */
const NAMES = 10;

/** Clips of one kind. */
interface Finding {
  clips: number;
  /** The first of them. */
  readonly first: string[];
}

/** Actions of one person, or of two. */
interface Kind {
  clips: number;
  /** Of these, clips with a second body in some frame. */
  two_bodies: number;
}

/** What is counted; `report.json` holds it as it is, with shares. */
interface Findings {
  clips: number;
  /** The first body is not there in the first frame. */
  readonly starts_late: Finding;
  /** The first body is not there in some frame between its first and its last. */
  readonly gaps: Finding;
  /** Either: the number of frames with a first body is not the last one's number. */
  readonly counts_differ: Finding;
  /** A bodyID is listed in another place than before. */
  readonly slot_changes: Finding & { changes: number };
  /** A frame lists more than two bodies. */
  readonly more_than_two: Finding & { most: number };
  /** Some frame has a second body. */
  readonly two_bodies: { clips: number };
  readonly one_person: Kind;
  readonly mutual: Kind;
  /** Clips of two people's actions that never have a second body. */
  readonly mutual_alone: Finding;
}

/** Whether two people perform an action (from 1) together: A50 to A60, and A106 to A120. */
export function isMutual(action: number): boolean {
  return action >= 50 && action <= 60 || action >= 106 && action <= 120;
}

/** Counts, clip by clip. */
export class BodyFindings {
  #found: Findings = none();

  /** Takes a clip into account. */
  add({ name, identity }: NamedRecording, traits: BodyTraits): void {
    const found = this.#found;
    const { valid, first, last, second, most, moves } = traits;
    found.clips++;
    if (first > 0) note(found.starts_late, name);
    if (valid !== last - first + 1) note(found.gaps, name);
    if (valid !== last + 1) note(found.counts_differ, name);
    if (moves > 0) {
      note(found.slot_changes, name);
      found.slot_changes.changes += moves;
    }
    if (most > 2) {
      note(found.more_than_two, name);
      found.more_than_two.most = Math.max(found.more_than_two.most, most);
    }
    if (second > 0) found.two_bodies.clips++;
    const mutual = isMutual(identity.label + 1);
    const kind = mutual ? found.mutual : found.one_person;
    kind.clips++;
    if (second > 0) kind.two_bodies++;
    else if (mutual) note(found.mutual_alone, name);
  }

  /**
   * What was found.
   *
   * @param kinds Whether actions are those of NTU, so that their numbers say how many people perform them.
   */
  report(kinds: boolean): Readonly<Record<string, unknown>> {
    const { one_person, mutual, mutual_alone, two_bodies, ...rest } = this.#found;
    const shared = (kind: Kind) => ({ ...kind, share: share(kind.two_bodies, kind.clips) });
    return {
      ...rest,
      two_bodies: { ...two_bodies, share: share(two_bodies.clips, rest.clips) },
      ...(kinds ? { one_person: shared(one_person), mutual: shared(mutual), mutual_alone } : {}),
    };
  }

  /** Figures of the result. */
  get metrics(): Readonly<Record<string, number>> {
    const { counts_differ, slot_changes, more_than_two, two_bodies } = this.#found;
    return {
      late_or_gaps: counts_differ.clips,
      slot_changes: slot_changes.clips,
      more_than_two: more_than_two.clips,
      two_bodies: two_bodies.clips,
    };
  }

  /** One line for a log. */
  summary(): string {
    const found = this.#found;
    const percent = (100 * share(found.two_bodies.clips, found.clips)).toFixed(1);
    return `bodies: of ${found.clips} clips ${found.starts_late.clips} start late, ` +
      `${found.gaps.clips} have gaps, in ${found.slot_changes.clips} a body changes its place, ` +
      `${found.more_than_two.clips} list more than two, ${percent} % have two bodies`;
  }

  /** The counts, as JSON. */
  save(): unknown {
    return this.#found;
  }

  /** Takes back what {@link save} gave. */
  restore(saved: unknown): void {
    this.#found = saved as Findings;
  }
}

function none(): Findings {
  const finding = (): Finding => ({ clips: 0, first: [] });
  return {
    clips: 0,
    starts_late: finding(),
    gaps: finding(),
    counts_differ: finding(),
    slot_changes: { ...finding(), changes: 0 },
    more_than_two: { ...finding(), most: 0 },
    two_bodies: { clips: 0 },
    one_person: { clips: 0, two_bodies: 0 },
    mutual: { clips: 0, two_bodies: 0 },
    mutual_alone: finding(),
  };
}

function note(finding: Finding, name: string): void {
  finding.clips++;
  if (finding.first.length < NAMES) finding.first.push(name);
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
