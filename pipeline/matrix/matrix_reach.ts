/**
 * Which axes of a matrix reach which stages: directly, by what they change of a stage, or through the
 * outputs that it takes.
 *
 * @module
 */
import { isPlainMap, type PlainMap } from "../experiment/layers.ts";
import type { Axis, AxisValue, Change } from "./matrix.ts";
import type { Catalogue } from "../stage.ts";

/** What reach is found from. */
export interface ReachTask {
  /** The axes of the matrix. */
  readonly axes: readonly Axis[];
  /** The stages before the matrix changes them, with those that only it adds; in their order. */
  readonly stages: ReadonlyMap<string, unknown>;
  /** What the stages' types are. */
  readonly catalogue: Catalogue;
}

/** The axes that reach each stage. */
export interface Reach {
  /** Positions of the axes that change the stage itself, sorted. */
  readonly direct: ReadonlyMap<string, readonly number[]>;
  /** Positions of all axes that reach it, sorted. */
  readonly all: ReadonlyMap<string, readonly number[]>;
  /** The stages that gather cells, and those that take their outputs. */
  readonly gathering: ReadonlySet<string>;
}

/** What a change lays over a stage, or puts into it; `undefined` where it does not concern it. */
export function changeOf(change: Change, stage: string): { readonly value: unknown } | undefined {
  if (change.kind === "set") {
    return change.path[1] === stage ? { value: change.value } : undefined;
  }
  if (change.kind !== "overlay" || !isPlainMap(change.value.stages)) return undefined;
  const { stages } = change.value;
  return Object.hasOwn(stages, stage) ? { value: stages[stage] } : undefined;
}

/** The stages that a value changes itself. */
function changedStages({ changes }: AxisValue): readonly string[] {
  return changes.flatMap((change) =>
    change.kind === "set"
      ? [String(change.path[1])]
      : change.kind === "overlay" && isPlainMap(change.value.stages)
      ? Object.keys(change.value.stages)
      : []
  );
}

/** The seed that a value gives to the experiment; `undefined` where it gives none. */
export function seedOf({ changes }: AxisValue): number | undefined {
  for (const change of changes) {
    if (change.kind === "seed") return change.seed;
    if (change.kind === "overlay" && typeof change.value.seed === "number") {
      return change.value.seed;
    }
  }
  return undefined;
}

/**
 * Stages, with those behind them that only a value of an axis adds.
 *
 * @param stages The experiment's own.
 * @param axes The axes.
 */
export function allStages(
  stages: PlainMap,
  axes: readonly Pick<Axis, "values">[],
): ReadonlyMap<string, unknown> {
  const all = new Map<string, unknown>(Object.entries(stages));
  for (const { values } of axes) {
    for (const name of values.flatMap(changedStages)) if (!all.has(name)) all.set(name, undefined);
  }
  return all;
}

/** The stages and cells that a stage refers to, in the file or in some cell. */
interface References {
  readonly stages: ReadonlySet<string>;
  /** Stages that are gathered, with the axes over which they are (all, where none is named). */
  readonly gathered: readonly { readonly stage: string; readonly over?: readonly string[] }[];
}

function stageOf(reference: string): string {
  return reference.split(".", 1)[0]!;
}

class ReachFinder {
  readonly #task: ReachTask;
  readonly #direct = new Map<string, Set<number>>();
  readonly #all = new Map<string, ReadonlySet<number>>();
  readonly #references = new Map<string, References>();
  readonly #gathering = new Set<string>();

  constructor(task: ReachTask) {
    this.#task = task;
  }

