/**
 * Where two JSON values differ first, and how often.
 *
 * @module
 */
import { ulpText } from "./array_difference.ts";
import { ulpsBetween } from "./ulps.ts";

/** Letters of a value that a message shows. */
const SHOWN = 60;

/** How values differ at a place. */
interface Found {
  readonly path: string;
  readonly text: string;
}

/**
 * How two JSON values differ: the path of the first difference in the order of the first value, what
 * is there in each, and in how many places they differ. Numbers are told in ulps too.
 *
 * @returns Undefined where they are equal; the order of an object's keys does not count.
 */
export function jsonDifference(a: unknown, b: unknown): string | undefined {
  const found = [...differences(a, b, "")];
  const first = found[0];
  if (first === undefined) return undefined;
  const others = found.length === 1 ? "" : `; ${found.length} places differ`;
  return `${first.path === "" ? "the whole" : first.path}: ${first.text}${others}`;
}

function* differences(a: unknown, b: unknown, path: string): Generator<Found> {
  if (Object.is(a, b)) return;
  if (Array.isArray(a) && Array.isArray(b)) {
    const shared = Math.min(a.length, b.length);
    for (let i = 0; i < shared; i++) yield* differences(a[i], b[i], `${path}[${i}]`);
    if (a.length !== b.length) yield { path, text: `${a.length} / ${b.length} elements` };
  } else if (isObject(a) && isObject(b)) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      yield* differences(
        Object.hasOwn(a, key) ? a[key] : undefined,
        Object.hasOwn(b, key) ? b[key] : undefined,
        /^[A-Za-z_]\w*$/.test(key)
          ? `${path}${path === "" ? "" : "."}${key}`
          : `${path}[${JSON.stringify(key)}]`,
      );
    }
  } else {
    yield { path, text: `${shown(a)} / ${shown(b)}${distance(a, b)}` };
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function distance(a: unknown, b: unknown): string {
  if (typeof a !== "number" || typeof b !== "number") return "";
  if (Number.isInteger(a) && Number.isInteger(b)) return "";
  return ` (${ulpText(ulpsBetween(a, b)!)})`;
}

function shown(value: unknown): string {
  if (value === undefined) return "absent";
  const text = Object.is(value, -0) ? "-0" : JSON.stringify(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN - 3)}...` : text;
}
