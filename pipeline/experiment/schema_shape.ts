/**
 * Looks into a zod schema: which names may stand at a place of the value it describes.
 *
 * @module
 */
import type { z } from "zod";
import type { Step } from "./source.ts";

type AnySchema = z.core.$ZodType;

interface Definition {
  readonly type: string;
  readonly innerType?: AnySchema;
  readonly in?: AnySchema;
  readonly shape?: Readonly<Record<string, AnySchema>>;
  readonly element?: AnySchema;
  readonly valueType?: AnySchema;
  readonly items?: readonly AnySchema[];
  readonly options?: readonly AnySchema[];
  readonly getter?: () => AnySchema;
}

function definitionOf(schema: AnySchema): Definition {
  return schema._zod.def as unknown as Definition;
}

/** The alternatives a schema stands for, with defaults, optionality and transforms taken off. */
function unwrapped(schema: AnySchema): readonly AnySchema[] {
  const def = definitionOf(schema);
  if (def.options !== undefined) return def.options.flatMap(unwrapped);
  if (def.type === "pipe" && def.in !== undefined) return unwrapped(def.in);
  if (def.type === "lazy" && def.getter !== undefined) return unwrapped(def.getter());
  if (def.innerType !== undefined) return unwrapped(def.innerType);
  return [schema];
}

function stepInto(schema: AnySchema, step: Step): readonly AnySchema[] {
  const def = definitionOf(schema);
  const next = def.shape?.[String(step)] ?? def.valueType ?? def.items?.[Number(step)] ??
    def.element;
  return next === undefined ? [] : unwrapped(next);
}

/**
 * The names that a schema knows for the map at `path`.
 *
 * @param schema Any zod schema.
 * @param path Steps from the value the schema describes.
 * @returns The names, sorted as the schema declares them; empty where no map with fixed names is.
 */
export function namesAt(schema: AnySchema, path: readonly Step[]): readonly string[] {
  let here = unwrapped(schema);
  for (const step of path) here = here.flatMap((inner) => stepInto(inner, step));
  return [...new Set(here.flatMap((inner) => Object.keys(definitionOf(inner).shape ?? {})))];
}
