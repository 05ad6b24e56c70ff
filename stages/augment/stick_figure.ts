/**
 * One body in one frame as a stick figure.
 *
 * @module
 */
import { element, INK } from "../charts/svg.ts";
import { INWARD_EDGES } from "../skeleton/bones.ts";
import { JOINTS } from "../skeleton/joints.ts";
import type { ClipShape } from "./reference.ts";

const HEAD = 3;

/** How far figures are turned about the vertical, so that depth is seen: cosine and sine of 25°. */
const TURN = { cos: 0.9063, sin: 0.4226 };

/** How far the second body is drawn beside the first, in metres: normalised, both stand in one spot. */
const APART = 0.45;

/** Colours of the first body and the second, as they are and where they are swapped. */
export const FIGURE_COLORS = {
  own: [INK.text, "#a8b0b9"],
  swapped: ["#d55e00", "#f0a875"],
} as const;

/** A point of a drawing: metres to the right and up, or pixels to the right and down. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The joints of a body as they are drawn, in metres. */
export interface StickFigure {
  readonly body: number;
  readonly joints: readonly Point[];
}

/**
 * A body in a frame, turned a little and seen from the front.
 *
 * @param clip Coordinates of (3, T, 25, M).
 * @returns `undefined` if the body is not there: all of its coordinates are 0.
 */
export function stickFigure(
  clip: Float32Array,
  shape: ClipShape,
  frame: number,
  body: number,
): StickFigure | undefined {
  const at = (c: number, joint: number) =>
    clip[((c * shape.frames + frame) * JOINTS + joint) * shape.bodies + body]!;
  const joints = Array.from({ length: JOINTS }, (_, joint) => ({
    x: TURN.cos * at(0, joint) + TURN.sin * at(2, joint) + APART * body,
    y: at(1, joint),
  }));
  const there = [0, 1, 2].some((c) => joints.some((_, joint) => at(c, joint) !== 0));
  return there ? { body, joints } : undefined;
}

/**
 * Draws a figure.
 *
 * @param place From metres to pixels.
 * @param swapped Which joints are drawn as swapped; a bone goes with its outer joint.
 * @returns SVG markup.
 */
export function drawStickFigure(
  { body, joints }: StickFigure,
  place: (point: Point) => Point,
  swapped: (joint: number) => boolean,
): string {
  const color = (joint: number) =>
    FIGURE_COLORS[swapped(joint) ? "swapped" : "own"][body > 0 ? 1 : 0];
  const bones = INWARD_EDGES.map(([child, parent]) => {
    const [from, to] = [place(joints[child]!), place(joints[parent]!)];
    return element("line", {
      x1: from.x,
      y1: from.y,
      x2: to.x,
      y2: to.y,
      stroke: color(child),
    });
  });
  const dots = joints.map((point, joint) => {
    const { x, y } = place(point);
    return element("circle", { cx: x, cy: y, r: joint === HEAD ? 4.2 : 1.7, fill: color(joint) });
  });
  return element("g", { "stroke-width": 2, "stroke-linecap": "round" }, ...bones, ...dots);
}
