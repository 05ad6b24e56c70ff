/**
 * A performance: what happens in front of the cameras while someone does an action once. All cameras
 * of a setup film the same performance.
 *
 * @module
 */
import { type RandomStream, randomStream } from "../random.ts";
import { JOINTS } from "../skeleton/joints.ts";
import { BODY_PARTS } from "../skeleton/parts.ts";
import { type Action, type Movement, partMovements } from "./action.ts";
import { emptyMotion, type Motion, poseBody } from "./body.ts";
import { bounded, type Performer } from "./performer.ts";

/** Frames per second. */
export const FRAME_RATE = 30;

/** How free performances are. */
export interface PerformanceParams {
  readonly frames: readonly [number, number];
  readonly amplitude_spread: number;
  readonly tempo_spread: number;
  readonly turn_spread: number;
  readonly nuisance: number;
  readonly seed: number;
}

/** Which performance. */
export interface PerformanceKey {
  readonly setup: number;
  readonly performer: number;
  readonly replication: number;
  readonly action: number;
}

/** A slow wandering: a sum of two sinusoids. */
interface Wander {
  readonly amplitude: number;
  readonly waves: readonly { readonly hertz: number; readonly phase: number }[];
}

const FIDGETING = [0, 1, 2, 4, 5, 8, 9, 12, 13, 16, 17];

/**
 * Acts out an action.
 *
 * @param people One performer per person of the action.
 * @param facing Azimuth of the camera they turn to, radians.
 * @returns One motion per person, all of the same number of frames, in world coordinates.
 */
export function perform(
  key: PerformanceKey,
  action: Action,
  people: readonly Performer[],
  facing: number,
  params: PerformanceParams,
): Motion[] {
  const { seed, frames: [shortest, longest] } = params;
  const stream = randomStream(
    seed,
    "synth performance",
    key.setup * 1000 + key.performer,
    key.replication * 1000 + key.action,
  );
  const frames = stream.integer(shortest, longest);
  const tempo = Math.exp(0.5 * params.tempo_spread * bounded(stream.normal()));
  const phase = 2 * Math.PI * stream.uniform();
  const begin = 0.15 * stream.uniform() * frames;
  const end = (1 - 0.15 * stream.uniform()) * frames;
  return people.map((performer, person) => {
    const act = {
      movements: action.movements,
      radians: 2 * Math.PI * action.hertz * tempo * performer.tempo / FRAME_RATE,
      phase: phase - person * Math.PI / 2,
      size: performer.amplitude *
        Math.exp(0.5 * params.amplitude_spread * bounded(stream.normal())),
      begin,
      end,
    };
    const acts = [act, ...distraction(action, act.size, frames, params.nuisance, stream)];
    const side = people.length === 1 ? 0 : person === 0 ? -1 : 1;
    return actOut(frames, performer, acts, params, { facing, side }, stream);
  });
}

/** A movement with its course in time. */
interface Act {
  readonly movements: readonly Movement[];
  /** Radians of the oscillation per frame. */
  readonly radians: number;
  readonly phase: number;
  readonly size: number;
  /** Frames between which it goes on, with half a second to rise and to fall. */
  readonly begin: number;
  readonly end: number;
}

/** Sometimes another part joins in, smaller, for a while: it tells nothing of the action. */
function distraction(
  action: Action,
  size: number,
  frames: number,
  nuisance: number,
  stream: RandomStream,
): Act[] {
  const happens = stream.uniform() < 0.5 * nuisance;
  const idle = BODY_PARTS.map(({ name }) => name).filter((name) => !action.parts.includes(name));
  const part = idle[stream.integer(0, Math.max(0, idle.length - 1))];
  const movements = part === undefined ? [] : partMovements(part, stream.integer(0, 11));
  const begin = stream.uniform() * 0.7 * frames;
  const radians = 2 * Math.PI * (0.4 + stream.uniform()) / FRAME_RATE;
  const phase = 2 * Math.PI * stream.uniform();
  const act = { movements, radians, phase, size: 0.35 * nuisance * size };
  return happens ? [{ ...act, begin, end: begin + 0.4 * frames }] : [];
}

function actOut(
  frames: number,
  performer: Performer,
  acts: readonly Act[],
  { nuisance, turn_spread }: Pick<PerformanceParams, "nuisance" | "turn_spread">,
  place: { readonly facing: number; readonly side: number },
  stream: RandomStream,
): Motion {
  const motion = emptyMotion(frames);
  const posture = 0.6 + 0.8 * stream.uniform();
  const fidgets = FIDGETING.flatMap((joint) =>
    [0, 1, 2].map((axis) => ({ at: joint * 3 + axis, wander: wander(0.05 * nuisance, stream) }))
  );
  const sway = [wander(0.04 * nuisance, stream), wander(0.04 * nuisance, stream)] as const;
  const turning = wander(0.12 * nuisance, stream);
  const yaw = -place.facing + turn_spread * nuisance * bounded(stream.normal());
  const off = [0.12 * stream.normal(), 0.12 * stream.normal()] as const;
  const angles = new Float64Array(JOINTS * 3);
  for (let frame = 0; frame < frames; frame++) {
    angles.set(performer.rest);
    for (const { at, wander } of fidgets) angles[at]! += wanderAt(wander, frame);
    for (const act of acts) {
      const size = act.size * envelope(frame, act.begin, act.end);
      for (const { joint, axis, posture: mean, swing, lag } of act.movements) {
        const wave = Math.sin(act.radians * frame + act.phase - lag);
        angles[joint * 3 + axis]! += size * (posture * mean + swing * wave);
      }
    }
    // Two people stand half a metre to either side and turn half towards each other.
    const turned = yaw + place.side * 0.8 + wanderAt(turning, frame);
    poseBody(motion, frame, performer.bones, angles, {
      x: off[0] + wanderAt(sway[0], frame) + place.side * 0.55 * Math.cos(place.facing),
      z: off[1] + wanderAt(sway[1], frame) + place.side * 0.55 * Math.sin(place.facing),
      yaw: turned,
    });
  }
  return motion;
}

function wander(size: number, stream: RandomStream): Wander {
  const amplitude = size * Math.abs(stream.normal());
  const wave = () => ({
    hertz: 0.08 + 0.5 * stream.uniform(),
    phase: 2 * Math.PI * stream.uniform(),
  });
  return { amplitude, waves: [wave(), wave()] };
}

function wanderAt({ amplitude, waves }: Wander, frame: number): number {
  let sum = 0;
  for (const { hertz, phase } of waves) {
    sum += Math.sin(2 * Math.PI * hertz * frame / FRAME_RATE + phase);
  }
  return amplitude * sum;
}

/** 0 before `begin` and after `end`, 1 between, smooth over half a second at either side. */
function envelope(frame: number, begin: number, end: number): number {
  const ramp = FRAME_RATE / 2;
  const x = Math.max(0, Math.min(1, (frame - begin) / ramp, (end - frame) / ramp));
  return x * x * (3 - 2 * x);
}
