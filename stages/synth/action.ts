/**
 * What the synthetic actions are: which parts of the body move, how, and how fast.
 *
 * @module
 */
import { type RandomStream } from "../random.ts";
import { BODY_PARTS } from "../skeleton/parts.ts";

/** One joint's rotation about one axis while an action goes on. */
export interface Movement {
  /** Name of the moving part, as in `BODY_PARTS`. */
  readonly part: string;
  /** The joint whose outward bones turn. */
  readonly joint: number;
  /** 0, 1, 2 for the body's x (right), y (up), z (back). */
  readonly axis: number;
  /** Mean angle, radians. */
  readonly posture: number;
  /** Amplitude of the oscillation about it, radians. */
  readonly swing: number;
  /** Its phase behind the action's, radians. */
  readonly lag: number;
}

/** An action: `angle(t) = posture + swing sin(2 pi hertz t + phase - lag)` for every movement. */
export interface Action {
  /** From 1. */
  readonly number: number;
  readonly name: string;
  /** Names of the moving parts, in the order of `BODY_PARTS`. */
  readonly parts: readonly string[];
  /** How many people do it together; the second lags a quarter of a period behind. */
  readonly people: 1 | 2;
  readonly hertz: number;
  readonly movements: readonly Movement[];
}

/** How a kind of part can move: `[joint of the part, axis, posture, swing]`, for the right side. */
type Style = readonly [name: string, ...moves: (readonly [number, number, number, number])[]];

const SHOULDER = 0, ELBOW = 1, HIP = 0, KNEE = 1, SPINE = 0, NECK = 1;
const X = 0, Y = 1, Z = 2;

const ARM_STYLES: readonly Style[] = [
  ["swing", [SHOULDER, X, 0.6, 0.6]],
  ["lift", [SHOULDER, Z, 0.7, 0.6]],
  ["curl", [SHOULDER, X, 0.2, 0.1], [ELBOW, X, 1.0, 0.8]],
  ["wave", [SHOULDER, Z, 1.1, 0.15], [ELBOW, Z, 0.7, 0.7]],
  ["reach", [SHOULDER, X, 0.7, 0.5], [ELBOW, X, 0.7, -0.6]],
  ["screw", [SHOULDER, Y, 0, 0.7], [ELBOW, X, 1.2, 0.2]],
];
const LEG_STYLES: readonly Style[] = [
  ["kick", [HIP, X, 0.4, 0.5]],
  ["spread", [HIP, Z, 0.3, 0.3]],
  ["step", [HIP, X, 0.5, 0.5], [KNEE, X, -0.7, -0.6]],
  ["heel", [KNEE, X, -0.8, 0.7]],
];
const TRUNK_STYLES: readonly Style[] = [
  ["bow", [SPINE, X, -0.35, 0.35], [NECK, X, -0.1, 0.15]],
  ["lean", [SPINE, Z, 0, 0.35]],
  ["nod", [NECK, X, -0.2, 0.5]],
  ["dodge", [SPINE, Z, 0, 0.25], [NECK, Z, 0, -0.4]],
];

const TRUNK = "trunk", RIGHT_ARM = "right arm", LEFT_ARM = "left arm";
const RIGHT_LEG = "right leg", LEFT_LEG = "left leg";

interface PartMoves {
  readonly styles: readonly Style[];
  readonly joints: readonly [number, number];
  /** Rotations about y and z change sign on the left. */
  readonly mirrored: boolean;
}

const PART_MOVES: Readonly<Record<string, PartMoves>> = {
  [TRUNK]: { styles: TRUNK_STYLES, joints: [0, 2], mirrored: false },
  [RIGHT_ARM]: { styles: ARM_STYLES, joints: [8, 9], mirrored: false },
  [LEFT_ARM]: { styles: ARM_STYLES, joints: [4, 5], mirrored: true },
  [RIGHT_LEG]: { styles: LEG_STYLES, joints: [16, 17], mirrored: false },
  [LEFT_LEG]: { styles: LEG_STYLES, joints: [12, 13], mirrored: true },
};

