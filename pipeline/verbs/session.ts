/**
 * What `run` and `plan` begin with: the experiment, the store, the device.
 *
 * @module
 */
import { loadExperiment, withPlaces } from "../experiment.ts";
import { PlanError, type PlanOptions } from "../plan.ts";
import { openStore, type Store } from "../store/store.ts";
import type { Device, Experiment } from "../types.ts";
import type { Call } from "../verb.ts";
import { deviceRequest } from "./options.ts";

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
  const experiment = loadExperiment(file, {
    catalogue: call.catalogue,
    set: call.list("set"),
    variant: call.value("variant"),
  });
  const store = await openStore(call.store);
  const computes = experiment.stages.some(({ definition }) => typeof definition.entry !== "string");
  const device = computes
    ? await call.resolveDevice({ ...request, cacheFolder: store.local })
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
      ...(device === undefined
        ? {}
        : { backend: device.backend, device: () => Promise.resolve({ ...device }) }),
    },
  };
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
    if (error instanceof PlanError) throw withPlaces(error, experiment);
    throw error;
  }
}
