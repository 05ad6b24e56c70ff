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
  type Pair,
  parseDocument,
  visit,
  type YAMLError,
  type YAMLMap,
} from "yaml";
import { expandedSize } from "./expanded_size.ts";
import type { Located, Source, Step, YamlFault } from "./source.ts";
import type { Position } from "./types.ts";

interface Reached {
  readonly node: unknown;
  /** The key node of the last step taken, for a map. */
  readonly key?: unknown;
  readonly depth: number;
}

const WORDING: Partial<Record<YAMLError["code"], string>> = {
  ALIAS_PROPS: "an alias (*name) cannot have an anchor or a tag of its own",
  BAD_ALIAS: "an alias (*name) is written wrongly here",
  BAD_INDENT: "this line begins at another column than its neighbours; indent it like them",
  BLOCK_AS_IMPLICIT_KEY:
    'a second "key: value" begins inside a value; put text that holds ": " in ' +
    "quotes, and an inner map on lines of its own, indented more",
  MULTILINE_IMPLICIT_KEY: 'expected "key: value" on this line; is the space after ":" missing?',
  MULTIPLE_ANCHORS: "a value can have one anchor (&name) only",
  MULTIPLE_DOCS: "a second document begins here (---); an experiment file holds one",
  TAB_AS_INDENT: "a tab was found where YAML wants spaces; indent with spaces",
};

/** A fault of the text in the words of this project, for those that hands make; else the library's. */
function wordFault(error: YAMLError, text: string): string {
  const found = JSON.stringify(text[error.pos[0]] ?? "");
  switch (error.code) {
    case "BAD_INDENT":
      if (error.message.startsWith("Flow")) {
        return "a list [ ] or map { } that was opened before is not closed before this line";
      }
      break;
    case "BAD_SCALAR_START":
      return `a text without quotes cannot begin with ${found}; put it in quotes`;
    case "MISSING_CHAR":
      if (error.message.includes("quote")) return "a quoted text is not closed before this place";
      if (error.message.startsWith("Implicit")) return 'expected "key: value", found no ":"';
      if (error.message.startsWith("Flow")) {
        return "a list [ ] or map { } is not closed before this place";
      }
      break;
    case "TAG_RESOLVE_FAILED":
      return "a tag (!name) is not known here; leave it out, or put the text in quotes";
    case "UNEXPECTED_TOKEN":
      return `expected "key: value" or "- item", found ${found}`;
    default:
      break;
  }
  return WORDING[error.code] ?? error.message;
}

/** The first fault of each line: those after it are mostly its consequences. */
function firstOfLines(faults: readonly YamlFault[]): readonly YamlFault[] {
  const seen = new Set<number>();
  return faults.filter(({ position: { line } }) => !seen.has(line) && seen.add(line));
}

function offsetOf(node: unknown): number | undefined {
  return (node as { range?: readonly number[] | null } | null)?.range?.[0];
}

/**
 * Keys that stand twice in one map, in time that grows with the text and not with its square, and keys
 * that are maps or lists themselves.
 */
function keyFaults(document: Document): readonly { offset: number; message: string }[] {
  const found: { offset: number; message: string }[] = [];
  visit(document, {
    Map(_, map) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        const offset = offsetOf(key) ?? 0;
        if (isMap(key) || isSeq(key)) {
          found.push({ offset, message: "a key must be a plain text, not a list or a map" });
        }
        if (!isScalar(key) || typeof key.value === "symbol") continue;
        const name = String(key.value);
        if (seen.has(name)) {
          found.push({
            offset,
            message: `the key ${
              JSON.stringify(name)
            } is given twice in this map; keep one of the two`,
          });
        }
        seen.add(name);
      }
    },
  });
  return found;
}

/** Line and column of an offset, counted only when somebody asks. */
function positionAt(file: string, text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const start = before.lastIndexOf("\n") + 1;
  return { file, line: before.split("\n").length, column: offset - start + 1 };
}

/** A parsed YAML text, with its value and the positions of everything in it. */
export class YamlSource implements Source {
  /** The name that positions carry. */
  readonly file: string;
  readonly text: string;
  /** The plain value: maps, lists, strings, numbers, booleans and null. */
  readonly value: unknown;
  readonly #document: Document;

  private constructor(
    file: string,
    text: string,
    value: unknown,
    document: Document,
  ) {
    this.file = file;
    this.text = text;
    this.value = value;
    this.#document = document;
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
    const document = parseDocument(text, {
      merge: true,
      // The library compares every key of a map with every other; see keyFaults().
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: "error",
    });
    const at = (offset: number) => positionAt(file, text, offset);
    const found = [...document.errors, ...document.warnings];
    if (found.length > 0) {
      return firstOfLines(found.map((error) => ({
        position: at(error.pos[0]),
        message: wordFault(error, text),
      })));
    }
    const keys = keyFaults(document);
    if (keys.length > 0) {
      return keys.map(({ offset, message }) => ({ position: at(offset), message }));
    }
    try {
      // The library's own guard counts aliases, also of small values that stand at many places.
      const value: unknown = document.toJS({ maxAliasCount: -1 });
      if (expandedSize(value) === undefined) {
        const message = "aliases (*name) make this too large, or a value is an alias of itself";
        return [{ position: at(0), message }];
      }
      return new YamlSource(file, text, value, document);
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
      // An alias inside of what it means leads round and round.
      const message = cause instanceof RangeError
        ? "a value holds an alias (*name) of itself, or too many values hold each other"
        : cause instanceof Error
        ? cause.message
        : String(cause);
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
    return { position: positionAt(this.file, this.text, offset), depth: reached.depth };
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
