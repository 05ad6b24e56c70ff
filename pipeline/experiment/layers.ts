/**
 * The layers an experiment is made of - the file it extends, the file itself, a variant, values
 * from the command line - merged into one value that still knows where each part came from.
 *
 * @module
 */
import type { Position } from "../types.ts";
import type { Source, Step } from "./source.ts";

/** A plain map, as YAML gives it. */
export type PlainMap = Record<string, unknown>;

/** Whether a value is a map. */
export function isPlainMap(value: unknown): value is PlainMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

interface Layer {
  readonly source: Source;
  /** Where the layer's value stands in its source. */
  readonly from: readonly Step[];
  /** Where it lands in the experiment. */
  readonly at: readonly Step[];
  /** The maps of how many first steps of `at` were there before; those after came with it. */
  readonly made: number;
}

interface Cut {
  /** Layers before this one are hidden ... */
  readonly layer: number;
  /** ... at and below this path. */
  readonly path: readonly Step[];
}

function startsWith(path: readonly Step[], prefix: readonly Step[]): boolean {
  return prefix.every((step, i) => String(path[i]) === String(step)) &&
    path.length >= prefix.length;
}

/** How many first steps two paths have in common. */
function sharedSteps(a: readonly Step[], b: readonly Step[]): number {
  let shared = 0;
  while (shared < a.length && shared < b.length && String(a[shared]) === String(b[shared])) {
    shared++;
  }
  return shared;
}

/** How many steps of a path lead to something. */
export function followed(value: unknown, path: readonly Step[]): number {
  let here = value;
  for (const [depth, step] of path.entries()) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, step)) return depth;
    here = (here as Record<Step, unknown>)[step];
  }
  return path.length;
}

/** The length of the shortest part of `path` at which nothing stands that can hold the rest. */
function madeFrom(value: unknown, path: readonly Step[]): number {
  let here = value;
  for (const [depth, step] of path.entries()) {
    if (typeof here !== "object" || here === null) return depth;
    here = Object.hasOwn(here, step) ? (here as Record<Step, unknown>)[step] : undefined;
  }
  return path.length;
}

/** A null at these places takes away what an earlier layer gave. */
function removes(path: readonly Step[]): boolean {
  return (path.length === 2 && (path[0] === "stages" || path[0] === "expect")) ||
    (path.length === 4 && path[0] === "stages" && path[2] === "inputs") ||
    (path.length === 3 && path[0] === "matrix" && path[1] === "axes");
}

/** Another `uses` replaces the stage as a whole: parameters of one type mean nothing to another. */
function replaces(path: readonly Step[], under: unknown, over: unknown): boolean {
  return path.length === 2 && path[0] === "stages" && isPlainMap(under) && isPlainMap(over) &&
    under.uses !== undefined && over.uses !== undefined && under.uses !== over.uses;
}

/**
 * A value with another laid over it, as {@link Layers.overlay} says.
 *
 * @param under What is there.
 * @param over What is laid over it.
 * @param path Where in an experiment the two stand.
 * @param onCut Told of every place at which nothing of what was there remains.
 */
export function merged(
  under: unknown,
  over: unknown,
  path: readonly Step[],
  onCut: (path: readonly Step[]) => void = () => {},
): unknown {
  if (!isPlainMap(under)) return over;
  if (!isPlainMap(over)) {
    // An empty `params:` or `stages:` in a child takes nothing away.
    return over === null && path.length < 4 ? under : over;
  }
  if (replaces(path, under, over)) {
    onCut(path);
    return over;
  }
  const result = new Map(Object.entries(under));
  for (const [key, value] of Object.entries(over)) {
    const inner = [...path, key];
    if (value === null && removes(inner)) {
      result.delete(key);
      onCut(inner);
    } else {
      result.set(key, result.has(key) ? merged(result.get(key), value, inner, onCut) : value);
    }
  }
  return Object.fromEntries(result);
}

