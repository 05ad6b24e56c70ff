/**
 * Scales and axes of charts: ticks, grid lines and labels around a plot area.
 *
 * @module
 */
// @ts-types="@types/d3-scale"
import { scaleLinear, scaleLog } from "d3-scale";
import { element, INK, round2, text } from "./svg.ts";

/** How a quantity is laid out along an axis. */
export interface Axis {
  /** What it is, with its unit. */
  readonly label: string;
  /** `linear` unless told. A log axis leaves out values that are not positive. */
  readonly scale?: "linear" | "log";
  /** Ends of the axis; unless told, those of the data, rounded to whole ticks. */
  readonly domain?: readonly [number, number];
}

/** The rectangle that data are drawn in. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A quantity's positions on a chart. */
export interface Scale {
  /** The pixel of a value. */
  at(value: number): number;
  /** Whether a value has a place on the axis: finite, and positive on a log axis. */
  shows(value: number): boolean;
  /** Where ticks stand, and what they say. */
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
}

/**
 * Fits a scale to values.
 *
 * @param axis Kind and ends.
 * @param values The data; those that the axis cannot show are ignored.
 * @param range Pixels of the two ends.
 * @param count About how many ticks.
 */
export function fitScale(
  axis: Axis,
  values: readonly number[],
  range: readonly [number, number],
  count: number,
): Scale {
  const log = axis.scale === "log";
  const shows = (value: number) => Number.isFinite(value) && (!log || value > 0);
  let low = Infinity, high = -Infinity;
  for (const value of axis.domain ?? values) {
    if (!shows(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) [low, high] = log ? [0.1, 1] : [0, 1];
  if (low === high) {
    const room = Math.abs(low) * 0.1 || 0.5;
    [low, high] = log ? [low / 2, high * 2] : [low - room, high + room];
  }
  if (log) {
    const scale = scaleLog().domain([low, high]).range([...range]);
    if (axis.domain === undefined) scale.nice();
    const all = scale.ticks(count);
    // d3 gives every 1..9 of each decade; label as many of them as there is room for.
    const powers = all.filter((v) => isPowerOfTen(v));
    const labelled = new Set(
      all.length <= count ? all : powers.length >= 2 ? thin(powers, count) : thin(all, count),
    );
    const ticks = all.filter((v) => labelled.has(v)).map((v) => ({
      at: scale(v),
      label: logLabel(v),
    }));
    return { at: (v) => scale(v), shows, ticks };
  }
  const scale = scaleLinear().domain([low, high]).range([...range]);
  if (axis.domain === undefined) scale.nice(count);
  const format = scale.tickFormat(count);
  const ticks = scale.ticks(count).map((v) => ({ at: scale(v), label: minus(format(v)) }));
  return { at: (v) => scale(v), shows, ticks };
}

function isPowerOfTen(value: number): boolean {
  const exponent = Math.log10(value);
  return Math.abs(exponent - Math.round(exponent)) < 1e-9;
}

function thin(values: readonly number[], count: number): number[] {
  const step = Math.max(1, Math.ceil(values.length / count));
  return values.filter((_, i) => i % step === 0);
}

function logLabel(value: number): string {
  return value >= 1e-3 && value < 1e5
    ? String(Number(value.toPrecision(6)))
    : value.toExponential(0).replace("e+", "e").replace("-", "−");
}

/** A real minus sign, as wide as a plus. */
function minus(label: string): string {
  return label.replace("-", "−");
}

/** The vertical axis with its grid lines, left of the area. */
export function leftAxis(area: Area, scale: Scale, label: string): string[] {
  const middle = area.top + area.height / 2;
  return [
    ...scale.ticks.map((tick) =>
      element("path", {
        d: `M${round2(area.left)} ${round2(tick.at)}h${round2(area.width)}`,
        stroke: INK.grid,
        "stroke-width": 1,
      })
    ),
    ...scale.ticks.map((tick) =>
      text(area.left - 7, tick.at + 4, tick.label, { size: 11, anchor: "end" })
    ),
    text(area.left - 44, middle, label, { anchor: "middle", rotate: -90 }),
  ];
}

/** The horizontal axis, below the area. */
export function bottomAxis(area: Area, scale: Scale, label: string): string[] {
  const y = area.top + area.height;
  return [
    element("path", {
      d: `M${round2(area.left)} ${round2(y)}h${round2(area.width)}`,
      stroke: INK.faint,
      "stroke-width": 1,
    }),
    ...scale.ticks.flatMap((tick) => [
      element("path", { d: `M${round2(tick.at)} ${round2(y)}v4`, stroke: INK.faint }),
      text(tick.at, y + 17, tick.label, { size: 11, anchor: "middle" }),
    ]),
    text(area.left + area.width / 2, y + 35, label, { anchor: "middle" }),
  ];
}
