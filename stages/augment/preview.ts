/**
 * The preview of an augmentation policy: one clip as a strip of stick figures, beside its two views
 * and a mix.
 *
 * @module
 */
import { element, INK, svgDocument, text } from "../charts/svg.ts";
import type { ClipStore } from "../clips/clip_store.ts";
import { JOINTS } from "../skeleton/joints.ts";
import { BODY_PARTS } from "../skeleton/parts.ts";
import { drawSwap, drawView } from "./draws.ts";
import type { Policy } from "./policy.ts";
import {
  augmentView,
  type ClipShape,
  croppedFrame,
  drawnOutFrame,
  swapParts,
} from "./reference.ts";
import { drawStickFigure, FIGURE_COLORS, type Point, stickFigure } from "./stick_figure.ts";

/** Figures in a row. */
const COLUMNS = 9;
const CELL = { narrowest: 72, widest: 150, height: 136 };
const MARGIN = { left: 172, top: 62, right: 14, bottom: 34 };
/** A clip of the preview: its coordinates (3, T, 25, M), and its place in the `clips` artifact. */
export interface PreviewClip {
  readonly index: number;
  readonly name: string;
  readonly data: Float32Array;
}

/** The clips of a preview: the one shown, and the one that its mix takes parts from. */
export interface PreviewClips {
  readonly shape: ClipShape;
  readonly shown: PreviewClip;
  readonly partner: PreviewClip;
}

function movement(clip: Float32Array, { frames, bodies }: ClipShape): number {
  const frame = JOINTS * bodies;
  let sum = 0;
  for (let i = 0; i < clip.length; i++) {
    if (Math.floor(i / frame) % frames > 0) sum += Math.abs(clip[i]! - clip[i - frame]!);
  }
  return sum;
}

/** The middle one of some clips by movement: typical, and not one at rest. */
function typical(clips: readonly (PreviewClip & { moved: number })[]): PreviewClip {
  const order = [...clips].sort((a, b) => a.moved - b.moved || a.index - b.index);
  return order[Math.floor(order.length / 2)]!;
}

/**
 * Chooses from up to 32 clips, spread evenly over the artifact: a clip of typical movement, and one
 * of another class where there is one.
 */
export async function choosePreviewClips(clips: ClipStore): Promise<PreviewClips> {
  const { frames, bodies } = clips.meta;
  const shape = { frames, bodies };
  const names = await clips.names();
  const count = Math.min(32, clips.size);
  const candidates = [];
  for (let i = 0; i < count; i++) {
    const index = Math.floor(i * clips.size / count);
    const data = await clips.read([index]);
    candidates.push({ index, name: names[index]!, data, moved: movement(data, shape) });
  }
  const shown = typical(candidates);
  const label = clips.labels[shown.index];
  const others = candidates.filter((clip) => clips.labels[clip.index] !== label);
  return { shape, shown, partner: others.length > 0 ? typical(others) : shown };
}

/** A row of figures: its title, its clip, and which joints are drawn as swapped at which frames. */
interface Row {
  readonly title: string;
  readonly lines: readonly string[];
  readonly clip: Float32Array;
  readonly swapped: (frame: number, joint: number) => boolean;
  /** The number under a figure. */
  readonly label: (frame: number) => string;
}

function degrees(angles: Float32Array): string {
  return Array.from(angles, (angle) => (angle * 180 / Math.PI).toFixed(0)).join(", ");
}

function previewRows(policy: Policy, { shape, shown, partner }: PreviewClips): Row[] {
  const { crop: { pad }, swap } = policy;
  const never = () => false;
  const rows: Row[] = [{
    title: "Clip",
    lines: [shown.name, "normalised"],
    clip: shown.data,
    swapped: never,
    label: String,
  }];
  const view = (which: "query" | "key", clip: PreviewClip) => {
    const draw = drawView(policy, which, 0, clip.index);
    return { draw, clip: augmentView(clip.data, shape, pad, draw) };
  };
  const query = view("query", shown);
  for (const [title, { draw, clip }] of [["Query", query], ["Key", view("key", shown)]] as const) {
    const [a0, a1, a2, b0, b1, b2] = Array.from(draw.shear, (value) => value.toFixed(2));
    rows.push({
      title: `${title} view`,
      lines: [
        `crop starts at ${draw.start} of 0..${2 * pad}`,
        `a ${a0}, ${a1}, ${a2}`,
        `b ${b0}, ${b1}, ${b2}`,
        ...(draw.angles === undefined ? [] : [`turned by ${degrees(draw.angles)} degrees`]),
      ],
      clip,
      swapped: never,
      label: (t) => {
        const frame = croppedFrame(t, draw.start, pad, policy.frames);
        if (draw.span === undefined) return String(frame);
        const drawn = drawnOutFrame(frame, draw.span, policy.frames);
        return (drawn.frame + drawn.share).toFixed(1);
      },
    });
  }
  if (!swap.enabled) return rows;
  const draw = drawSwap(policy, 0, 0, 3);
  // With three clips in a batch the shift is always 1: each takes from the next.
  const batch = new Float32Array(3 * shown.data.length);
  [query.clip, view("query", partner).clip, query.clip].forEach((clip, i) =>
    batch.set(clip, i * clip.length)
  );
  const first = swap.frames_per_token * draw.t0;
  const end = first + swap.frames_per_token * draw.ct;
  rows.push({
    title: "Mix",
    lines: [
      `frames ${first} to ${end - 1} of`,
      ...draw.parts.map((part) => BODY_PARTS[part]!.name),
      `from ${partner.name}`,
    ],
    clip: swapParts(batch, shape, draw, swap.frames_per_token).subarray(0, shown.data.length),
    swapped: (frame, joint) => frame >= first && frame < end && draw.joints.includes(joint),
    label: String,
  });
  return rows;
}

