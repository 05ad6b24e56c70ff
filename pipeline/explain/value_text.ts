/**
 * JSON values in sentences.
 *
 * @module
 */

/** A JSON value as a line of text holds it: strings without quotes, long ones cut. */
export function valueText(value: unknown): string {
  if (value === undefined) return "(none)";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}
