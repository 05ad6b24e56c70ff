/**
 * Everything that takes part in a synthetic data set, and the recordings that come of it.
 *
 * @module
 */
import type { NtuName } from "../formats/ntu_name.ts";
import { randomStream } from "../random.ts";
import { type Action, actionCatalogue } from "./action.ts";
import type { Motion } from "./body.ts";
import { type Camera, drawCamera, seenBy } from "./camera.ts";
import { performerNumbers } from "./cast.ts";
import type { SynthParams } from "./definition.ts";
import { perform, type PerformanceKey } from "./performance.ts";
import { drawPerformer, type Performer } from "./performer.ts";
import { record, type Recording } from "./sensor.ts";

/** Makes the recordings of a data set, each a function of the parameters and its name alone. */
export class Studio {
  readonly actions: readonly Action[];
  readonly performers: readonly Performer[];
  readonly cameras: readonly Camera[];
  readonly #params: SynthParams;
  #last: { readonly key: string; readonly motions: readonly Motion[] } | undefined;

  /**
   * Draws actions, performers and cameras.
   *
   * @param mutual Labels of the actions that two people do together; left out, the last share of them.
   */
  constructor(params: SynthParams, mutual?: readonly number[]) {
    this.#params = params;
    const { seed } = params;
    this.actions = actionCatalogue(
      params.actions,
      mutual ?? params.two_body,
      randomStream(seed, "synth actions"),
    );
    this.performers = performerNumbers(params.performers)
      .map((number) => drawPerformer(number, params, seed));
    this.cameras = Array.from(
      { length: params.setups },
      (_, s) => Array.from({ length: params.cameras }, (_, c) => drawCamera(s + 1, c + 1, seed)),
    ).flat();
  }

  /** The recording of that name, which must be one of the data set's. */
  recording(name: NtuName): Recording {
    const camera = this.#camera(name.setup, name.camera);
    const performance = this.#performance(name);
    return record(
      name,
      performance.map((motion) => seenBy(camera, motion)),
      () => this.#strangers(name, performance[0]!.frames).map((motion) => seenBy(camera, motion)),
      this.#params,
    );
  }

  /** What happens, in world coordinates; the same for all cameras of a setup. */
  performance(key: PerformanceKey): readonly Motion[] {
    const action = this.actions[key.action - 1]!;
    const first = this.performers.findIndex(({ number }) => number === key.performer);
    const people = Array.from(
      { length: action.people },
      (_, i) => this.performers[(first + i) % this.performers.length]!,
    );
    const facing = this.#facing(key);
    return perform(key, action, people, facing, this.#params);
  }

  /** The last performance is kept: other cameras film it next. */
  #performance(name: NtuName): readonly Motion[] {
    const key = [name.setup, name.performer, name.replication, name.action].join(" ");
    if (this.#last?.key !== key) this.#last = { key, motions: this.performance(name) };
    return this.#last.motions;
  }

  /** One or two people standing behind, for passers-by. */
  #strangers(name: NtuName, frames: number): readonly Motion[] {
    const idle: Action = {
      number: 0,
      name: "idle",
      parts: [],
      people: 1,
      hertz: 1,
      movements: [],
    };
    const { seed } = this.#params;
    const key = { ...name, action: name.action + 500 };
    const number = 200 + name.performer;
    const performer = drawPerformer(number, this.#params, seed);
    const count = 1 + (name.action + name.replication) % 2;
    const facing = this.#facing(name);
    const motions = perform(
      key,
      idle,
      Array.from({ length: count }, () => performer),
      facing,
      { ...this.#params, frames: [frames, frames] },
    );
    for (const { positions } of motions) {
      for (let at = 0; at < positions.length; at += 3) {
        positions[at]! -= 1.2 * Math.sin(facing);
        positions[at + 2]! += 1.2 * Math.cos(facing);
      }
    }
    return motions;
  }

  /** Azimuth of the camera that a replication faces: 2 and 3 in turn, the front one without them. */
  #facing({ setup, replication }: { setup: number; replication: number }): number {
    const wanted = replication % 2 === 1 ? 2 : 3;
    return this.#camera(setup, Math.min(wanted, this.#params.cameras)).azimuth;
  }

  #camera(setup: number, camera: number): Camera {
    return this.cameras.find((one) => one.setup === setup && one.camera === camera)!;
  }
}
