/**
 * Points in time as people read them.
 *
 * @module
 */

/**
 * A point in time by this machine's clock and zone: `2026-07-03 14:05`.
 *
 * @param iso ISO 8601.
 */
export function moment(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const two = (n: number) => String(n).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
