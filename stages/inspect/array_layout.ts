/**
 * What the axes of an array of skeletons are, guessed from their lengths.
 *
 * @module
 */
import { JOINTS } from "../skeleton/joints.ts";

/**
 * A guess: a letter an axis, slowest first: N clips, M bodies, T frames, V joints, C coordinates, and B
 * for all numbers of a frame's bodies, 75 each.
 */
export type Letters = string;

/** Numbers of joints that skeletons have: Kinect v2, Kinect v1. */
const SKELETONS = [JOINTS, 20];

/** Bodies that a clip has at most. */
const MOST_BODIES = 6;

/** The letters of a shape, or `undefined` where it is no array of skeletons. */
export function guessLayout(shape: readonly number[]): Letters | undefined {
  const [a, b] = shape;
  const isJoints = (axis: number) => SKELETONS.includes(shape.at(axis)!);
  const fewBodies = (size: number) => size >= 1 && size <= MOST_BODIES;
  const flat = shape.at(-1) === 75 || shape.at(-1) === 150;
  switch (shape.length) {
    case 2:
      return flat ? "TB" : undefined;
    case 3:
      if (shape[2] === 3 && isJoints(1)) return "TVC";
      if (a === 3 && isJoints(2)) return "CTV";
      return flat ? "NTB" : undefined;
    case 4:
      if (shape[3] === 3 && isJoints(2)) {
        return fewBodies(a!) ? "MTVC" : fewBodies(b!) ? "TMVC" : "NTVC";
      }
      if (a === 3 && isJoints(2) && fewBodies(shape[3]!)) return "CTVM";
      return b === 3 && isJoints(3) ? "NCTV" : undefined;
    case 5:
      if (b === 3 && isJoints(3) && fewBodies(shape[4]!)) return "NCTVM";
      if (shape[4] === 3 && isJoints(3)) {
        return fewBodies(b!) ? "NMTVC" : fewBodies(shape[2]!) ? "NTMVC" : undefined;
      }
      return undefined;
    default:
      return undefined;
  }
}

/** Words for letters, such as `(N clips, T frames, V joints, C coordinates)`. */
export function layoutWords(letters: Letters): string {
  const words: Readonly<Record<string, string>> = {
    N: "clips",
    M: "bodies",
    T: "frames",
    V: "joints",
    C: "coordinates",
    B: "numbers of bodies",
  };
  return [...letters].map((letter) => words[letter]).join(", ");
}

/** One clip of such an array, the axis N left out. */
export interface LaidClip {
  readonly frames: number;
  readonly bodies: number;
  readonly joints: number;
  /** Where in the clip the coordinate is. */
  offset(t: number, m: number, v: number, c: number): number;
}

/** How a clip lies in an array of such letters. */
export function laidClip(letters: Letters, shape: readonly number[]): LaidClip {
  const own = letters.replace("N", "");
  const sizes = letters.startsWith("N") ? shape.slice(1) : shape;
  const stride = (letter: string) => {
    const axis = own.indexOf(letter);
    return axis < 0 ? 0 : sizes.slice(axis + 1).reduce((product, size) => product * size, 1);
  };
  const size = (letter: string) => own.includes(letter) ? sizes[own.indexOf(letter)]! : 1;
  if (own === "TB") {
    const numbers = size("B");
    return {
      frames: size("T"),
      bodies: numbers / (JOINTS * 3),
      joints: JOINTS,
      offset: (t, m, v, c) => t * numbers + (m * JOINTS + v) * 3 + c,
    };
  }
  const [T, M, V, C] = [stride("T"), stride("M"), stride("V"), stride("C")];
  return {
    frames: size("T"),
    bodies: size("M"),
    joints: size("V"),
    offset: (t, m, v, c) => t * T! + m * M! + v * V! + c * C!,
  };
}