/**
 * Draws a policy at work, with the draws of epoch 0.
 *
 * @returns An SVG document.
 */
export function previewSvg(policy: Policy, clips: PreviewClips): string {
  const { shape } = clips;
  const rows = previewRows(policy, clips);
  const shownFrames = Array.from(
    { length: COLUMNS },
    (_, i) => Math.round(i * (shape.frames - 1) / (COLUMNS - 1)),
  );
  const figures = rows.map(({ clip }) =>
    shownFrames.map((frame) =>
      Array.from({ length: shape.bodies }, (_, body) => stickFigure(clip, shape, frame, body))
        .filter((figure) => figure !== undefined)
    )
  );
  const all = [{ x: 0, y: 0 }, ...figures.flat(2).flatMap(({ joints }) => joints)];
  const left = Math.min(...all.map(({ x }) => x));
  const low = Math.min(...all.map(({ y }) => y));
  const high = Math.max(...all.map(({ y }) => y));
  const spread = Math.max(1e-6, Math.max(...all.map(({ x }) => x)) - left);
  const scale = Math.min(
    (CELL.widest - 12) / spread,
    (CELL.height - 34) / Math.max(1e-6, high - low),
  );
  const width = Math.max(CELL.narrowest, spread * scale + 12);
  const right = MARGIN.left + COLUMNS * width;

  const body: string[] = [
    text(14, 26, "Augmentation policy at work", { size: 16, weight: "bold", fill: INK.strong }),
    text(
      14,
      45,
      "Below each figure the frame of the clip it shows (in the mix, of the query view); one scale",
      {
        fill: INK.faint,
      },
    ),
  ];
  rows.forEach((row, r) => {
    const top = MARGIN.top + r * CELL.height;
    body.push(element("line", {
      x1: 14,
      x2: right,
      y1: top,
      y2: top,
      stroke: INK.grid,
    }));
    body.push(text(14, top + 24, row.title, { size: 13, weight: "bold", fill: INK.strong }));
    row.lines.forEach((line, i) =>
      body.push(text(14, top + 42 + 14 * i, line, { size: 10.5, fill: INK.faint }))
    );
    shownFrames.forEach((frame, column) => {
      const centre = MARGIN.left + (column + 0.5) * width;
      const place = ({ x, y }: Point) => ({
        x: centre + scale * (x - left - spread / 2),
        y: top + 10 + scale * (high - y),
      });
      for (const figure of figures[r]![column]!.toReversed()) {
        body.push(drawStickFigure(figure, place, (joint) => row.swapped(frame, joint)));
      }
      body.push(text(centre, top + CELL.height - 6, row.label(frame), {
        size: 10,
        fill: INK.faint,
        anchor: "middle",
      }));
    });
  });
  const bottom = MARGIN.top + rows.length * CELL.height;
  if (rows.length === 4) {
    body.push(element("circle", { cx: 20, cy: bottom + 16, r: 4, fill: FIGURE_COLORS.swapped[0] }));
    body.push(text(30, bottom + 20, "taken from the other clip's query view", { size: 11 }));
  }
  return svgDocument({
    width: right + MARGIN.right,
    height: bottom + MARGIN.bottom,
    title: "Augmentation policy at work",
    description: `Stick figures of ${clips.shown.name}: as normalised, its query and key views` +
      (rows.length === 4 ? `, and its query view with parts of ${clips.partner.name}.` : "."),
  }, body);
}
