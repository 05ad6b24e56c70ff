/**
 * Frames of some clips as stick figures, a row a clip.
 *
 * @module
 */
import { drawStickFigure, FIGURE_COLORS, type Point } from "../augment/stick_figure.ts";
import { element, fitText, INK, svgDocument, text } from "../charts/svg.ts";
import { CENTRE_JOINT, JOINTS } from "../skeleton/joints.ts";

/** Frames of a clip that are drawn. */
export const STRIP_FRAMES = 8;

/** Rows that are drawn. */
export const STRIP_CLIPS = 6;

const CELL = { narrowest: 92, widest: 260, height: 176 };
const MARGIN = { left: 186, right: 16, top: 76, bottom: 30 };

/** How figures are turned about the vertical, so that depth is seen: cosine and sine of 25 degrees. */
const TURN = { cos: 0.9063, sin: 0.4226 };

const BASE = 0;

/** Joints of one body, x y z of 25; undefined where it is not there. */
type DrawnBody = Float32Array | undefined;

/** A clip as it is drawn. */
export interface StripClip {
  readonly title: string;
  /** Lines of small print below the title. */
  readonly lines: readonly string[];
  readonly frames: readonly {
    /** From 1. */
    readonly number: number;
    readonly bodies: readonly DrawnBody[];
  }[];
}

/**
 * Takes the frames of a clip that are drawn, evenly over those from the first to the last with a body.
 *
 * @param at The coordinate `c` of joint `v` of body `m` in frame `t`.
 * @returns `undefined` if no frame has a body.
 */
export function stripClip(
  title: string,
  lines: readonly string[],
  { frames, bodies }: { readonly frames: number; readonly bodies: number },
  at: (t: number, m: number, v: number, c: number) => number,
): StripClip | undefined {
  const body = (t: number, m: number): DrawnBody => {
    const joints = new Float32Array(JOINTS * 3);
    for (let i = 0; i < joints.length; i++) joints[i] = at(t, m, Math.floor(i / 3), i % 3);
    return joints.every((value) => value === 0) || !joints.every(Number.isFinite)
      ? undefined
      : joints;
  };
  const bodiesIn = (t: number) => Array.from({ length: bodies }, (_, m) => body(t, m));
  const has = (t: number) => bodiesIn(t).some((one) => one !== undefined);
  let [first, last] = [0, frames - 1];
  while (first <= last && !has(first)) first++;
  while (last > first && !has(last)) last--;
  if (first > last) return undefined;
  const count = Math.min(STRIP_FRAMES, last - first + 1);
  const chosen = Array.from(
    { length: count },
    (_, i) => count === 1 ? first : Math.round(first + i * (last - first) / (count - 1)),
  );
  return { title, lines, frames: chosen.map((t) => ({ number: t + 1, bodies: bodiesIn(t) })) };
}

/**
 * Up to `most` of `count` clips to draw, spread over all of them: one from each of as many equal parts,
 * each time from another place in it, since clips follow one another in a regular order.
 *
 * @returns Ascending indices.
 */
export function spread(count: number, most = STRIP_CLIPS): number[] {
  const parts = Math.min(count, most);
  const width = count / parts;
  return Array.from(
    { length: parts },
    (_, i) => Math.floor(i * width + (i * 0.618) % 1 * (width - 1)),
  );
}

/** Positions (F, M, 25, 3) to {@link stripClip}'s access. */
export function framesFirst(positions: Float32Array, bodies: number) {
  return (t: number, m: number, v: number, c: number): number =>
    positions[((t * bodies + m) * JOINTS + v) * 3 + c]!;
}

/** Coordinates (3, T, 25, M) to {@link stripClip}'s access. */
export function coordinatesFirst(clip: Float32Array, frames: number, bodies: number) {
  return (t: number, m: number, v: number, c: number): number =>
    clip[((c * frames + t) * JOINTS + v) * bodies + m]!;
}

interface DrawnFrame {
  readonly number: number;
  readonly figures: readonly { readonly body: number; readonly joints: readonly Point[] }[];
}

/** How far bodies that stand in one spot are drawn beside one another, in metres. */
const APART = 0.5;

/** Whether each body was made its own origin, so that all stand in one spot. */
function standInOneSpot({ frames }: StripClip): boolean {
  return frames.every(({ bodies }) =>
    bodies.every((body) =>
      body === undefined || [0, 1, 2].every((c) => !body[CENTRE_JOINT * 3 + c])
    )
  );
}

/**
 * Projects a frame's bodies, with the first one's spine base above the origin.
 *
 * @param apart Metres that each further body is moved to the right.
 */
