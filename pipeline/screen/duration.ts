/**
 * Durations, counts and rates as people read them.
 *
 * @module
 */

/**
 * Seconds in words: `0.4 s`, `42 s`, `3 min 5 s`, `2 h 10 min`, `3 d 4 h`.
 *
 * @param seconds A duration, not negative.
 */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A whole number with commas between thousands; others with up to two decimals. */
export function amount(n: number): string {
  return n.toLocaleString("en-US", { maximumFractionDigits: 2 });
}

/**
 * A rate in words: `3.2 clips/s`, or `4.0 s per clip` where it is slower than one in two seconds.
 *
 * @param perSecond Units per second.
 * @param unit The unit's plural, such as `clips`.
 */
export function rate(perSecond: number, unit: string): string {
  if (!(perSecond > 0)) return "";
  const single = unit.endsWith("s") ? unit.slice(0, -1) : unit;
  if (perSecond < 0.5) return `${duration(1 / perSecond)} per ${single}`;
  const figure = perSecond < 10 ? perSecond.toFixed(1) : amount(Math.round(perSecond));
  return `${figure} ${unit}/s`;
}

/** Bytes in words, in powers of 1024: `512 B`, `3.4 MiB`. */
export function bytes(n: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = n;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
