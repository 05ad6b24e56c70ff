/**
 * How the points of each class are drawn: colour and shape together tell up to 120 classes apart.
 *
 * @module
 */
import { seriesStyle } from "../charts/palette.ts";
import { round2 } from "../charts/svg.ts";

/** Shapes, told apart in grey print. */
const SHAPES = ["disc", "square", "triangle", "diamond"] as const;

/** One of {@link SHAPES}. */
export type Shape = typeof SHAPES[number];

/** A class's colour and shape. */
export interface ClassStyle {
  readonly color: string;
  readonly shape: Shape;
}

/** Colours of the palette for series. */
const FEW = 7;
/** Hues around the circle, and lightnesses and chromas; with the shapes 120 classes differ. */
const HUES = 15, TONES = [[0.47, 0.14], [0.68, 0.13]] as const;

/**
 * The style of a class, from 0: up to 15 classes differ in colour alone, 30 in hue and lightness, 120 in
 * these and shape.
 */
export function classStyle(at: number, classes: number): ClassStyle {
  const [lightness, chroma] = TONES[at % TONES.length]!;
  if (classes <= HUES) {
    const shape = SHAPES[at % SHAPES.length]!;
    if (classes <= FEW) return { color: seriesStyle(at).color, shape };
    return { color: colorOf(lightness, chroma, 2 * Math.PI * at / classes), shape };
  }
  // Classes next to each other are far apart around the circle.
  const step = Math.floor(at / TONES.length);
  return {
    color: colorOf(lightness, chroma, 2 * Math.PI * ((step * 4) % HUES) / HUES),
    shape: SHAPES[Math.floor(step / HUES) % SHAPES.length]!,
  };
}

/** A colour of the Oklab space as `#rrggbb`; what sRGB has no room for is cut off. */
function colorOf(lightness: number, chroma: number, hue: number): string {
  const a = chroma * Math.cos(hue), b = chroma * Math.sin(hue);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const channels = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return "#" + channels.map((linear) => {
    const value = Math.min(Math.max(linear, 0), 1);
    const encoded = value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
    return Math.round(255 * encoded).toString(16).padStart(2, "0");
  }).join("");
}

/** A shape of radius r around a point, as part of an SVG path. */
export function shapePath(shape: Shape, x: number, y: number, r: number): string {
  const at = (dx: number, dy: number) => `${round2(x + dx)} ${round2(y + dy)}`;
  switch (shape) {
    case "disc":
      return `M${at(-r, 0)}a${round2(r)} ${round2(r)} 0 1 0 ${round2(2 * r)} 0a${round2(r)} ${
        round2(r)
      } 0 1 0 ${round2(-2 * r)} 0z`;
    case "square": {
      const side = round2(1.7 * r);
      return `M${at(-0.85 * r, -0.85 * r)}h${side}v${side}h${-side}z`;
    }
    case "triangle":
      return `M${at(0, -1.2 * r)}l${round2(1.1 * r)} ${round2(2 * r)}h${round2(-2.2 * r)}z`;
    case "diamond": {
      const d = round2(1.3 * r);
      return `M${at(0, -1.3 * r)}l${d} ${d}l${-d} ${d}l${-d} ${-d}z`;
    }
  }
}