function drawnFrame({ number, bodies }: StripClip["frames"][number], apart: number): DrawnFrame {
  const across = (joints: Float32Array, v: number) =>
    TURN.cos * joints[v * 3]! + TURN.sin * joints[v * 3 + 2]!;
  const first = bodies.find((one) => one !== undefined);
  const middle = first === undefined ? 0 : across(first, BASE);
  const figures = bodies.flatMap((joints, body) =>
    joints === undefined ? [] : [{
      body,
      joints: Array.from({ length: JOINTS }, (_, v) => ({
        x: across(joints, v) - middle + body * apart,
        y: joints[v * 3 + 1]!,
      })),
    }]
  );
  return { number, figures };
}

/** The extent of all points of some frames; a clip's bodies may stand anywhere, so each has its own. */
function extent(frames: readonly DrawnFrame[]) {
  const points = frames.flatMap(({ figures }) => figures.flatMap(({ joints }) => joints));
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const [left, right] = [Math.min(...xs, 0), Math.max(...xs, 0)];
  const [low, high] = [Math.min(...ys), Math.max(...ys)];
  return { left, right, low, width: right - left, height: high - low };
}

/**
 * Draws the strip.
 *
 * @param title What was looked into.
 * @param note A line below the title.
 * @returns An SVG document.
 */
export function skeletonStrip(title: string, note: string, clips: readonly StripClip[]): string {
  const rows = clips.map((clip) => {
    const apart = standInOneSpot(clip) ? APART : 0;
    return { clip, frames: clip.frames.map((frame) => drawnFrame(frame, apart)) };
  });
  const extents = rows.map(({ frames }) => extent(frames));
  const tallest = Math.max(...extents.map(({ height }) => height), 1e-6);
  const widest = Math.max(...extents.map(({ width }) => width), 1e-6);
  // Figures of one scale, as large as the cells allow.
  const scale = Math.min((CELL.height - 46) / tallest, (CELL.widest - 16) / widest);
  const width = Math.max(CELL.narrowest, widest * scale + 16);
  const columns = Math.max(...rows.map(({ frames }) => frames.length), 4);
  const right = MARGIN.left + columns * width;
  const bottom = MARGIN.top + rows.length * CELL.height;
  const markup: string[] = [
    text(16, 30, fitText(title, right - 16, 17), { size: 17, weight: "bold", fill: INK.strong }),
    text(16, 52, fitText(note, right - 16, 12), { fill: INK.faint }),
  ];
  rows.forEach(({ clip, frames }, r) => {
    const top = MARGIN.top + r * CELL.height;
    const { left, low, width: wide } = extents[r]!;
    markup.push(element("line", { x1: 16, x2: right, y1: top, y2: top, stroke: INK.grid }));
    markup.push(text(16, top + 26, fitText(clip.title, MARGIN.left - 34, 13), {
      size: 13,
      weight: "bold",
      fill: INK.strong,
    }));
    clip.lines.forEach((line, i) =>
      markup.push(
        text(16, top + 46 + 16 * i, fitText(line, MARGIN.left - 34, 11), {
          size: 11,
          fill: INK.faint,
        }),
      )
    );
    frames.forEach(({ number, figures }, column) => {
      const centre = MARGIN.left + (column + 0.5) * width;
      const floor = top + CELL.height - 28;
      const place = ({ x, y }: Point) => ({
        x: centre + scale * (x - left - wide / 2),
        y: floor - scale * (y - low),
      });
      for (const figure of figures.toReversed()) {
        markup.push(drawStickFigure(figure, place, () => false));
      }
      // Below the first body's spine base.
      const below = centre - scale * (left + wide / 2);
      markup.push(text(below, top + CELL.height - 8, String(number), {
        size: 10.5,
        fill: INK.faint,
        anchor: "middle",
      }));
    });
  });
  if (rows.some(({ clip }) => clip.frames.some(({ bodies }) => bodies[1] !== undefined))) {
    const [first, second] = FIGURE_COLORS.own;
    markup.push(
      element("circle", { cx: 21, cy: bottom + 14, r: 4, fill: first }),
      text(31, bottom + 18, "first body", { size: 11 }),
      element("circle", { cx: 111, cy: bottom + 14, r: 4, fill: second }),
      text(121, bottom + 18, "further bodies", { size: 11 }),
    );
  }
  return svgDocument({
    width: right + MARGIN.right,
    height: bottom + MARGIN.bottom,
    title,
    description: `Stick figures of ${clips.map(({ title }) => title).join(", ")}`,
  }, markup);
}
