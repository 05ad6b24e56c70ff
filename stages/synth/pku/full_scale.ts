/**
 * As many videos, with as many labelled actions, as PKU-MMD I and II have: for tests at scale.
 *
 * Which video has how many actions is made up; the totals of videos, of actions and of both sides of
 * the splits are those of method section 1.4.
 *
 * @module
 */
import type { PkuPart } from "../../formats/pku_name.ts";
import { type SynthPkuParams, synthPkuParams } from "./definition.ts";
import { dealt, PART_2_TEST, type ProgrammedVideo, type VideoKey } from "./programme.ts";

/** A video before its actions are dealt. */
type Slot = Omit<ProgrammedVideo, "acts">;

const CAMERAS = [1, 2, 3] as const;

/** People of part I, of whom the last nine test. */
const PEOPLE = 66, TESTING = 9;
/** Part I has numbers 2 to 364 with gaps; here the gaps are at the end. */
const FIRST_NUMBER = 2, NUMBERS = 359;
/** One of its L videos is not there: made up which. */
const NO_LEFT = 100;

/** Part II: 26 sequences by 13 people. Five videos of M and R are not there: made up which. */
const SEQUENCES = 26, PART_2_PEOPLE = 13;

/** Parameters that a full scale takes; those given go before. Actions are short to keep it small. */
export function fullScaleParams(
  part: PkuPart,
  given: Readonly<Record<string, unknown>> = {},
): SynthPkuParams {
  return synthPkuParams.parse({
    frames: [2, 4],
    pause: [0, 1],
    ...given,
    part,
    actions: 51,
    performers: part === 1 ? PEOPLE : PART_2_PEOPLE,
    sequences: part === 1 ? Math.ceil(NUMBERS / PEOPLE) : SEQUENCES,
    per_video: part === 1 ? 20 : 7,
    cameras: 3,
  });
}

/** All videos of a part and what happens in them. */
export function fullProgramme(params: SynthPkuParams): ProgrammedVideo[] {
  const slots = params.part === 1 ? slotsOfPart1() : slotsOfPart2();
  const counts = params.part === 1 ? countsOfPart1(slots) : countsOfPart2(slots);
  return slots.map((slot, i) => {
    const { sequence, performer } = slot.key;
    const from = (sequence - 1) * params.per_video;
    return { ...slot, acts: dealt(params, performer, from, from + counts[i]!) };
  });
}

function slotsOfPart1(): Slot[] {
  const slots: Slot[] = [];
  for (let i = 0; i < NUMBERS; i++) {
    const [performer, sequence] = [i % PEOPLE + 1, Math.floor(i / PEOPLE) + 1];
    for (const camera of CAMERAS) {
      if (i === NO_LEFT && camera === 1) continue;
      slots.push({
        key: { sequence, performer, camera },
        name: { part: 1, video: FIRST_NUMBER + i, subject: 0, camera },
        testsSubjects: performer > PEOPLE - TESTING,
      });
    }
  }
  return slots;
}

/** 20 each, but 21 in 28 L videos, 4 of which test, and 19 in 3 R videos that train: 21,545. */
function countsOfPart1(slots: readonly Slot[]): number[] {
  const left = { train: 24, test: 4, less: 3 };
  return slots.map(({ key, testsSubjects }) => {
    if (key.camera === 1 && left[testsSubjects ? "test" : "train"]-- > 0) return 21;
    return key.camera === 3 && !testsSubjects && left.less-- > 0 ? 19 : 20;
  });
}

function slotsOfPart2(): Slot[] {
  const slots: Slot[] = [];
  const isThere = ({ sequence, performer, camera }: VideoKey) =>
    performer < PART_2_PEOPLE || camera !== 3 || sequence <= SEQUENCES - 5;
  for (let performer = 1; performer <= PART_2_PEOPLE; performer++) {
    for (let sequence = 1; sequence <= SEQUENCES; sequence++) {
      for (const camera of CAMERAS) {
        const key = { sequence, performer, camera };
        if (!isThere(key)) continue;
        slots.push({
          key,
          name: { part: 2, video: sequence, subject: performer, camera },
          testsSubjects: PART_2_TEST.includes(performer),
        });
      }
    }
  }
  return slots;
}

/** 7 in 682 videos that train and in 209 that test, 6 in the others: 5,332 and 1,613. */
function countsOfPart2(slots: readonly Slot[]): number[] {
  const left = { train: 682, test: 209 };
  return slots.map(({ testsSubjects }) => left[testsSubjects ? "test" : "train"]-- > 0 ? 7 : 6);
}
