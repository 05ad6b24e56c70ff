/**
 * Building SVG text: escaped, with rounded coordinates and in a fixed order, so that equal data give
 * equal bytes.
 *
 * @module
 */

/** Attribute values; `undefined` leaves the attribute out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** Fonts that are on every machine; no chart loads one. */
const FONT = "Helvetica, Arial, 'DejaVu Sans', sans-serif";

/** Ink of text and axes, from strong to faint. */
export const INK = {
  strong: "#1f2328",
  text: "#3d444d",
  faint: "#6e7781",
  grid: "#e3e6ea",
} as const;

/** Background of every chart. */
export const BACKGROUND = "#ffffff";

/**
 * Makes text safe inside XML: escapes markup, and drops characters that XML 1.0 does not allow.
 */
export function escapeXml(text: string): string {
  return text
    // deno-lint-ignore no-control-regex
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "")
    .replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]!);
}

/** A coordinate with at most two decimals: finer than a pixel, and short. */
export function round2(value: number): number {
  const rounded = Math.round(value * 100) / 100;
  return rounded === 0 ? 0 : rounded;
}

/** One element; `children` are markup already. */
export function element(name: string, attributes: Attributes, ...children: string[]): string {
  let head = `<${name}`;
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    head += ` ${key}="${typeof value === "number" ? round2(value) : escapeXml(value)}"`;
  }
  return children.length === 0 ? `${head}/>` : `${head}>${children.join("")}</${name}>`;
}

/** Where and how a piece of text stands. */
export interface TextOptions {
  readonly size?: number;
  readonly fill?: string;
  readonly anchor?: "start" | "middle" | "end";
  readonly weight?: "normal" | "bold";
  /** Degrees clockwise around its own position. */
  readonly rotate?: number;
}

/** A piece of text, at its baseline. */
export function text(x: number, y: number, content: string, options: TextOptions = {}): string {
  return element(
    "text",
    {
      x,
      y,
      "font-size": options.size ?? 12,
      fill: options.fill ?? INK.text,
      "text-anchor": options.anchor === "start" ? undefined : options.anchor,
      "font-weight": options.weight === "bold" ? "bold" : undefined,
      transform: options.rotate === undefined
        ? undefined
        : `rotate(${round2(options.rotate)} ${round2(x)} ${round2(y)})`,
    },
    escapeXml(content),
  );
}

/** About how wide a text is drawn, in pixels; fonts differ, so this leans to the wide side. */
export function textWidth(content: string, size = 12): number {
  let em = 0;
  for (const c of content) {
    em += /[iljtfr.,:;'|!() ]/.test(c) ? 0.33 : /[mwMW@%]/.test(c) ? 0.9 : 0.58;
  }
  return em * size;
}

/** Shortens a text to a width in pixels, ending in an ellipsis where it was cut. */
export function fitText(content: string, width: number, size = 12): string {
  if (textWidth(content, size) <= width) return content;
  let cut = [...content];
  while (cut.length > 1 && textWidth(cut.join("") + "…", size) > width) cut = cut.slice(0, -1);
  return cut.join("").trimEnd() + "…";
}

/**
 * A whole document on a light background, with the title and description that screen readers say.
 *
 * @param body Markup inside.
 */
export function svgDocument(
  options: { width: number; height: number; title: string; description: string },
  body: readonly string[],
): string {
  const { width, height } = options;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${round2(width)}" height="${round2(height)}"` +
    ` viewBox="0 0 ${round2(width)} ${round2(height)}" role="img"` +
    ` aria-labelledby="title desc" font-family="${escapeXml(FONT)}">`,
    `<title id="title">${escapeXml(options.title)}</title>`,
    `<desc id="desc">${escapeXml(options.description)}</desc>`,
    element("rect", { width, height, fill: BACKGROUND }),
    ...body,
    "</svg>",
    "",
  ].join("\n");
}
