/**
 * What `run` and `plan` begin with: the experiment, the store, the device.
 *
 * @module
 */
import { openExperiment, placedError } from "../experiment/experiment_opening.ts";
import { backendOf } from "../device.ts";
import { PlanError, type PlanOptions } from "../plan.ts";
import { knownDevices } from "../store/device_classes.ts";
import { localFolder } from "../store/machine.ts";
import { openStore, type Store } from "../store/store.ts";
import { didYouMean, listed } from "../suggest.ts";
import type { Device, DeviceRequest, Experiment } from "../types.ts";
import { UsageError } from "../usage_error.ts";
import type { Call } from "../verb.ts";
import { acceptedDevice, deviceRequest } from "./options.ts";

/** An experiment that is ready to be planned. */
export interface Session {
  readonly experiment: Experiment;
  readonly store: Store;
  /** The device in use; absent if no stage computes on one. */
  readonly device: Device | undefined;
  readonly options: PlanOptions;
}

/**
 * Reads the experiment, opens the store and finds the device, if a stage computes on one.
 *
 * @throws {ExperimentError} With all that is wrong with the experiment.
 */
export async function openSession(call: Call, file: string): Promise<Session> {
  const request = deviceRequest(call);
  const experiment = await openExperiment(file, {
    catalogue: call.catalogue,
    set: call.list("set"),
    variant: call.value("variant"),
    cells: call.list("cell"),
    cacheFolder: localFolder(call.store),
  });
  const store = await openStore(call.store);
  const computes = experiment.stages.some(({ definition }) => typeof definition.entry !== "string");
  const planned = plannedDevice(call, request, store);
  const device = computes
    ? planned ?? await call.resolveDevice({ ...request, cacheFolder: store.local })
    : undefined;
  return {
    experiment,
    store,
    device,
    options: {
      store,
      strict: call.flag("strict"),
      rehash: call.flag("rehash"),
      allowSoftware: request.allowSoftware,
      acceptDevice: acceptedDevice(call),
      // How much memory another machine has is not known.
      ...(planned === undefined ? {} : { memoryMiB: Infinity }),
      ...(device === undefined
        ? {}
        : { backend: device.backend, device: () => Promise.resolve({ ...device }) }),
    },
  };
}

/**
 * The device of another machine that a call plans for.
 *
 * @throws {UsageError} If its class is of no known form, or not of the backend asked for.
 */
function plannedDevice(
  call: Call,
  { backend: asked }: DeviceRequest,
  store: Store,
): Device | undefined {
  const name = call.value("device");
  if (name === undefined) return undefined;
  const backend = backendOf(name);
  if (backend === undefined) {
    const known = knownDevices(store);
    throw new UsageError(
      `--device: expected a class of device, such as cpu or webgpu:VENDOR/ARCHITECTURE/NAME:DRIVER, ` +
        `found ${JSON.stringify(name)}${didYouMean(name, known) || "."} ` +
        (known.length === 0 ? "" : `The store has results of: ${listed(known)}`),
    );
  }
  if (asked !== "auto" && asked !== backend) {
    throw new UsageError(`--backend ${asked} contradicts --device ${name}; leave one of them out`);
  }
  return { backend, class: name, software: false, why: `planned for ${name}, by --device` };
}

/**
 * Does something that plans, so that what the plan finds wrong shows the lines of the file.
 *
 * @throws {ExperimentError} In place of a plan's error.
 */
export async function planning<T>(experiment: Experiment, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PlanError) throw await placedError(error, experiment);
    throw error;
  }
}
