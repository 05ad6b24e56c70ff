/**
 * A long video as one camera records it: someone stands about, does an action, stands about again ...
 *
 * @module
 */
import { randomStream } from "../../random.ts";
import type { Action } from "../action.ts";
import { seenBy } from "../camera.ts";
import { perform } from "../performance.ts";
import { record, type Recording, type TrackedBody } from "../sensor.ts";
import type { Studio } from "../studio.ts";
import type { SynthPkuParams } from "./definition.ts";
import type { ProgrammedVideo, VideoKey } from "./programme.ts";

/** A stretch of a video. */
export interface Segment {
  /** The action, from 1; absent while nothing is labelled. */
  readonly action?: number;
  /** Number in the video, from 1, where there is an action. */
  readonly position: number;
  readonly frames: number;
  /** Nobody is seen. */
  readonly empty: boolean;
  /** How sure the label says that it is: 1 or 2. */
  readonly confidence: 1 | 2;
  /** Bodies in the order in which frames list them; none where it is empty. */
  readonly bodies: readonly TrackedBody[];
}

/** Numbers of actions from here on are pauses. */
const PAUSE = 900;

const IDLE: Action = { number: 0, name: "idle", parts: [], people: 1, hertz: 1, movements: [] };

/** The stretches of a video in their order, made one at a time. */
export function* segments(
  params: SynthPkuParams,
  studio: Studio,
  { key, acts }: Pick<ProgrammedVideo, "key" | "acts">,
): Generator<Segment> {
  const stream = randomStream(
    params.seed,
    "synth pku video",
    key.sequence * 1000 + key.performer,
    key.camera,
  );
  const [shortest, longest] = params.pause;
  for (const [i, action] of acts.entries()) {
    yield* pause(params, studio, key, i + 1, stream.integer(shortest, longest));
    const empty = stream.uniform() < params.empty;
    const confidence = stream.uniform() < 0.8 ? 2 : 1;
    const { frames, bodies } = performed(studio, key, i + 1, action);
    yield { action, position: i + 1, frames, empty, confidence, bodies: empty ? [] : bodies };
  }
  yield* pause(params, studio, key, acts.length + 1, stream.integer(shortest, longest));
}

/** The recording of the action at a position of a video, as the camera of the video sees it. */
export function performed(
  studio: Studio,
  key: VideoKey,
  position: number,
  action: number,
): Recording {
  return studio.recording({
    setup: key.sequence,
    camera: key.camera,
    performer: studio.performers[key.performer - 1]!.number,
    replication: position,
    action,
  });
}

function* pause(
  params: SynthPkuParams,
  studio: Studio,
  key: VideoKey,
  position: number,
  frames: number,
): Generator<Segment> {
  if (frames === 0) return;
  const performer = studio.performers[key.performer - 1]!;
  const camera = studio.cameras.find(({ setup, camera }) =>
    setup === key.sequence && camera === key.camera
  )!;
  const name = {
    setup: key.sequence,
    camera: key.camera,
    performer: performer.number,
    replication: position,
    action: PAUSE,
  };
  const still = { ...params, frames: [frames, frames] as const };
  const motions = perform(name, IDLE, [performer], 0, still);
  const seen = motions.map((motion) => seenBy(camera, motion));
  const sensor = { ...params, missing: 0, passers_by: 0 };
  const { bodies } = record(name, seen, () => [], sensor);
  yield { position, frames, empty: false, confidence: 1, bodies };
}
