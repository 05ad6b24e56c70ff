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

/**
 * Parses JSON text.
 *
 * @param file What to call it in an error.
 * @throws {SyntaxError} If it is no JSON, naming the file, line and column where the parser tells.
 */
export function parseJsonText(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = (error as Error).message;
    const offset = /position (\d+)/.exec(reason)?.[1];
    if (offset === undefined) {
      throw new SyntaxError(`${file}: not JSON: ${reason}`);
    }
    const before = text.slice(0, Number(offset)).split("\n");
    const place = `${file}:${before.length}:${before.at(-1)!.length + 1}`;
    throw new SyntaxError(`${place}: not JSON: ${reason.replace(/ \(line.*\)$/, "")}`);
  }
}

/** Reads and parses a JSON file; see {@link parseJsonText}. The caller says what it expects in it. */
export async function readJson<T = unknown>(path: string): Promise<T> {
  return parseJsonText(await Deno.readTextFile(path), path) as T;
}

/** Writes a value as {@link jsonText}. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await Deno.writeTextFile(path, jsonText(value));
}