const PART_SETS: readonly (readonly string[])[] = [
  [RIGHT_ARM],
  [RIGHT_ARM, LEFT_ARM],
  [RIGHT_LEG],
  [TRUNK],
  [LEFT_ARM],
  [TRUNK, RIGHT_ARM],
  [LEFT_LEG],
  [RIGHT_ARM, LEFT_LEG],
  [RIGHT_LEG, LEFT_LEG],
  [TRUNK, LEFT_ARM],
  [LEFT_ARM, RIGHT_LEG],
  [TRUNK, RIGHT_ARM, LEFT_ARM],
];

/** Slow and fast, one pair per round through {@link PART_SETS}. */
const HERTZ = [[0.6, 1.5], [0.7, 1.7], [0.8, 1.9], [0.65, 1.6], [0.75, 1.8]] as const;

/**
 * The actions of a data set, in pairs. A pair moves the same parts, and its second action differs
 * from the first in one way: it is faster, or its parts move in opposition, or one of them moves in
 * another style. So where something moves tells pairs apart, and how it moves tells within them. No
 * two of 120 are alike.
 *
 * @param count How many.
 * @param twoBody Those done by two people: the last share of them, or these labels.
 * @param stream Which styles come first.
 */
export function actionCatalogue(
  count: number,
  twoBody: number | readonly number[],
  stream: RandomStream,
): Action[] {
  const start = stream.integer(0, 11);
  const isTwoBody = typeof twoBody === "number"
    ? (label: number) => label >= count - Math.round(count * twoBody)
    : (label: number) => twoBody.includes(label);
  return Array.from(
    { length: count },
    (_, label) => paired(label, start, isTwoBody(label) ? 2 : 1),
  );
}

function paired(index: number, start: number, people: 1 | 2): Action {
  const pair = Math.floor(index / 2);
  const second = index % 2;
  const round = Math.floor(pair / PART_SETS.length);
  const parts = PART_SETS[pair % PART_SETS.length]!;
  const difference = (["style", "opposition", "tempo"] as const)[pair % 3]!;
  const opposed = second === 1 && difference === "opposition" && parts.length > 1;
  const restyled = second === 1 && difference !== "tempo" && !opposed;
  const hertz = HERTZ[round % HERTZ.length]![second === 1 && difference === "tempo" ? 1 : 0]!;
  const styled = parts.map((part, i) => {
    const style = styleOf(part, start + pair + round + (restyled && i === 0 ? 1 : 0));
    return { style, movements: movements(part, style, opposed && i > 0 ? Math.PI : 0) };
  });
  return {
    number: index + 1,
    name: parts.map((part, i) => `${part} ${styled[i]!.style[0]}`).join(" and ") +
      ` at ${hertz} Hz${opposed ? " in opposition" : ""}${people === 2 ? " by two" : ""}`,
    parts: BODY_PARTS.map(({ name }) => name).filter((name) => parts.includes(name)),
    people,
    hertz,
    movements: styled.flatMap(({ movements }) => movements),
  };
}

/** Movements of one part in one of its styles, chosen by any whole number. */
export function partMovements(part: string, style: number): readonly Movement[] {
  return movements(part, styleOf(part, style), 0);
}

function styleOf(part: string, turn: number): Style {
  const { styles } = PART_MOVES[part]!;
  return styles[turn % styles.length]!;
}

function movements(part: string, [, ...moves]: Style, lag: number): Movement[] {
  const { joints, mirrored } = PART_MOVES[part]!;
  return moves.map(([joint, axis, posture, swing]) => {
    const sign = mirrored && axis !== X ? -1 : 1;
    return {
      part,
      joint: joints[joint]!,
      axis,
      posture: sign * posture,
      swing: sign * swing,
      lag,
    };
  });
}
