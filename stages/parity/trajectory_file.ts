/**
 * Files of training trajectories: what some other implementation computed step by step, in float64,
 * for a small model and made-up clips (`docs/golden_form.md`).
 *
 * @module
 */
import { z } from "zod";
import { BODY_PARTS } from "../skeleton/parts.ts";

/** Frames of the made-up clips. */
export const TRAJECTORY_FRAMES = 64;

const TOKENS = TRAJECTORY_FRAMES / 4;
const count = z.int().min(1);
const number = z.number();

const swapSchema = z.object({
  shift: count,
  parts: z.array(z.int().min(0).max(BODY_PARTS.length - 1)),
  t0: z.int().min(0),
  Ct: z.int().min(0),
}).refine(({ t0, Ct }) => t0 + Ct <= TOKENS, {
  path: ["Ct"],
  error: ({ input }) => {
    const { t0, Ct } = input as { t0: number; Ct: number };
    return `expected t0 + Ct of at most ${TOKENS} tokens, found ${t0} + ${Ct}`;
  },
});

const configSchema = z.object({
  name: z.string(),
  view: z.enum(["joint", "motion", "bone"]),
  feature_dim: count,
  K: count,
  hc: count,
  hd: count,
  heads: count,
  classes: count,
  Lambda: number,
  tau: number.gt(0),
  m: number.min(0).max(1),
  mu: number,
  lr: number,
  wd: number,
  N: z.int().min(2),
  steps: count,
  phase: number,
  i0: number,
  I: number.refine((value) => value !== 0, { error: "expected a number other than 0, found 0" }),
  off: z.int().min(0).max(2 ** 31),
  swap: z.array(swapSchema).min(1),
}).check(({ value: config, issues }) => {
  const problem = (path: (string | number)[], message: string) =>
    issues.push({ code: "custom", path, message, input: config });
  if (config.hd % config.heads !== 0) {
    problem(["heads"], `expected a divisor of hd ${config.hd}, found ${config.heads}`);
  }
  if (config.K % config.N !== 0) {
    problem(["K"], `expected a multiple of N ${config.N}, found ${config.K}`);
  }
  config.swap.forEach(({ shift }, i) => {
    if (shift >= config.N) {
      problem(["swap", i, "shift"], `expected less than N ${config.N}, found ${shift}`);
    }
  });
});

const statistics = z.object({ mean: z.array(number), var: z.array(number) });

const caseSchema = z.object({
  config: configSchema,
  steps: z.array(z.object({
    L_z: number,
    L_s: number,
    L_ns: number,
    total: number,
    ema: number,
  })),
  final_param_norms_query: z.record(z.string(), number),
  final_param_norms_key: z.record(z.string(), number),
  final_data_bn_query: statistics,
  final_data_bn_key: statistics,
  queue_col_sums_first: z.array(number),
  queue_ptr: z.int().min(0),
  eval_logits: z.array(z.array(number)),
}).check(({ value, issues }) => {
  const { config, steps, eval_logits } = value;
  const problem = (path: (string | number)[], message: string) =>
    issues.push({ code: "custom", path, message, input: value });
  if (steps.length !== config.steps) {
    problem(
      ["steps"],
      `expected as many as config.steps says, ${config.steps}, found ${steps.length}`,
    );
  }
  if (eval_logits.length !== config.N) {
    problem(["eval_logits"], `expected a row for each of ${config.N} clips`);
  }
  eval_logits.forEach((row, i) => {
    if (row.length === config.classes) return;
    problem(["eval_logits", i], `expected ${config.classes} scores, found ${row.length}`);
  });
});

/** One trajectory: the configuration, and what was recorded. */
export type TrajectoryCase = z.output<typeof caseSchema>;

/** The configuration of a trajectory. */
export type TrajectoryConfig = TrajectoryCase["config"];

/** A file that is not of the form; the message names file and field. */
export class TrajectoryFileError extends Error {
  override readonly name = "TrajectoryFileError";
  /** The message says all there is to say. */
  readonly forUser = true;
}

/**
 * Reads a file of trajectories.
 *
 * @param text Its content.
 * @param file Its name, for errors.
 * @throws {TrajectoryFileError} If it is no JSON, or a field is missing or wrong: all such fields.
 */
export function parseTrajectories(text: string, file: string): TrajectoryCase[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new TrajectoryFileError(`${file}: expected JSON: ${(error as Error).message}`);
  }
  const result = z.array(caseSchema).min(1).safeParse(value);
  if (result.success) return result.data;
  const lines = result.error.issues.map(({ path, message }) => {
    const field = path.map((key) => typeof key === "number" ? `[${key}]` : `.${String(key)}`).join(
      "",
    );
    return `${file}: ${field.replace(/^\./, "") || "the whole"}: ${
      message.replace(/^Invalid (input|option): /, "").replace(
        ", received undefined",
        ", found nothing",
      )
        .replace(", received ", ", found ")
    }`;
  });
  throw new TrajectoryFileError(lines.join("\n"));
}
