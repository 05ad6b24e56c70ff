/**
 * A YAML text that knows where each of its values stands.
 *
 * Parsing builds the node tree once; line and column of a value are looked up only when somebody
 * asks, which is when there is something to complain about.
 *
 * @module
 */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  visit,
  type YAMLError,
  type YAMLMap,
} from "yaml";
import type { Position } from "./types.ts";

/** A step from a value to one inside it: a key of a map or an index of a list. */
export type Step = string | number;

/** A fault in the text itself, before any meaning is looked at. */
export interface YamlFault {
  readonly position: Position;
  readonly message: string;
}

/** How far a path could be followed, and where it ended. */
export interface Located {
  readonly position: Position;
  /** How many steps of the path exist. */
  readonly depth: number;
}

interface Reached {
  readonly node: unknown;
  /** The key node of the last step taken, for a map. */
  readonly key?: unknown;
  readonly depth: number;
}

const WORDING: Partial<Record<YAMLError["code"], string>> = {
  BAD_INDENT: "the indentation does not fit the lines around it",
  TAB_AS_INDENT: "a tab was found where YAML wants spaces; indent with spaces",
  BAD_ALIAS: "an alias (*name) is written wrongly here",
  MULTIPLE_DOCS: "a second document begins here (---); an experiment file holds one",
  BLOCK_AS_IMPLICIT_KEY:
    "a map or list begins here in the middle of a line; put it on lines of its own",
};

function wordFault(error: YAMLError): string {
  const words = WORDING[error.code];
  return words ?? error.message.replace(/\s+at line \d+, column \d+:?[\s\S]*$/, "");
}

function offsetOf(node: unknown): number | undefined {
  return (node as { range?: readonly number[] | null } | null)?.range?.[0];
}

/** Keys that stand twice in one map, in time that grows with the text and not with its square. */
function duplicateKeys(document: Document): readonly { offset: number; key: string }[] {
  const found: { offset: number; key: string }[] = [];
  visit(document, {
    Map(_, map) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        if (!isScalar(key) || typeof key.value === "symbol") continue;
        const name = String(key.value);
        if (seen.has(name)) found.push({ offset: offsetOf(key) ?? 0, key: name });
        seen.add(name);
      }
    },
  });
  return found;
}

/** A parsed YAML text, with its value and the positions of everything in it. */
export class YamlSource {
  /** The name that positions carry. */
  readonly file: string;
  readonly text: string;
  /** The plain value: maps, lists, strings, numbers, booleans and null. */
  readonly value: unknown;
  readonly #document: Document;
  readonly #lines: LineCounter;

  private constructor(
    file: string,
    text: string,
    value: unknown,
    document: Document,
    lines: LineCounter,
  ) {
    this.file = file;
    this.text = text;
    this.value = value;
    this.#document = document;
    this.#lines = lines;
  }

  /**
   * Parses a text. Anchors, aliases and merge keys (`<<`) work; a repeated key, an unknown tag and
   * a tab used for indentation are faults.
   *
   * @param file The name that positions carry.
   * @param text One YAML document.
   * @returns The source, or the faults that keep it from being read.
   */
  static parse(file: string, text: string): YamlSource | readonly YamlFault[] {
    const lines = new LineCounter();
    const document = parseDocument(text, {
      lineCounter: lines,
      merge: true,
      // The library compares every key of a map with every other; see duplicateKeys().
      uniqueKeys: false,
      prettyErrors: false,
    });
    const at = (offset: number): Position => {
      const { line, col } = lines.linePos(offset);
      return { file, line: Math.max(1, line), column: Math.max(1, col) };
    };
    const found = [...document.errors, ...document.warnings];
    if (found.length > 0) {
      return found.map((error) => ({
        position: at(error.pos[0]),
        message: wordFault(error),
      }));
    }
    const twice = duplicateKeys(document);
    if (twice.length > 0) {
      return twice.map(({ offset, key }) => ({
        position: at(offset),
        message: `the key ${JSON.stringify(key)} is given twice in this map; keep one of the two`,
      }));
    }
    try {
      return new YamlSource(file, text, document.toJS(), document, lines);
    } catch (cause) {
      const faults: YamlFault[] = [];
      visit(document, {
        Alias(_, node) {
          if (node.resolve(document) === undefined) {
            faults.push({
              position: at(offsetOf(node) ?? 0),
              message: `no anchor &${node.source} stands before this alias *${node.source}`,
            });
          }
        },
      });
      if (faults.length > 0) return faults;
      const message = cause instanceof Error ? cause.message : String(cause);
      return [{ position: at(0), message }];
    }
  }

  /**
   * Where a value stands: the deepest one on `path` that exists.
   *
   * @param path Steps from the root.
   * @param key Points at the key of the last step instead of at its value.
   */
  locate(path: readonly Step[], key = false): Located {
    const reached = this.#follow(path);
    const whole = reached.depth === path.length;
    const node = key && whole && reached.key !== undefined ? reached.key : reached.node;
    const offset = offsetOf(node) ?? offsetOf(reached.key) ?? 0;
    const { line, col } = this.#lines.linePos(offset);
    return {
      position: { file: this.file, line: Math.max(1, line), column: Math.max(1, col) },
      depth: reached.depth,
    };
  }

  #follow(path: readonly Step[]): Reached {
    let node: unknown = this.#resolved(this.#document.contents);
    let lastKey: unknown;
    for (const [depth, step] of path.entries()) {
      if (isMap(node)) {
        const pair = this.#pair(node, String(step));
        if (pair === undefined) return { node, key: lastKey, depth };
        lastKey = pair.key;
        // An empty value has no node of its own in some places; its key stands for it.
        node = this.#resolved(pair.value ?? pair.key);
      } else if (isSeq(node) && node.items[Number(step)] !== undefined) {
        lastKey = undefined;
        node = this.#resolved(node.items[Number(step)]);
      } else {
        return { node, key: lastKey, depth };
      }
    }
    return { node, key: lastKey, depth: path.length };
  }

  #resolved(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.#document) : node;
  }

  /** The pair of a key, in the map itself or in the maps that `<<` merges into it. */
  #pair(map: YAMLMap, key: string): Pair | undefined {
    for (const pair of map.items) {
      if (isScalar(pair.key) && typeof pair.key.value !== "symbol") {
        if (String(pair.key.value) === key) return pair;
      }
    }
    for (const pair of map.items) {
      const merges = isScalar(pair.key) &&
        (typeof pair.key.value === "symbol" || pair.key.value === "<<");
      if (!merges) continue;
      const value = this.#resolved(pair.value);
      const sources = isSeq(value) ? value.items.map((item) => this.#resolved(item)) : [value];
      for (const source of sources) {
        const found = isMap(source) ? this.#pair(source, key) : undefined;
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }
}
