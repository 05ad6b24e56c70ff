/**
 * The JSON Schema of experiment files, for editors: generated from the schemas that check them, so
 * that the two cannot disagree.
 *
 * @module
 */
import { z } from "zod";
import { experimentSchema } from "./experiment_schema.ts";
import { isPlainMap, type PlainMap } from "./layers.ts";
import type { Catalogue, StageDefinition } from "../stage.ts";

function jsonSchema(schema: z.core.$ZodType): PlainMap {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    target: "draft-7",
    io: "input",
    unrepresentable: "any",
  });
  return rest as PlainMap;
}

/** The bounds of safe integers, which zod states for every whole number, say nothing to people. */
function withoutSafeBounds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSafeBounds);
  if (!isPlainMap(value)) return value;
  const kept = Object.entries(value).filter(([key, inner]) =>
    !((key === "maximum" && inner === Number.MAX_SAFE_INTEGER) ||
      (key === "minimum" && inner === Number.MIN_SAFE_INTEGER))
  );
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutSafeBounds(inner)]));
}

/** Files that extend another and variants hold a part of a matrix: nothing in it is required. */
function anyPart(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(anyPart);
  if (!isPlainMap(value)) return value;
  const kept = Object.entries(value).filter(([key, inner]) =>
    key !== "required" || !Array.isArray(inner)
  );
  return Object.fromEntries(kept.map(([key, inner]) => [key, anyPart(inner)]));
}

/** The matrix, whose cases are changes in the experiment's own form. */
function matrixRule(matrix: PlainMap, change: PlainMap): PlainMap {
  const { properties, description } = anyPart(matrix) as {
    properties: PlainMap;
    description: string;
  };
  const { axes, ...rest } = properties as { axes: PlainMap };
  const { anyOf, description: axis } = axes.additionalProperties as {
    anyOf: { properties?: PlainMap }[];
    description: string;
  };
  const forms = anyOf.map((form) => {
    if (form.properties?.cases === undefined) return form;
    const cases = { ...form.properties.cases as PlainMap, additionalProperties: change };
    return { ...form, properties: { cases } };
  });
  const any = { description: axis, anyOf: [...forms, { type: "null" }] };
  return {
    type: ["object", "null"],
    description,
    properties: { axes: { ...axes, additionalProperties: any }, ...rest },
    additionalProperties: false,
  };
}

const INPUT = {
  oneOf: [
    { type: "string", pattern: "^[^.\\s]+\\.[^.\\s]+$" },
    {
      type: "object",
      properties: { path: { type: "string" } },
      required: ["path"],
      additionalProperties: false,
    },
    {
      type: "object",
      properties: {
        all: { type: "string", pattern: "^[^.\\s]+\\.[^.\\s]+$" },
        over: { type: "array", items: { type: "string" }, minItems: 1 },
      },
      required: ["all"],
      additionalProperties: false,
    },
    { type: "null" },
  ],
};

/** What a stage of one type may hold; nothing is required, since a variant or child holds a part. */
function stageRule(definition: StageDefinition): PlainMap {
  const { required: _, ...params } = jsonSchema(definition.params);
  const inputs = Object.fromEntries(
    Object.entries(definition.inputs).filter(([name]) => name !== "*")
      .map(([name, port]) => [name, { ...INPUT, description: `${port.type}: ${port.summary}` }]),
  );
  const more = Object.hasOwn(definition.inputs, "*") ? INPUT : false;
  const empty = { type: "null" };
  return {
    if: { properties: { uses: { const: definition.name } }, required: ["uses"] },
    then: {
      description: definition.summary,
      properties: {
        inputs: {
          anyOf: [{ type: "object", properties: inputs, additionalProperties: more }, empty],
        },
        params: { anyOf: [params, empty] },
      },
    },
  };
}

/**
 * The schema of experiment files as a JSON Schema (draft 7).
 *
 * @param catalogue The stages that an experiment may use; their parameters are part of it.
 */
export function experimentJsonSchema(catalogue: Catalogue): PlainMap {
  const stages = {
    type: "object",
    propertyNames: { pattern: "^[A-Za-z][A-Za-z0-9_-]*$" },
    additionalProperties: { $ref: "#/definitions/stage" },
  };
  const form = jsonSchema(experimentSchema);
  const properties = form.properties as Record<string, PlainMap>;
  const { expect, matrix, name, seed, variants } = properties as {
    expect: PlainMap;
    matrix: PlainMap;
    name: PlainMap;
    seed: PlainMap;
    variants: PlainMap;
  };
  const { default: _, ...anySeed } = seed;
  const bounds = {
    anyOf: [(expect as { additionalProperties: PlainMap }).additionalProperties, { type: "null" }],
  };
  const anyExpect = { ...expect, additionalProperties: bounds };
  const { anyOf: [variant] } = variants.additionalProperties as { anyOf: [PlainMap, PlainMap] };
  const changes = { seed: anySeed, stages, expect: anyExpect };
  const anyMatrix = { $ref: "#/definitions/matrix" };
  const change = {
    type: ["object", "null"],
    description: "What this value changes in the experiment, in the experiment's own form",
    properties: changes,
    additionalProperties: false,
  };
  const document = {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "skelrun experiment",
    description: "Generated from the project's schemas by `deno task schema`; not edited by hand.",
    type: "object",
    properties: {
      ...properties,
      seed,
      stages: { ...stages, description: (properties.stages as PlainMap).description },
      matrix: anyMatrix,
      expect: anyExpect,
      variants: {
        type: "object",
        description: variants.description,
        additionalProperties: {
          type: ["object", "null"],
          description: variant.description,
          properties: { name, ...changes, matrix: anyMatrix },
          additionalProperties: false,
        },
      },
    },
    patternProperties: { "^x-": { description: "A place for anchors; means nothing by itself" } },
    additionalProperties: false,
    if: { not: { required: ["extends"] } },
    then: {
      required: ["name", "stages"],
      properties: { stages: { additionalProperties: { required: ["uses"] } } },
    },
    definitions: {
      matrix: matrixRule(matrix, change),
      stage: {
        type: ["object", "null"],
        properties: {
          uses: {
            description: "The stage type",
            anyOf: Object.values(catalogue).map((definition) => ({
              const: definition.name,
              description: definition.summary,
            })),
          },
          inputs: { type: ["object", "null"] },
          params: { type: ["object", "null"] },
        },
        additionalProperties: false,
        allOf: Object.values(catalogue).map(stageRule),
      },
    },
  };
  return withoutSafeBounds(document) as PlainMap;
}
