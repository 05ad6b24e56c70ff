/**
 * Colours that stay apart for colour-blind readers (Okabe and Ito's set, darkened where it is too
 * faint on white), with dashes that keep series apart in grey print.
 *
 * @module
 */

/** How one series is drawn. */
export interface SeriesStyle {
  readonly color: string;
  /** SVG `stroke-dasharray`, or `undefined` for a solid line. */
  readonly dash: string | undefined;
}

const COLORS = ["#0072b2", "#d55e00", "#007f5f", "#a64d79", "#b07d00", "#3a9bd9", "#4d4d4d"];

/** So many series differ in colour. */
export const SERIES_COLORS = COLORS.length;
const DASHES = [undefined, "7 3", "2 3", "9 3 2 3"];

/** The style of series number `index`, from 0; 28 differ. */
export function seriesStyle(index: number): SeriesStyle {
  return {
    color: COLORS[index % COLORS.length]!,
    dash: DASHES[Math.floor(index / COLORS.length) % DASHES.length],
  };
}

/** Sequential colours from near white to dark blue, in equal steps of lightness. */
const BLUES = [
  [247, 251, 255],
  [222, 235, 247],
  [198, 219, 239],
  [158, 202, 225],
  [107, 174, 214],
  [66, 146, 198],
  [33, 113, 181],
  [8, 81, 156],
  [8, 48, 107],
] as const;

/**
 * The colour of a share between 0 (near white) and 1 (dark blue).
 *
 * @returns `#rrggbb`.
 */
export function shareColor(share: number): string {
  const position = Math.min(Math.max(share, 0), 1) * (BLUES.length - 1);
  const low = Math.min(Math.floor(position), BLUES.length - 2);
  const part = position - low;
  const [from, to] = [BLUES[low]!, BLUES[low + 1]!];
  const channel = (i: 0 | 1 | 2) =>
    Math.round(from[i] + (to[i] - from[i]) * part).toString(16).padStart(2, "0");
  return `#${channel(0)}${channel(1)}${channel(2)}`;
}

/** Whether text on {@link shareColor} of this share must be light to be read. */
export function needsLightText(share: number): boolean {
  return share > 0.55;
}
