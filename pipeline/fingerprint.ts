/**
 * Canonical bytes of a value, and their SHA-256.
 *
 * The encoding is type-prefixed and length-prefixed, so that no two different values share bytes:
 * `1` and `"1"`, `["ab"]` and `["a", "b"]`, an absent field and an empty one all differ. The order
 * of an object's keys does not count. Values that JSON cannot hold are refused rather than guessed.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { Buffer } from "node:buffer";

/** The hex SHA-256 of bytes or of a text's UTF-8. */
export function sha256(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}

/**
 * The canonical text of a JSON value.
 *
 * @throws {TypeError} If the value holds anything that is no JSON value, named by its path.
 */
export function canonicalText(value: unknown): string {
  const parts: string[] = [];
  append(value, parts, "value");
  return parts.join("");
}

/**
 * The digest that names a JSON value.
 *
 * @throws {TypeError} If the value holds anything that is no JSON value, named by its path.
 */
export function fingerprint(value: unknown): string {
  return sha256(canonicalText(value));
}

function append(value: unknown, parts: string[], where: string): void {
  if (value === null) {
    parts.push("n;");
  } else if (value === true) {
    parts.push("t;");
  } else if (value === false) {
    parts.push("f;");
  } else if (typeof value === "string") {
    if (!value.isWellFormed()) throw new TypeError(`${where} is text with a broken character`);
    parts.push(`s${Buffer.byteLength(value)}:${value}`);
  } else if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new TypeError(`${where} is ${value}, not a finite number`);
    const text = String(value === 0 ? 0 : value);
    parts.push(`d${text.length}:${text}`);
  } else if (Array.isArray(value)) {
    parts.push(`a${value.length}:`);
    for (let i = 0; i < value.length; i++) append(value[i], parts, `${where}[${i}]`);
  } else if (isPlainObject(value)) {
    const keys = Object.keys(value).sort();
    parts.push(`o${keys.length}:`);
    for (const key of keys) {
      append(key, parts, where);
      append(value[key], parts, `${where}.${key}`);
    }
  } else {
    throw new TypeError(`${where} is no JSON value but ${describe(value)}`);
  }
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function describe(value: unknown): string {
  if (typeof value !== "object" || value === null) return typeof value;
  return `a ${value.constructor?.name ?? "strange object"}`;
}
