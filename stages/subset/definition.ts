/**
 * The `subset` stage: which training clips keep their labels.
 *
 * @module
 */
import { z } from "zod";
import type { Facts, PortFacts, Problem, StageDefinition } from "../../pipeline/stage.ts";

/** Parameters of `subset`. */
export const subsetParams = z.strictObject({
  fraction: z.number().gt(0).max(1).optional().describe(
    "Share of each class's training clips, rounded to the nearest, halves to the even one; or per_class",
  ),
  per_class: z.int().min(1).optional().describe(
    "So many training clips of each class; or fraction",
  ),
  rule: z.enum(["released", "own"]).optional().describe(
    "released: the clips that Python's random.seed(2) and random.sample choose (the default for " +
      "fraction); own: by seed and draw (the default for per_class)",
  ),
  draw: z.int().min(0).max(2 ** 32 - 1).default(0).describe(
    "Number of the draw. The released rule has one alone, 0; draws from 1 on are our own",
  ),
  seed: z.int().min(0).default(0).describe("Seed of our own draws; the released one has its own"),
});

/** Parameters of `subset` after defaults. */
export type SubsetParams = z.output<typeof subsetParams>;

/** The rule that a set of parameters comes to. */
export function ruleOf({ rule, fraction, draw }: SubsetParams): "released" | "own" {
  if (draw > 0) return "own";
  return rule ?? (fraction === undefined ? "own" : "released");
}

/** Whether clips are taken from a list; an input that is given has a name among the facts. */
function isListed(inputs: PortFacts): boolean {
  return Object.hasOwn(inputs, "names");
}

/**
 * The rules of a subset: either an amount to draw, or a list and nothing else.
 *
 * @param inputs Facts of the inputs that are given.
 */
export function subsetProblems(params: SubsetParams, inputs: PortFacts): Problem[] {
  const { fraction, per_class, rule, draw } = params;
  if (isListed(inputs)) {
    const given = Object.entries({ fraction, per_class, rule, draw: draw || undefined })
      .find(([, value]) => value !== undefined);
    return given === undefined ? [] : [{
      path: [given[0]],
      message:
        "expected nothing beside the input names, which lists the clips that are kept, found " +
        `${given[1]}: leave out one of the two`,
    }];
  }
  if ((fraction === undefined) !== (per_class === undefined)) return [];
  return [
    fraction === undefined
      ? { path: [], message: "expected one of fraction, per_class and the input names, found none" }
      : { path: [], message: "expected one of fraction and per_class, found both" },
  ];
}

/** What the split and the clips tell of the subset before it is drawn. */
function factsOf(params: SubsetParams, split: Facts = {}, clips: Facts = {}): Facts {
  const { train: _all, ...rest } = split;
  const { classes } = clips;
  return params.per_class === undefined || typeof classes !== "number"
    ? rest
    : { ...rest, train: params.per_class * classes };
}

/** See this module's page. */
export const subset: StageDefinition<typeof subsetParams> = {
  name: "subset",
  summary: "Keeps the labels of some training clips: a share of each class, or so many of each",
  params: subsetParams,
  inputs: {
    clips: { type: "clips", summary: "Clips with their classes and names" },
    split: { type: "split", summary: "Which clips train and which test" },
    names: {
      type: "names",
      summary: "A list of clips to keep in place of a draw: names.txt of another subset",
      optional: true,
      external: true,
    },
  },
  outputs: {
    subset: {
      type: "split",
      summary: "The split with fewer training clips, and names.txt of them",
    },
  },
  entry: new URL("./entry.ts", import.meta.url).href,
  resources: { cores: 1, memoryMiB: 256 },
  facts: (params, { split, clips }) => ({ subset: factsOf(params, split, clips) }),
  check: subsetProblems,
};
