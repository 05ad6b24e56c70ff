/**
 * A text with values in it, as the layers of an experiment see it.
 *
 * @module
 */
import type { Position } from "../types.ts";

/** A step from a value to one inside it: a key of a map or an index of a list. */
export type Step = string | number;

/** A fault in the text itself, before any meaning is looked at. */
export interface YamlFault {
  /** Where it is. */
  readonly position: Position;
  /** What was expected, what was found. */
  readonly message: string;
}

/** How far a path could be followed, and where it ended. */
export interface Located {
  /** Of the last value that exists. */
  readonly position: Position;
  /** How many steps of the path exist. */
  readonly depth: number;
}

/** A text that was read. */
export interface Source {
  /** The name that positions carry. */
  readonly file: string;
  /** The plain value: maps, lists, strings, numbers, booleans and null. */
  readonly value: unknown;
  /**
   * Where a value stands: the deepest one on `path` that exists.
   *
   * @param path Steps from the root.
   * @param key Points at the key of the last step instead of at its value.
   * @throws {PlacesNeeded} If it was read quickly.
   */
  locate(path: readonly Step[], key?: boolean): Located;
}

/** Reads one YAML document, or says what keeps it from being read. */
export type SourceReader = (file: string, text: string) => Source | readonly YamlFault[];

/**
 * Ends an attempt to read an experiment quickly: somebody asks for a place, so there is something to
 * complain about, or the quick reader does not read the text.
 */
export class PlacesNeeded extends Error {
  /** Tells it from other errors. */
  override readonly name = "PlacesNeeded";
}
