/**
 * Reads YAML quickly: the plain value of a text that has nothing unusual about it.
 *
 * Two libraries read experiment files. `js-yaml` is some forty times faster and gives the value
 * alone; `yaml` (see yaml_source.ts) tells where each value stands and words what is wrong. What this
 * file gives must be what that one would give, so it gives nothing at all wherever the two might
 * differ - tags, directives, keys that are no text or number, anything it finds wrong - and leaves
 * the text to the other. A property test holds the two against each other.
 *
 * @module
 */
import {
  constructFromEvents,
  defineMappingTag,
  defineScalarTag,
  type Event,
  EVENT_ID,
  FAILSAFE_SCHEMA,
  mergeTag,
  NOT_RESOLVED,
  parseEvents,
} from "js-yaml";
import { expandedSize } from "./expanded_size.ts";

const DIGITS = [..."0123456789"];

/** A scalar of the core schema of YAML 1.2. */
function core<T>(name: string, test: RegExp, first: readonly string[], read: (text: string) => T) {
  return defineScalarTag<T>(`tag:yaml.org,2002:${name}`, {
    implicit: true,
    implicitFirstChars: first,
    resolve: (text) => test.test(text) ? read(text) : NOT_RESOLVED,
    identify: () => false,
  });
}

function readInteger(text: string): number {
  if (text.startsWith("0o")) return parseInt(text.slice(2), 8);
  return text.startsWith("0x") ? parseInt(text.slice(2), 16) : parseInt(text, 10);
}

function readFloat(text: string): number {
  if (/nan$/i.test(text)) return NaN;
  if (/inf$/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  return parseFloat(text);
}

/** A key that cannot be the name of anything: the text is left to the other reader. */
const ODD_KEY = "the key is neither a text nor a number";

const plainMap = defineMappingTag<Record<string, unknown>>("tag:yaml.org,2002:map", {
  create: () => ({}),
  addPair: (map, key, value) => {
    if (typeof key !== "string" && typeof key !== "number" && typeof key !== "boolean") {
      return ODD_KEY;
    }
    const name = String(key);
    if (name in map) {
      // Also `__proto__`, `constructor` and their like, which every object has.
      Object.defineProperty(map, name, {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    } else map[name] = value;
    return "";
  },
  has: (map, key) => Object.hasOwn(map, String(key)),
  keys: (map) => Object.keys(map),
  get: (map, key) => map[String(key)],
  identify: () => false,
});

const schema = FAILSAFE_SCHEMA.withTags(
  core("null", /^(?:~|[Nn]ull|NULL)?$/, ["", "~", "n", "N"], () => null),
  core(
    "bool",
    /^(?:[Tt]rue|TRUE|[Ff]alse|FALSE)$/,
    [..."tTfF"],
    (text) => text[0] === "t" || text[0] === "T",
  ),
  core("int", /^(?:0o[0-7]+|0x[0-9a-fA-F]+|[-+]?[0-9]+)$/, ["-", "+", ...DIGITS], readInteger),
  core(
    "float",
    /^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)[eE][-+]?[0-9]+|[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)|[-+]?\.(?:inf|Inf|INF)|\.nan|\.NaN|\.NAN)$/,
    ["-", "+", ".", ...DIGITS],
    readFloat,
  ),
  mergeTag,
  plainMap,
);

/**
 * Where the two libraries were found to differ, or where it is not worth finding out: tabs, line ends
 * that are no line ends to all, marks of byte order, directives, ends of documents, block texts that
 * state their indentation or keep their last empty lines.
 */
const UNUSUAL = /[\t\ufeff\u2028\u2029\u0085]|\r(?!\n)|^\.\.\.|^%|^ +---|[|>][-+1-9]*[+1-9\r]/m;

/** An anchor's name that ends where it seems to. */
const ANCHOR = /^[A-Za-z0-9_-]+$/;

/** Whether one of the libraries might see in an event what the other does not. */
function isUnusual(event: Event, before: Event | undefined, text: string): boolean {
  if (event.type === EVENT_ID.DOCUMENT) return event.directives.length > 0;
  if (event.type === EVENT_ID.POP) return false;
  if ("tagStart" in event && event.tagStart >= 0) return true;
  const { anchorStart, anchorEnd } = event;
  if (anchorStart < 0) return false;
  if (!ANCHOR.test(text.slice(anchorStart, anchorEnd))) return true;
  if (event.type === EVENT_ID.SCALAR) {
    // An anchor before the first key of a map: of the key, or of the map? And one of nothing.
    if (before?.type === EVENT_ID.MAPPING || event.valueEnd <= event.valueStart) return true;
  }
  const next = text[anchorEnd];
  return event.type !== EVENT_ID.ALIAS && next !== undefined && !" \r\n".includes(next);
}

/** Whether an alias stands inside of the map or list that it means. */
function holdsItself(events: readonly Event[], text: string): boolean {
  const open: string[] = [];
  for (const event of events) {
    if (event.type === EVENT_ID.POP) open.pop();
    else if (event.type === EVENT_ID.DOCUMENT) open.push("");
    else if (event.type !== EVENT_ID.SCALAR) {
      const anchor = event.anchorStart < 0 ? "" : text.slice(event.anchorStart, event.anchorEnd);
      if (event.type !== EVENT_ID.ALIAS) open.push(anchor);
      else if (open.includes(anchor)) return true;
    }
  }
  return false;
}

/**
 * The plain value of a YAML text, if it is read by both libraries alike.
 *
 * @param text One YAML document.
 * @returns The value in a box, or `undefined` where {@link "./yaml_source.ts"} must read the text:
 * because it may be wrong, or because it uses what few files use.
 */
export function readYamlValue(text: string): { readonly value: unknown } | undefined {
  if (UNUSUAL.test(text)) return undefined;
  try {
    const events = parseEvents(text, {});
    if (events.some((event, i) => isUnusual(event, events[i - 1], text))) return undefined;
    if (holdsItself(events, text)) return undefined;
    const documents = events.filter(({ type }) => type === EVENT_ID.DOCUMENT);
    if (documents.length !== 1) return undefined;
    const [value] = constructFromEvents(events, { source: text, schema, maxTotalMergeKeys: -1 });
    return expandedSize(value) === undefined ? undefined : { value };
  } catch {
    // Whatever it is, the other reader says it better.
    return undefined;
  }
}
