/**
 * What happens in which synthetic video, before anything is drawn of how.
 *
 * @module
 */
import type { PkuName, PkuPart } from "../../formats/pku_name.ts";
import { randomStream } from "../../random.ts";

/** How much there is of everything. */
export interface ProgrammeCounts {
  readonly part: PkuPart;
  readonly actions: number;
  readonly performers: number;
  readonly sequences: number;
  readonly per_video: number;
  readonly cameras: number;
  readonly seed: number;
}

/** A video: which sequence of actions, by whom, from where. All from 1. */
export interface VideoKey {
  readonly sequence: number;
  readonly performer: number;
  readonly camera: 1 | 2 | 3;
}

/** A video with what happens in it. */
export interface ProgrammedVideo {
  readonly key: VideoKey;
  readonly name: PkuName;
  /** Actions in their order, from 1. */
  readonly acts: readonly number[];
  /** Whether it tests under cross-subject; under cross-view those of camera 1 (L) do. */
  readonly testsSubjects: boolean;
}

/** The published validation people of part II. */
export const PART_2_TEST: readonly number[] = [2, 3, 7];

/** Part I numbers its videos from here. */
const FIRST_VIDEO = 2;

/** All videos and what happens in them. */
export function programme(counts: ProgrammeCounts): ProgrammedVideo[] {
  const test = testPerformers(counts);
  return videoNames(counts).map((key) => ({
    key,
    name: pkuNameOf(counts, key),
    acts: actsOfVideo(counts, key),
    testsSubjects: test.has(key.performer),
  }));
}

/** All videos; the cameras of a performance one after another. */
export function videoNames(counts: ProgrammeCounts): VideoKey[] {
  const names: VideoKey[] = [];
  for (let performer = 1; performer <= counts.performers; performer++) {
    for (let sequence = 1; sequence <= counts.sequences; sequence++) {
      for (let camera = 1; camera <= counts.cameras; camera++) {
        names.push({ sequence, performer, camera: camera as VideoKey["camera"] });
      }
    }
  }
  return names;
}

/** The name that a video's files have. */
export function pkuNameOf(counts: ProgrammeCounts, key: VideoKey): PkuName {
  const { sequence, performer, camera } = key;
  return counts.part === 2 ? { part: 2, video: sequence, subject: performer, camera } : {
    part: 1,
    video: FIRST_VIDEO + (performer - 1) * counts.sequences + sequence - 1,
    subject: 0,
    camera,
  };
}

/**
 * Those who test under cross-subject: in part II the published ones, in part I every fourth from the
 * second on, so that there are some of both as soon as there are two performers.
 */
export function testPerformers({ part, performers }: ProgrammeCounts): ReadonlySet<number> {
  const everyone = Array.from({ length: performers }, (_, i) => i + 1);
  return new Set(
    everyone.filter((performer) =>
      part === 2 ? PART_2_TEST.includes(performer) : performer % 4 === 2
    ),
  );
}

/**
 * The actions of a video in their order, from 1. They are dealt from a shuffled deck of all actions,
 * again and again, so that none comes up much more often than another. In part II everyone performs
 * the same sequences.
 */
export function actsOfVideo(counts: ProgrammeCounts, { sequence, performer }: {
  readonly sequence: number;
  readonly performer: number;
}): number[] {
  const from = (sequence - 1) * counts.per_video;
  return dealt(counts, performer, from, from + counts.per_video);
}

/** Actions `from` to `to` (without it) of those that a performer is dealt. */
export function dealt(
  counts: Pick<ProgrammeCounts, "part" | "actions" | "seed">,
  performer: number,
  from: number,
  to: number,
): number[] {
  const acts: number[] = [];
  for (let at = from; at < to; at++) {
    const deck = shuffled(
      counts,
      counts.part === 2 ? 0 : performer,
      Math.floor(at / counts.actions),
    );
    acts.push(deck[at % counts.actions]!);
  }
  return acts;
}

function shuffled(
  { actions, seed }: Pick<ProgrammeCounts, "actions" | "seed">,
  performer: number,
  deck: number,
): number[] {
  const stream = randomStream(seed, "synth pku deck", performer, deck);
  const numbers = Array.from({ length: actions }, (_, i) => i + 1);
  for (let last = actions - 1; last > 0; last--) {
    const other = stream.integer(0, last);
    [numbers[last], numbers[other]] = [numbers[other]!, numbers[last]!];
  }
  return numbers;
}