/**
 * A value with another put at a path in it, in place of whatever is there; maps are made on the way.
 * Steps into a list that exists are indices.
 *
 * @param under What is there; it is not changed.
 * @param path Where the other goes.
 * @param value The other.
 */
export function placed(under: unknown, path: readonly Step[], value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (Array.isArray(under) && /^\d+$/.test(String(step))) {
    const list = [...under];
    list[Number(step)] = placed(list[Number(step)], rest, value);
    return list;
  }
  const map = new Map(Object.entries(isPlainMap(under) ? under : {}));
  map.set(String(step), placed(map.get(String(step)), rest, value));
  return Object.fromEntries(map);
}

/** Layers, from the most general to the most particular, and the value they come to. */
export class Layers {
  readonly #layers: Layer[] = [];
  readonly #cuts: Cut[] = [];
  #value: unknown = {};

  /** The merged value so far. */
  get value(): unknown {
    return this.#value;
  }

  /**
   * Lays a value over what is there: maps merge key by key, anything else replaces. An empty value
   * (null) where a map stands changes nothing, except that it removes a stage, an input of a stage,
   * an expectation or an axis of the matrix.
   *
   * @param source The text the value comes from.
   * @param value The value, or `undefined` for nothing.
   * @param from Where the value stands in its source.
   */
  overlay(source: Source, value: unknown, from: readonly Step[] = []): void {
    if (value === undefined) return;
    const layer = this.#layers.push({ source, from, at: [], made: 0 }) - 1;
    this.#value = merged(this.#value, value, [], (path) => this.#cuts.push({ layer, path }));
  }

  /**
   * Puts a value at a path, in place of whatever is there, making maps on the way. Steps into a list
   * that exists are indices.
   *
   * @param source The text the value comes from; its root is the value.
   * @param path Where it goes.
   */
  set(source: Source, path: readonly Step[]): void {
    const made = madeFrom(this.#value, path);
    const layer = this.#layers.push({ source, from: [], at: path, made }) - 1;
    this.#cuts.push({ layer, path: path.slice(0, made) });
    this.#value = placed(this.#value, path, source.value);
  }

  /**
   * Where a value of the experiment stands: in the most particular layer that has it, or else the
   * deepest place on its path that exists.
   *
   * @param path Steps from the experiment's root.
   * @param key Points at the key of the last step instead of at its value.
   */
  locate(path: readonly Step[], key = false): Position {
    const best = this.#holder(path);
    if (best === undefined) {
      return { file: this.#layers.at(-1)?.source.file ?? "", line: 1, column: 1 };
    }
    return best.source.locate(best.path, key).position;
  }

  /**
   * The file of {@link locate}, which is found without looking for the line.
   *
   * @param path Steps from the experiment's root.
   */
  fileOf(path: readonly Step[]): string {
    return (this.#holder(path) ?? this.#layers.at(-1))?.source.file ?? "";
  }

  /** The most particular source that has most of a path, and the path in it. */
  #holder(path: readonly Step[]): { source: Source; path: readonly Step[] } | undefined {
    let best: { source: Source; path: readonly Step[]; depth: number } | undefined;
    for (let i = this.#layers.length - 1; i >= 0; i--) {
      const layer = this.#layers[i]!;
      if (startsWith(path, layer.at.slice(0, layer.made))) {
        const shared = sharedSteps(path, layer.at);
        const rest = shared === layer.at.length ? path.slice(shared) : [];
        const inner = [...layer.from, ...rest];
        const depth = followed(layer.source.value, inner) - layer.from.length + shared;
        if (depth >= shared && (best === undefined || depth > best.depth)) {
          best = { source: layer.source, path: inner, depth };
        }
        if (best?.depth === path.length) break;
      }
      if (this.#cuts.some((cut) => cut.layer === i && startsWith(path, cut.path))) break;
    }
    return best;
  }
}
