/**
 * JSON as artifacts hold it: keys sorted, two-space indent, a final newline, so that equal values
 * are equal bytes.
 *
 * @module
 */

function compareKeys(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function render(value: unknown, indent: string, path: string): string {
  if (value === null || typeof value === "boolean" || typeof value === "string") {
    return JSON.stringify(value);
  }
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new TypeError(`${path}: JSON has no ${value}`);
    return JSON.stringify(value);
  }
  const inner = indent + "  ";
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    const items = value.map((item, i) => inner + render(item, inner, `${path}[${i}]`));
    return `[\n${items.join(",\n")}\n${indent}]`;
  }
  const prototype = typeof value === "object" ? Object.getPrototypeOf(value) : undefined;
  if (prototype !== Object.prototype && prototype !== null) {
    const kind = typeof value === "object" ? prototype?.constructor?.name : typeof value;
    throw new TypeError(`${path}: expected a JSON value, got ${kind}`);
  }
  const members = Object.entries(value as Record<string, unknown>)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => compareKeys(a, b))
    .map(([key, member]) =>
      `${inner}${JSON.stringify(key)}: ${render(member, inner, `${path}.${key}`)}`
    );
  return members.length === 0 ? "{}" : `{\n${members.join(",\n")}\n${indent}}`;
}

/**
 * The one text of a JSON value: keys sorted by UTF-16 code units, two-space indent, a final newline.
 * Members that are `undefined` are left out.
 *
 * @throws {TypeError} If the value holds what JSON has no word for (NaN, infinity, typed arrays,
 * maps, functions, bigints, `undefined` in an array), naming its path.
 */
export function jsonText(value: unknown): string {
  return render(value, "", "$") + "\n";
}

/** Why a text is no JSON, or `undefined` if it is. */
function jsonFault(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/**
 * Whether a text would be JSON if it only went on: the engine's complaint is about its very end.
 */
function isUnfinished(text: string): boolean {
  const fault = jsonFault(text);
  if (fault === undefined || /Unexpected end|Unterminated/.test(fault)) return true;
  return Number(/at position (\d+)/.exec(fault)?.[1]) === text.length;
}

/**
 * The offset of the first character that makes a text no JSON. The engine tells it for some faults
 * only, so it is found by halving: all beginnings that end before it are merely unfinished.
 */
function faultOffset(text: string): number {
  let [sound, broken] = [0, text.length];
  while (broken - sound > 1) {
    const middle = (sound + broken) >> 1;
    if (isUnfinished(text.slice(0, middle))) sound = middle;
    else broken = middle;
  }
  return sound;
}

/**
 * Parses JSON text.
 *
 * @param file What to call it in an error.
 * @throws {SyntaxError} If it is no JSON, naming file, line and column.
 */
export function parseJsonText(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The engine's own message names no line.
  }
  if (isUnfinished(text)) {
    const lines = text.split("\n").length;
    throw new SyntaxError(
      `${file}:${lines}: the JSON text ends too early, after ${text.length} characters`,
    );
  }
  const offset = faultOffset(text);
  const before = text.slice(0, offset).split("\n");
  throw new SyntaxError(
    `${file}:${before.length}:${before.at(-1)!.length + 1}: not JSON: unexpected ` +
      JSON.stringify(text.slice(offset, offset + 12)),
  );
}

/** Reads and parses a JSON file; see {@link parseJsonText}. The caller says what it expects in it. */
export async function readJson<T = unknown>(path: string): Promise<T> {
  return parseJsonText(await Deno.readTextFile(path), path) as T;
}

/** Writes a value as {@link jsonText}. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await Deno.writeTextFile(path, jsonText(value));
}
