/**
 * What a verification says of stages. Types only.
 *
 * @module
 */

/** A file of an output that differs. */
export interface FileDifference {
  /** Its name in the artifact. */
  readonly name: string;
  /** How, in words: the published value first, then the recomputed one. */
  readonly text: string;
}

/** Something that came out otherwise. */
export type StageDifference =
  | {
    readonly kind: "output";
    /** As the stage's definition calls it. */
    readonly name: string;
    /** Hex digests of the artifact's tree. */
    readonly published: string;
    readonly recomputed: string;
    /** The first files that differ, in the order of their names. */
    readonly files: readonly FileDifference[];
    /** How many files differ altogether; undefined if the list of the published files is gone. */
    readonly differing?: number;
  }
  | { readonly kind: "metric" | "facts"; readonly name: string; readonly text: string };

/**
 * What a verification came to: `same` bytes, metrics and facts; it `differs`; the stage was `not
 * computed yet`, so that there is nothing to compare; the `bytes gone` that it would be recomputed
 * from; it `could not run`; or the user `stopped` it.
 */
export type VerifiedState =
  | "same"
  | "differs"
  | "not computed yet"
  | "bytes gone"
  | "could not run"
  | "stopped";

/** What became of one stage. */
export interface VerifiedStage {
  /** Its name in the experiment. */
  readonly id: string;
  /** Its type. */
  readonly uses: string;
  /** How it came out. */
  readonly state: VerifiedState;
  /** Hex action key; absent where it is unknown. */
  readonly key?: string;
  /** Wall seconds of recomputing and comparing. */
  readonly seconds: number;
  /** How often it was recomputed to its end. */
  readonly recomputed: number;
  /** Why it was not compared, or what else is to be said, in one or two sentences. */
  readonly note?: string;
  /** Empty unless it differs. */
  readonly differences: readonly StageDifference[];
  /** The folder with the recomputed outputs that differ. */
  readonly kept?: string;
  /** The log of the recomputation, where it is worth reading. */
  readonly logFile?: string;
  /** The last lines of that log, where the stage failed. */
  readonly logTail?: readonly string[];
}

/** What a verification came to. */
export interface Verification {
  /** The experiment's name. */
  readonly experiment: string;
  /** The user stopped it. */
  readonly stopped: boolean;
  /** Wall time of all of it. */
  readonly seconds: number;
  /** In the order of the graph. */
  readonly stages: readonly VerifiedStage[];
}
