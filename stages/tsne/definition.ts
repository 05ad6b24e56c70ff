/**
 * The `tsne` stage: features of the same clips laid out in a plane, a panel an input, and the figures
 * that say what is behind the picture.
 *
 * @module
 */
import { z } from "zod";
import type {
  Machine,
  MemoryNeed,
  PortFacts,
  Problem,
  StageDefinition,
} from "../../pipeline/stage.ts";

/** A perplexity is of use with at least so many times its number of clips. */
export const CLIPS_PER_PERPLEXITY = 3;

const panel = z.strictObject({
  input: z.string().min(1).describe(
    "Name of the input that holds the panel's features, or under which cells of a grid were gathered",
  ),
  title: z.string().min(1).optional().describe("Heading of the panel; the input's name if unset"),
});

/** Parameters of `tsne`; defaults are the released settings (method section 8), clips and PCA apart. */
export const tsneParams = z.strictObject({
  title: z.string().min(1).default("t-SNE").describe("Heading of the picture"),
  panels: z.array(panel).min(1).optional().describe(
    "The panels in their order; all features in the order of their inputs' names if unset",
  ),
  seed: z.int().min(0).describe("Seed of the clips drawn and of the points' first places"),
  share: z.number().gt(0).max(1).default(0.2).describe(
    "Share of each class's training clips that is shown",
  ),
  clips: z.int().min(3).default(2000).describe(
    "Most clips shown; time and memory grow with their square",
  ),
  perplexity: z.number().min(1).default(20).describe("Neighbours that a point is laid out by"),
  iterations: z.int().min(1).default(1000).describe("Iterations"),
  learning_rate: z.number().positive().default(500).describe(
    "Learning rate; with few points at most three times their number, which 500 throws about",
  ),
  momentum: z.number().min(0).lt(1).default(0.5).describe("Momentum at the start"),
  final_momentum: z.number().min(0).lt(1).default(0.8).describe("Momentum afterwards"),
  momentum_switch: z.int().min(0).default(20).describe("Iterations with the first momentum"),
  exaggeration: z.number().min(1).default(4).describe("Factor on the affinities at the start"),
  exaggerated: z.int().min(0).default(101).describe("Iterations with that factor"),
  dimensions: z.int().min(2).default(50).describe(
    "Principal components the features are reduced to before; those with fewer columns stay as they are",
  ),
  unit_length: z.boolean().default(false).describe(
    "Scale every clip's features to length 1 first, so that angles count (the released embeddings are)",
  ),
  members: z.enum(["first", "all"]).default("first").describe(
    "Of features of several members, such as untrained encoders: a panel for the first, or for each",
  ),
  k: z.array(z.int().min(1)).min(1).default([5, 20]).describe(
    "Numbers of neighbours whose classes are counted",
  ),
  checkpoint_every: z.int().min(1).default(250).describe("Iterations between checkpoints"),
});

/** Parameters of `tsne` after defaults. */
export type TsneParams = z.output<typeof tsneParams>;

/** The input that says which clips there are to draw from; all others are features. */
export const SPLIT_INPUT = "split";

/** See this module's page. */
export const tsne: StageDefinition<typeof tsneParams> = {
  name: "tsne",
  summary: "Lays features out in a plane by t-SNE, with neighbour purity and silhouette beside it",
  params: tsneParams,
  inputs: {
    [SPLIT_INPUT]: {
      type: "split",
      summary: "clips are drawn from its first fold's training side",
    },
    "*": { type: "features", summary: "features, a panel each; all of the same clips" },
  },
  outputs: {
    figure: { type: "figure", summary: "tsne.svg" },
    points: { type: "tsne", summary: "the points, which clips they are, and figures" },
  },
  entry: new URL("./entry.ts", import.meta.url).href,
  resources: { cores: 1, memoryMiB: 512 },
  memory: memoryNeed,
  check: tsneProblems,
};

/** Most clips that can be shown, as far as is known: of each class its rounded share, and at least one. */
function mostClips(params: TsneParams, inputs: PortFacts): number {
  const features = featuresIn(inputs).map((name) => inputs[name]);
  const known = (name: "clips" | "classes") =>
    features.map((facts) => facts?.[name]).find((value) => typeof value === "number");
  const train = inputs[SPLIT_INPUT]?.train ?? known("clips");
  const classes = known("classes");
  if (typeof train !== "number" || classes === undefined) return params.clips;
  return Math.min(params.clips, train, Math.ceil(params.share * train) + classes);
}

function featuresIn(inputs: PortFacts): readonly string[] {
  return Object.keys(inputs).filter((name) => name !== SPLIT_INPUT).sort();
}

/** Distances, affinities and the product matrix of the principal components, all of n x n. */
function memoryNeed(params: TsneParams, inputs: PortFacts, machine: Machine): MemoryNeed {
  const n = mostClips(params, inputs);
  const peakMiB = 256 + Math.ceil(2.5 * n * n * 8 / 2 ** 20);
  if (peakMiB <= machine.memoryMiB) return { peakMiB };
  return {
    peakMiB,
    problem: {
      path: ["clips"],
      message: `${n} clips take ${peakMiB} MiB, and there are ${machine.memoryMiB}: show fewer`,
    },
  };
}

/** The inputs that a panel means: the one of its name, or all cells that were gathered under that name. */
function inputsOf(input: string, features: readonly string[]): readonly string[] {
  return features.includes(input)
    ? [input]
    : features.filter((name) => name.startsWith(`${input}@`));
}

/** The inputs that are shown, in order, with what stands above them. */
export function shownInputs(
  params: Pick<TsneParams, "panels">,
  features: readonly string[],
): ReadonlyMap<string, string> {
  const panels: NonNullable<TsneParams["panels"]> = params.panels ??
    features.map((input) => ({ input }));
  return new Map(panels.flatMap(({ input, title }) =>
    inputsOf(input, features).map((name) => {
      const cell = name === input ? "" : ` ${name.slice(input.length + 1)}`;
      return [name, title === undefined ? name : title + cell] as const;
    })
  ));
}

/** There must be something to show, enough of it, and every panel must be of an input. */
export function tsneProblems(params: TsneParams, inputs: PortFacts): Problem[] {
  const features = featuresIn(inputs);
  const problems: Problem[] = [];
  if (features.length === 0) {
    problems.push({
      path: [],
      message: "expected at least one input of features beside the split, such as " +
        "trained: features.features; found none",
    });
  }
  const seen = new Set<string>();
  (params.panels ?? []).forEach(({ input }, i) => {
    const path = ["panels", i, "input"];
    if (inputsOf(input, features).length === 0) {
      problems.push({
        path,
        message: `expected the name of features among the inputs (${features.join(", ")}), ` +
          `found ${input}`,
      });
    } else if (seen.has(input)) {
      problems.push({ path, message: `${input} has an earlier panel already; name it once` });
    }
    seen.add(input);
  });
  const most = mostClips(params, inputs);
  const problem = perplexityProblem(params.perplexity, most);
  if (problem !== undefined) problems.push({ path: ["perplexity"], message: problem });
  return problems;
}

/** Why so many clips are too few for a perplexity, or `undefined` where they suffice. */
export function perplexityProblem(perplexity: number, clips: number): string | undefined {
  const least = CLIPS_PER_PERPLEXITY * perplexity;
  if (clips >= least) return undefined;
  return `a perplexity of ${perplexity} needs at least ${Math.ceil(least)} clips (three times as ` +
    `many), and ${clips} would be shown: raise share or clips, or lower perplexity`;
}
