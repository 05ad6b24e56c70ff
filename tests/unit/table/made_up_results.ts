/** Results with known figures, for the table's tests. */
import type { AnswersByProbe } from "../../../stages/table/answers.ts";
import { type ResultFile, type ResultRow, summarize } from "../../../stages/results/result_file.ts";

/** Answers to 160 test clips of 16 subjects, `right` percent of them right, spread evenly. */
export function madeUpAnswers(
  right: number,
  probes: readonly string[] = ["linear", "linear_converged", "nn1"],
): AnswersByProbe {
  const clips = Int32Array.from({ length: 160 }, (_, i) => i);
  const upTo = (i: number) => Math.floor(i * right / 100 + 1e-9);
  const answers = {
    clips,
    subjects: clips.map((clip) => Math.floor(clip / 10)),
    right: Float64Array.from(clips, (i) => upTo(i + 1) - upTo(i)),
  };
  return Object.fromEntries(probes.map((probe) => [probe, answers]));
}

const NONE = { subjects: 16, few_subjects: false };

/** Top-1 (last, best), top-5, converged top-1 and top-5, nearest neighbour, for each member. */
export type MemberFigures = readonly [number, number, number, number, number, number?];

/** A result on 160 test clips of 10 classes. */
export function madeUpResult(title: string, members: readonly MemberFigures[]): ResultFile {
  const common = {
    n: 160,
    standard_error: 0,
    standard_error_top5: 0,
    per_class: [],
    bootstrap: NONE,
  };
  const rows = members.flatMap(([last, best, top5, converged, converged5, nn1], m): ResultRow[] => {
    const member = `init${m}`, interval = [0, 100] as const;
    return [
      {
        ...common,
        probe: "linear",
        member,
        interval,
        top1_last: last,
        top1_best: best,
        top5_last: top5,
        top5_best: top5,
      },
      {
        ...common,
        probe: "linear_converged",
        member,
        interval,
        top1_last: converged,
        top5_last: converged5,
      },
      ...(nn1 === undefined ? [] : [{
        ...common,
        probe: "nn1",
        member,
        interval,
        top1_last: nn1,
        top5_last: 100,
      }]),
    ];
  });
  return {
    format: "result/2",
    title,
    source: title,
    classes: 10,
    protocol: "xsub",
    train: 200,
    test: 160,
    subjects: 16,
    varied: members.length > 1 ? ["initialisation"] : [],
    planes: [],
    chance: { classes: 10, uniform: 10, majority: 12.5, uniform_top5: 50 },
    rows,
    summary: summarize(rows),
    features: {},
    details: {},
  };
}
