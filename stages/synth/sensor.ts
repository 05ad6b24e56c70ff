/**
 * What the sensor makes of what a camera sees: noise, guessed joints, bodies that go missing.
 *
 * @module
 */
import { type RandomStream, randomStream } from "../random.ts";
import { JOINTS } from "../skeleton/joints.ts";
import { BODY_PARTS } from "../skeleton/parts.ts";
import type { NtuName } from "../formats/ntu_name.ts";
import type { Motion } from "./body.ts";

/** Tracking states as the sensor's files write them. */
export const TRACKED = 2, INFERRED = 1;

/** One body as the sensor follows it. */
export interface TrackedBody {
  /** (F, 25, 3): metres, camera frame, as measured. */
  readonly positions: Float64Array;
  /** (F, 25, 3, 3). */
  readonly rotations: Float64Array;
  /** (F, 25): 2 tracked, 1 inferred. */
  readonly states: Uint8Array;
  /** (F): 1 where the body is listed. */
  readonly present: Uint8Array;
  /** (F): which of `ids` it has; another one after it was lost. */
  readonly idAt: Uint8Array;
  /** Identifiers, whole numbers beyond 2^53. */
  readonly ids: readonly bigint[];
}

/** What one file holds: its bodies in the order in which frames list them. */
export interface Recording {
  readonly name: NtuName;
  readonly frames: number;
  readonly bodies: readonly TrackedBody[];
  readonly crlf: boolean;
}

/** How good the sensor is. */
export interface SensorParams {
  readonly noise: number;
  readonly missing: number;
  readonly passers_by: number;
  readonly crlf: number;
  readonly seed: number;
}

const FIRST_ID = 2n ** 56n;
const RIGHT_SIDE = jointsOf("right arm", "right leg");
const LEFT_SIDE = jointsOf("left arm", "left leg");

/**
 * Records a performance with one camera.
 *
 * @param seen The people, in that camera's frame.
 * @param strangers Bodies to list behind them for some frames, if this recording has passers-by.
 */
export function record(
  name: NtuName,
  seen: readonly Motion[],
  strangers: () => readonly Motion[],
  params: SensorParams,
): Recording {
  const stream = randomStream(
    params.seed,
    "synth sensor",
    name.setup * 1000 + name.performer,
    (name.camera * 100 + name.replication) * 1000 + name.action,
  );
  const { frames } = seen[0]!;
  const crlf = stream.uniform() < params.crlf;
  const loses = stream.uniform() < params.missing;
  const passes = stream.uniform() < params.passers_by;
  const swapped = seen.length > 1 && stream.uniform() < 0.5;
  const ordered = swapped ? [...seen].reverse() : seen;
  let nextId = FIRST_ID + BigInt(stream.integer(1000, 60000));
  const track = (motion: Motion): TrackedBody => {
    nextId += BigInt(stream.integer(1, 40));
    return follow(motion, nextId, params.noise, stream);
  };
  const bodies = ordered.map(track);
  if (loses) {
    const everyone = bodies.length === 1 || stream.uniform() < 0.3;
    const gap = span(frames, Math.max(1, Math.floor(frames / 8)), stream);
    for (const body of everyone ? bodies : bodies.slice(1)) lose(body, gap);
  }
  if (passes) {
    const gap = span(frames, Math.max(1, Math.floor(frames / 3)), stream);
    for (const motion of strangers()) {
      const body = track(motion);
      body.present.fill(0);
      body.present.fill(1, gap.from, gap.to);
      bodies.push(body);
    }
  }
  return { name, frames, bodies, crlf };
}

function follow(
  motion: Motion,
  id: bigint,
  noise: number,
  stream: RandomStream,
): TrackedBody {
  const { frames, rotations } = motion;
  const positions = new Float64Array(motion.positions.length);
  const states = new Uint8Array(frames * JOINTS).fill(TRACKED);
  const guessedOff = Array.from({ length: 3 }, () => 2.5 * noise * stream.normal());
  for (let frame = 0; frame < frames; frame++) {
    const row = frame * JOINTS;
    // How far the right of the chest is turned away from the camera: the far limbs are guessed.
    const away = rotations[(row + 20) * 9 + 6]!;
    const hidden = away > 0.6 ? RIGHT_SIDE : away < -0.6 ? LEFT_SIDE : [];
    for (const joint of hidden) states[row + joint] = INFERRED;
    for (let joint = row; joint < row + JOINTS; joint++) {
      const z = motion.positions[joint * 3 + 2]!;
      const guessed = states[joint] === INFERRED;
      const sd = noise * (z / 3) ** 2 * (guessed ? 2 : 1);
      for (let axis = 0; axis < 3; axis++) {
        const off = guessed ? guessedOff[axis]! : 0;
        positions[joint * 3 + axis] = motion.positions[joint * 3 + axis]! + off +
          sd * (axis === 2 ? 1.5 : 1) * stream.normal();
      }
    }
  }
  return {
    positions,
    rotations,
    states,
    present: new Uint8Array(frames).fill(1),
    idAt: new Uint8Array(frames),
    ids: [id, id + 500n],
  };
}

function lose(body: TrackedBody, gap: { readonly from: number; readonly to: number }): void {
  body.present.fill(0, gap.from, gap.to);
  body.idAt.fill(1, gap.to);
}

/** Some frames, at least one and never all. */
function span(frames: number, most: number, stream: RandomStream): { from: number; to: number } {
  const length = stream.integer(1, Math.min(most, frames - 1));
  const from = stream.integer(0, frames - length);
  return { from, to: from + length };
}

function jointsOf(...parts: readonly string[]): number[] {
  return BODY_PARTS.filter(({ name }) => parts.includes(name)).flatMap(({ joints }) => joints);
}
