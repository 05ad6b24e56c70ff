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
  type YAMLMap,
} from "yaml";
import { expandedSize } from "./expanded_size.ts";
import type { Located, Source, Step, YamlFault } from "./source.ts";
import type { Position } from "../types.ts";
import { firstOfLines, keyFaults, offsetOf, wordFault } from "./yaml_faults.ts";

interface Reached {
  readonly node: unknown;
  /** The key node of the last step taken, for a map. */
  readonly key?: unknown;
  readonly depth: number;
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
  /** The text itself. */
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
