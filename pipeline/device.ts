/**
 * The device that this machine's stages compute on.
 *
 * What a device is and how it is found is the caller's business: it hands in a resolver, which is asked
 * once per boot, and only when the key of a stage that computes on a device is needed.
 *
 * @module
 */
import type { Backend } from "./stage.ts";
import { bootId } from "./store/machine.ts";
import { readJson, type Store } from "./store/store.ts";

/** A device, as keys and provenance need it; further fields are kept as provenance. */
export interface Device {
  readonly backend: Backend;
  /** What of it can change bits, such as `cpu` or `webgpu` with adapter and driver. */
  readonly class: string;
  readonly [more: string]: unknown;
}

/** Finds the device to compute on; a software adapter counts only where it is allowed. */
export type DeviceResolver = (allowSoftware: boolean) => Promise<Device>;

/** The device asked for cannot be had; the message says why and what to do. */
export class DeviceError extends Error {
  override readonly name = "DeviceError";
}

/** What the user chose. */
export interface DeviceOptions {
  readonly backend?: "auto" | Backend | undefined;
  readonly allowSoftware?: boolean | undefined;
  readonly device?: DeviceResolver | undefined;
}

/** The device without anything special: the CPU. */
export const CPU: Device = { backend: "cpu", class: "cpu" };

/**
 * The device that a run computes on.
 *
 * @throws {DeviceError} If `webgpu` is asked for and is not there.
 */
export async function chooseDevice(store: Store, options: DeviceOptions): Promise<Device> {
  const { backend = "auto", allowSoftware = false, device: resolve } = options;
  if (backend === "cpu" || (backend === "auto" && !resolve)) return CPU;
  if (!resolve) throw new DeviceError("No WebGPU device can be looked for here.");
  const file = `${store.local}/device.json`;
  const basis = `${bootId()} deno ${Deno.version.deno} ${allowSoftware ? "software" : "hardware"}`;
  const known = readJson<{ basis: string; device: Device }>(file);
  let device = known?.basis === basis ? known.device : undefined;
  if (!device || (backend === "webgpu" && device.backend !== "webgpu")) {
    device = await resolve(allowSoftware);
    await store.write(file, JSON.stringify({ basis, device }) + "\n");
  }
  if (backend === "webgpu" && device.backend !== "webgpu") {
    throw new DeviceError(
      "--backend webgpu: this machine has no WebGPU adapter in hardware. " +
        'Take --backend cpu, allow a software adapter with --allow-software, or ask "doctor".',
    );
  }
  return device;
}
