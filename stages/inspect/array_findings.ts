/**
 * What the numbers of an array say, block after block.
 *
 * @module
 */
import { counted } from "../formats/counted.ts";
import { JOINTS } from "../skeleton/joints.ts";
import { guessLayout, laidClip, layoutWords } from "./array_layout.ts";
import type { Findings } from "./inspection.ts";
import { spread, stripClip } from "./skeleton_strip.ts";
import { fromTo, type Numbers, ValueRange, wordsOfNumbers } from "./value_ranges.ts";

/** Kinect v1's joints for the 25 of a picture. */
const OF_20: readonly number[] = [
  ...Array.from({ length: 20 }, (_, joint) => joint),
  ...[2, 7, 7, 11, 11],
];

/** Different whole numbers that are counted: more are no labels. */
const MOST_LABELS = 4096;

/** An array as its rows (entries of its first axis) go by. */
export class ArrayFindings {
  readonly #shape: readonly number[];
  readonly #letters: string | undefined;
  readonly #coordinates: readonly ValueRange[];
  readonly #range = new ValueRange();
  readonly #labels = new Map<number, number>();
  #whole: boolean;
  #empty = 0;
  #rows = 0;
  #firstBad: string | undefined;
  /** Rows by the place of their only 1, while all others are 0; empty where there is a row of another kind. */
  #oneHot: number[];

  /** @param isInteger Whether its type is of whole numbers. */
  constructor(shape: readonly number[], isInteger: boolean) {
    this.#shape = shape;
    this.#letters = guessLayout(shape);
    this.#whole = isInteger || shape.length <= 1;
    this.#coordinates = [0, 1, 2].map(() => new ValueRange());
    const [, columns = 0] = shape;
    const labels = shape.length === 2 && this.#letters === undefined && columns <= MOST_LABELS;
    this.#oneHot = labels ? new Array<number>(columns).fill(0) : [];
  }

  /** The guessed layout, a letter an axis. */
  get letters(): string | undefined {
    return this.#letters;
  }

  /** Whether rows are clips of skeletons. */
  get rowsAreClips(): boolean {
    return this.#letters?.startsWith("N") === true;
  }

  /**
   * Takes whole rows.
   *
   * @param first Number of the first of them.
   */
  take(data: Numbers, first: number, rows: number): void {
    const size = data.length / Math.max(1, rows);
    for (let row = 0; row < rows; row++) this.#row(data, row * size, size, first + row);
    this.#rows += rows;
  }

  #row(data: Numbers, from: number, size: number, row: number): void {
    const axis = this.#axisOf();
    const whole = this.#whole && this.#labels.size <= MOST_LABELS;
    let all0 = true;
    let only = -1;
    for (let i = 0; i < size; i++) {
      const value = Number(data[from + i]);
      if (value !== 0) {
        only = value === 1 && all0 ? i : -1;
        all0 = false;
      }
      if (axis !== undefined) this.#coordinates[axis(i)]!.add(value);
      this.#range.add(value);
      if (!Number.isFinite(value)) {
        this.#firstBad ??= `${
          this.#placeOf(row, i)
        } is ${value}, the first number that is not finite`;
      }
      if (whole) {
        this.#whole &&= Number.isInteger(value);
        this.#labels.set(value, (this.#labels.get(value) ?? 0) + 1);
      }
    }
    if (all0 && size > 0) this.#empty++;
    if (only < 0) this.#oneHot = [];
    else if (this.#oneHot.length > 0) this.#oneHot[only]!++;
  }

  /** Words for the place of a number; all counts are from 0, as in Python. */
  #placeOf(row: number, i: number): string {
    const shape = this.#shape;
    const whole = this.#letters?.startsWith("C") === true;
    const at = whole ? [] : [row];
    let rest = i;
    const inner = whole ? shape : shape.slice(1);
    const behind = inner.map((_, axis) => inner.slice(axis + 1).reduce((a, b) => a * b, 1));
    for (const stride of behind) {
      at.push(Math.floor(rest / stride));
      rest %= stride;
    }
    return `[${at.join(", ")}]`;
  }

  /** The coordinate, 0 to 2, of the number at an index of a row. */
  #axisOf(): ((i: number) => number) | undefined {
    const letters = this.#letters;
    if (letters === undefined) return undefined;
    if (letters.endsWith("C") || letters.endsWith("B")) return (i) => i % 3;
    const at = letters.indexOf("C");
    // Where C comes first every row is one coordinate; such arrays are taken as one row.
    const after = this.#shape.slice(at + 1).reduce((product, size) => product * size, 1);
    return (i) => Math.floor(i / after) % 3;
  }

  /** States what was found. */
  tell(findings: Findings): void {
    const letters = this.#letters;
    if (letters !== undefined) {
      const { frames, bodies } = laidClip(letters, this.#shape);
      findings.fact("read as", letters, `${letters}: ${layoutWords(letters)}`)
        .fact("frames", frames).fact("body slots", bodies);
      this.#coordinates.forEach((range, c) => {
        if (range.count > 0) findings.fact("xyz"[c]!, [range.min, range.max], range.text());
      });
      if (this.rowsAreClips) {
        findings.fact("clips of zeros alone", this.#empty);
      }
    } else if (this.#range.count > 0) {
      findings.fact("values", [this.#range.min, this.#range.max], this.#range.text());
    }
    const bad = this.#range.nan + this.#range.infinite;
    findings.fact(
      "not finite",
      bad,
      bad === 0 ? "none" : `${this.#range.nan} NaN, ${this.#range.infinite} infinite`,
    );
    if (this.#firstBad !== undefined) findings.problem(this.#firstBad);
    this.#tellLabels(findings);
  }

  #tellLabels(findings: Findings): void {
    if (this.#oneHot.length > 1 && this.#rows > 0) {
      const [least, most] = [Math.min(...this.#oneHot), Math.max(...this.#oneHot)];
      const classes = this.#oneHot.length;
      findings.fact(
        "one-hot labels",
        { classes, of_each: [least, most] },
        `of ${classes} classes, ${fromTo(least, most)} of each`,
      );
    }
    const labels = this.#labels;
    if (
      !this.#whole || this.#shape.length !== 1 || labels.size === 0 || labels.size > MOST_LABELS
    ) {
      return;
    }
    const values = wordsOfNumbers(labels.keys());
    const counts = [...labels.values()];
    findings.fact("different values", values.value, values.text).fact(
      "of each",
      [Math.min(...counts), Math.max(...counts)],
      fromTo(Math.min(...counts), Math.max(...counts)),
    );
  }

  /** Clips to draw, by the index of their row. */
  figureRows(): number[] {
    return this.rowsAreClips ? spread(this.#shape[0]!) : [0];
  }

  /**
   * Adds a clip to the picture.
   *
   * @param data The numbers of one clip: a row, or the whole array where it is one clip.
   */
  draw(findings: Findings, data: Numbers, row: number, title: string): void {
    const letters = this.#letters;
    if (letters === undefined) return;
    const { frames, bodies, joints, offset } = laidClip(letters, this.#shape);
    const source = joints === 20 ? OF_20 : Array.from({ length: JOINTS }, (_, v) => v);
    const strip = stripClip(
      this.rowsAreClips ? `${title} ${row}`.trim() : title,
      [counted(frames, "frame"), counted(bodies, "body slot")],
      { frames, bodies },
      (t, m, v, c) => Number(data[offset(t, m, source[v]!, c)]),
    );
    if (strip !== undefined) findings.figures.push(strip);
  }

  /** Rows looked at. */
  get rows(): number {
    return this.#rows;
  }
}
