/**
 * The device that stages compute on, as keys need it.
 *
 * What a device is and how it is found is the caller's business: it hands in a resolver (which may keep
 * its answer for as long as it knows it to hold), asked only when the experiment has a stage that
 * computes on a device. Without one, stages compute on the CPU.
 *
 * @module
 */
import type { Backend, GpuLimits } from "./stage.ts";

/** A device; fields beyond these are kept as provenance. */
export interface ComputeDevice {
  /** The kind of device. */
  readonly backend: Backend;
  /** What of it can change bits, such as `cpu`, `simd:fma`, or `webgpu:` with adapter and driver. */
  readonly class: string;
  /** What it can hold, where it is a GPU. */
  readonly gpu?: GpuLimits;
}

/** Finds the device to compute on; a software adapter counts only where it is allowed. */
export type ComputeDeviceResolver = (allowSoftware: boolean) => Promise<ComputeDevice>;

/** The device asked for cannot be had; the message says why and what to do. */
export class DeviceError extends Error {
  /** Says what it is. */
  override readonly name = "DeviceError";
}

/** What the user chose. */
export interface DeviceOptions {
  /** `auto` takes what the resolver finds. */
  readonly backend?: "auto" | Backend | undefined;
  /** A software adapter will do. */
  readonly allowSoftware?: boolean | undefined;
  /** Finds the device (default: the CPU). */
  readonly device?: ComputeDeviceResolver | undefined;
  /** A stage may take the result of `any` other class of device where its own is missing. */
  readonly acceptDevice?: "any" | undefined;
}

/** The CPU, where nobody says more about it. */
export const CPU: ComputeDevice = { backend: "cpu", class: "cpu" };

/** All kinds of device. */
export const BACKENDS = ["cpu", "simd", "webgpu"] as const satisfies readonly Backend[];

/** The backend that a class of device belongs to, or undefined if it is none that is known here. */
export function backendOf(deviceClass: string): Backend | undefined {
  if (deviceClass === "cpu") return "cpu";
  if (/^simd:./.test(deviceClass)) return "simd";
  return /^webgpu:./.test(deviceClass) ? "webgpu" : undefined;
}

/**
 * The device that a run computes on.
 *
 * @throws {DeviceError} If a backend is asked for that the resolver does not find.
 */
export async function chooseDevice(options: DeviceOptions): Promise<ComputeDevice> {
  const { backend = "auto", allowSoftware = false, device: resolve } = options;
  const device = resolve ? await resolve(allowSoftware) : CPU;
  if (backend !== "auto" && device.backend !== backend) {
    throw new DeviceError(
      `The backend ${backend} was asked for, but there is only ${device.class}.`,
    );
  }
  return device;
}
