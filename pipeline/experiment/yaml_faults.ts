/**
 * Faults of a YAML text in the words of this project.
 *
 * @module
 */
import { type Document, isMap, isScalar, isSeq, visit, type YAMLError } from "yaml";
import type { YamlFault } from "./source.ts";

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
export function wordFault(error: YAMLError, text: string): string {
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
export function firstOfLines(faults: readonly YamlFault[]): readonly YamlFault[] {
  const seen = new Set<number>();
  return faults.filter(({ position: { line } }) => !seen.has(line) && seen.add(line));
}

/** Where a node begins; `undefined` for one that stands nowhere. */
export function offsetOf(node: unknown): number | undefined {
  return (node as { range?: readonly number[] | null } | null)?.range?.[0];
}

/**
 * Keys that stand twice in one map, in time that grows with the text and not with its square, and keys
 * that are maps or lists themselves.
 */
export function keyFaults(document: Document): readonly { offset: number; message: string }[] {
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