  find(): Reach {
    const { stages, axes } = this.#task;
    for (const stage of stages.keys()) this.#direct.set(stage, new Set());
    axes.forEach(({ values }, i) => {
      for (const stage of values.flatMap(changedStages)) this.#direct.get(stage)?.add(i);
      if (!values.some((value) => seedOf(value) !== undefined)) return;
      for (const stage of stages.keys()) {
        if (this.#takesSeed(stage)) this.#direct.get(stage)!.add(i);
      }
    });
    for (const stage of stages.keys()) this.#references.set(stage, this.#referencesOf(stage));
    for (const stage of stages.keys()) this.#follow(stage);
    return {
      direct: sortedSets(this.#direct),
      all: sortedSets(this.#all),
      gathering: this.#gathering,
    };
  }

  /** What a stage is in the file and what the axes lay over it or put into it. */
  #forms(stage: string): readonly unknown[] {
    const laid = this.#task.axes.flatMap(({ values }) =>
      values.flatMap(({ changes }) =>
        changes.flatMap((change) => {
          const found = changeOf(change, stage);
          if (found === undefined) return [];
          if (change.kind !== "set") return [found.value];
          const [, , part, name] = change.path;
          if (part === "uses") return [{ uses: found.value }];
          return part === "inputs" ? [{ inputs: { [String(name)]: found.value } }] : [];
        })
      )
    );
    return [this.#task.stages.get(stage), ...laid];
  }

  /** Whether the stage takes the experiment's seed, in the file or in some cell. */
  #takesSeed(stage: string): boolean {
    const [own, ...laid] = this.#forms(stage);
    const given = isPlainMap(own) && isPlainMap(own.params) && Object.hasOwn(own.params, "seed");
    return [own, ...laid].some((form) => {
      if (!isPlainMap(form) || typeof form.uses !== "string") return false;
      const { catalogue } = this.#task;
      const definition = Object.hasOwn(catalogue, form.uses) ? catalogue[form.uses] : undefined;
      if (definition === undefined || !Object.hasOwn(definition.params.shape, "seed")) return false;
      const replaced = isPlainMap(own) && own.uses !== form.uses;
      return replaced || !given;
    });
  }

  #referencesOf(stage: string): References {
    const stages = new Set<string>();
    const gathered: { stage: string; over?: readonly string[] }[] = [];
    for (const form of this.#forms(stage)) {
      if (!isPlainMap(form) || !isPlainMap(form.inputs)) continue;
      for (const input of Object.values(form.inputs)) {
        if (typeof input === "string") stages.add(stageOf(input));
        else if (isPlainMap(input) && typeof input.all === "string") {
          const over = Array.isArray(input.over) ? { over: input.over.map(String) } : {};
          gathered.push({ stage: stageOf(input.all), ...over });
        }
      }
    }
    return { stages, gathered };
  }

  #reaching(stage: string): ReadonlySet<number> {
    const { stages, gathered } = this.#references.get(stage)!;
    const reach = new Set(this.#direct.get(stage)!);
    for (const source of stages) for (const axis of this.#all.get(source) ?? []) reach.add(axis);
    for (const { stage: source, over } of gathered) {
      // Without axes named, all cells are gathered: none reaches further.
      for (const axis of over === undefined ? [] : this.#all.get(source) ?? []) {
        if (!over!.includes(this.#task.axes[axis]!.name)) reach.add(axis);
      }
    }
    return reach;
  }

  /** Depth first, without recursion: chains may be tens of thousands long. A circle ends by itself. */
  #follow(start: string): void {
    const stack = [{ stage: start, sources: this.#sources(start), next: 0 }];
    const open = new Set([start]);
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const source = top.sources[top.next++];
      if (source === undefined) {
        this.#all.set(top.stage, this.#reaching(top.stage));
        const { stages, gathered } = this.#references.get(top.stage)!;
        if (gathered.length > 0 || [...stages].some((stage) => this.#gathering.has(stage))) {
          this.#gathering.add(top.stage);
        }
        stack.pop();
      } else if (!this.#all.has(source) && !open.has(source) && this.#references.has(source)) {
        open.add(source);
        stack.push({ stage: source, sources: this.#sources(source), next: 0 });
      }
    }
  }

  #sources(stage: string): readonly string[] {
    const { stages, gathered } = this.#references.get(stage)!;
    return [...stages, ...gathered.map(({ stage }) => stage)];
  }
}

function sortedSets(
  sets: ReadonlyMap<string, ReadonlySet<number>>,
): ReadonlyMap<string, readonly number[]> {
  return new Map([...sets].map(([name, set]) => [name, [...set].sort((a, b) => a - b)]));
}

/**
 * Finds which axes reach which stages.
 *
 * @param task The axes and the stages.
 * @returns For each stage, at least the axes along which it differs.
 */
export function reachOf(task: ReachTask): Reach {
  return new ReachFinder(task).find();
}
