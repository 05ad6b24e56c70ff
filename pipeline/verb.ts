/**
 * A verb of the command line: its help, its options, and what it does. Types only.
 *
 * @module
 */
import type { Catalogue } from "./stage.ts";
import type { DeviceResolver, FileComparer } from "./types.ts";

/** An option of a verb. */
export interface VerbOption {
  /** `flag` takes no value; `value` one; `list` may be repeated. */
  readonly kind: "flag" | "value" | "list";
  /** The word for its value in help, such as `DIR`. */
  readonly value?: string;
  /** One line for help. */
  readonly summary: string;
  /** One letter: `j` for `-j`. */
  readonly alias?: string;
}

/** A positional argument of a verb. */
export interface VerbArgument {
  /** In capitals, such as `FILE`. */
  readonly name: string;
  /** One line for help. */
  readonly summary: string;
  /** May be left out (default: it may not). */
  readonly optional?: boolean;
  /** May be given several times (the last argument alone); see {@link Call.rest}. */
  readonly rest?: boolean;
}

/** Where a verb writes: results to `out`, everything else to `err`. */
export interface Terminal {
  /** Writes text to standard output, as it is. */
  out(text: string): void;
  /** Writes text to standard error, as it is. */
  err(text: string): void;
  /** Whether standard error is a terminal that takes colours and cursor movements. */
  readonly live: boolean;
  /** Whether standard output is a terminal; absent counts as no. */
  readonly outLive?: boolean;
  /** Columns of the terminal; 80 where it has none. */
  readonly columns: number;
}

/** What a verb is called with. */
export interface Call {
  /** All stage types. */
  readonly catalogue: Catalogue;
  /** Where to write. */
  readonly terminal: Terminal;
  /** Finds the device to compute on. */
  readonly resolveDevice: DeviceResolver;
  /** Says how two files of artifacts differ; absent where nobody knows their formats. */
  readonly compareFiles?: FileComparer;
  /** The version of Deno in use, and the one the project is tested with. */
  readonly deno: { readonly running: string; readonly pinned: string };
  /**
   * Hands an output of a stage's last run, `STAGE` or `STAGE.OUTPUT`, to `use`, as a folder that may
   * only be read and is gone afterwards. Absent where there is no store to ask.
   *
   * @throws {Error} If nothing was run yet, or there is no such output.
   */
  withOutput?<T>(reference: string, use: (folder: string) => Promise<T>): Promise<T>;
  /** The folder of the store: `--store`, else `SKELRUN_STORE`, else `.skelrun`. */
  readonly store: string;
  /** Positional arguments by name. */
  readonly args: Readonly<Record<string, string | undefined>>;
  /** The last positional argument with all that follow it; empty where it is not given. */
  readonly rest: readonly string[];
  /** Flags by name; false where not given. */
  flag(name: string): boolean;
  /** A value option, or undefined where not given. */
  value(name: string): string | undefined;
  /** A list option; empty where not given. */
  list(name: string): readonly string[];
}

/** One verb. `run` imports what it needs when it is called, so that help stays instant. */
export interface Verb {
  /** The word on the command line. */
  readonly name: string;
  /** One line for help. */
  readonly summary: string;
  /** In their order. */
  readonly arguments: readonly VerbArgument[];
  /** By their long names, without the dashes. */
  readonly options: Readonly<Record<string, VerbOption>>;
  /** A command line to copy, shown by `--help`. */
  readonly example: string;
  /**
   * Does the work.
   *
   * @returns The exit status: 0 done, 1 failed, 2 wrong usage or a wrong experiment file,
   * 130 stopped by the user (143 by a request to terminate, 129 by a terminal that was closed).
   */
  run(call: Call): Promise<number>;
}
