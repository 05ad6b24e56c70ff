/**
 * Results of other classes of device, for who takes those where the own are missing
 * (`--accept-device any`).
 *
 * The store lists the classes that results were computed on. For each, the key that the stage would
 * have there is looked up: with the code of that class's own entry, so that an edit counts as ever. A
 * result is taken only while its bytes are here, since this machine could not make them again.
 *
 * @module
 */
import type { CodeClosure } from "./code_closure.ts";
import { backendOf, type ComputeDevice } from "./device.ts";
import { actionKey, type ActionManifest } from "./manifest.ts";
import type { Backend, StageDefinition } from "./stage.ts";
import { knownDevices } from "./store/device_classes.ts";
import type { ActionRecord, Store } from "./store/store.ts";

/** The code closures of a graph's definitions on a backend. */
export type ClosuresOf = (
  backend: Backend,
) => Promise<ReadonlyMap<StageDefinition, CodeClosure>>;

/** Looks up what other classes of device computed. */
export class OtherDevices {
  readonly #store: Store;
  readonly #devices: readonly ComputeDevice[];
  readonly #closures: ReadonlyMap<Backend, ReadonlyMap<StageDefinition, CodeClosure>>;

  private constructor(
    store: Store,
    devices: readonly ComputeDevice[],
    closures: ReadonlyMap<Backend, ReadonlyMap<StageDefinition, CodeClosure>>,
  ) {
    this.#store = store;
    this.#devices = devices;
    this.#closures = closures;
  }

  /** Reads which classes the store has results of: the own backend's first, then by name. */
  static async read(
    store: Store,
    own: ComputeDevice,
    closuresOf: ClosuresOf,
  ): Promise<OtherDevices> {
    const devices = knownDevices(store).flatMap((name) => {
      const backend = name === own.class ? undefined : backendOf(name);
      return backend ? [{ backend, class: name }] : [];
    }).sort((a, b) => Number(b.backend === own.backend) - Number(a.backend === own.backend));
    const closures = new Map<Backend, ReadonlyMap<StageDefinition, CodeClosure>>();
    for (const { backend } of devices) {
      if (!closures.has(backend)) closures.set(backend, await closuresOf(backend));
    }
    return new OtherDevices(store, devices, closures);
  }

  /**
   * The result of the first other class that has one.
   *
   * @param manifest The stage's own manifest.
   * @param lookup The result under a key, if it holds for this run.
   */
  result(
    definition: StageDefinition,
    manifest: ActionManifest,
    lookup: (key: string) => ActionRecord | undefined,
  ): ActionRecord | undefined {
    for (const { backend, class: device } of this.#devices) {
      const code = this.#closures.get(backend)!.get(definition)!.digest;
      const record = lookup(actionKey({ ...manifest, device, code }));
      if (!record) continue;
      if (Object.values(record.outputs).every(({ digest }) => this.#store.hasBytes(digest))) {
        return record;
      }
    }
    return undefined;
  }
}
