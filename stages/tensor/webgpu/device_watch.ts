/**
 * What goes wrong on a device, heard and said: WebGPU reports faults by events and goes on, so that work
 * whose kernels never ran would end with numbers nobody computed.
 *
 * @module
 */

/** The device went away: its driver or the card failed, or it was destroyed. Another attempt may do. */
export class DeviceLostError extends Error {
  override readonly name = "DeviceLostError";
  /** The message says all there is to say. */
  readonly forUser = true;
  /** The runner makes another attempt, which goes on from the last checkpoint. */
  readonly tryAgain = true;
}

/** The device has no memory left for what was asked of it. */
export class DeviceMemoryError extends Error {
  override readonly name = "DeviceMemoryError";
  /** The message says all there is to say. */
  readonly forUser = true;
}

/** A kernel or a call is not valid: a fault of the program, or of the driver. */
export class DeviceFaultError extends Error {
  override readonly name = "DeviceFaultError";
  /** The message says all there is to say. */
  readonly forUser = true;
}

/** Names of kernels that are said at most. */
const MOST_NAMES = 4;

/** Milliseconds in which the news of a loss follows a failed call. */
const NEWS_MS = 20;

/** Listens to one device. */
export class DeviceWatch {
  readonly #device: GPUDevice;
  /** The adapter's name. */
  readonly name: string;
  #fault: Error | undefined;

  /** @param name The adapter's, for messages. */
  constructor(device: GPUDevice, name: string) {
    this.#device = device;
    this.name = name;
    void device.lost.then(({ reason, message }) => {
      const why = message === "" ? reason : `${reason}: ${message}`;
      this.#hear(
        new DeviceLostError(
          `the device ${name} was lost (${why}): its driver or the card failed, or another program ` +
            "took it down; see the system's log (dmesg) where it happens again",
        ),
      );
    });
    device.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      this.#hear(this.#errorOf((event as GPUUncapturedErrorEvent).error, ""));
    });
  }

  /**
   * Does something whose faults are then told with a name.
   *
   * @param what Says whose they are, such as `kernel relu`; called when there is a fault.
   */
  scoped<T>(what: () => string, act: () => T): T {
    this.#device.pushErrorScope("validation");
    try {
      return act();
    } finally {
      // A scope of a lost device may fail: the loss has news of its own.
      this.#device.popErrorScope().then(
        (error) => error !== null && this.#hear(this.#errorOf(error, what())),
        () => {},
      );
    }
  }

  /**
   * Fails if the device has.
   *
   * @throws {DeviceLostError | DeviceMemoryError | DeviceFaultError} The first fault that was heard of.
   */
  check(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }

  /**
   * Waits for what the device gives, such as a mapped buffer.
   *
   * @throws {DeviceLostError | DeviceMemoryError | DeviceFaultError} If the device has failed meanwhile
   * or before: what it gives then is not what was asked for.
   */
  async outcome<T>(given: Promise<T>): Promise<T> {
    try {
      const value = await given;
      this.check();
      return value;
    } catch (error) {
      if (this.#fault === undefined) await new Promise((resolve) => setTimeout(resolve, NEWS_MS));
      this.check();
      throw error;
    }
  }

  #hear(fault: Error): void {
    // A loss explains all that failed before it was heard of.
    if (this.#fault === undefined || fault instanceof DeviceLostError) this.#fault = fault;
  }

  #errorOf(error: GPUError, whose: string): Error {
    const message = error.message.trim().replaceAll(/\n\s*\n/g, "\n");
    const where = whose === "" ? this.name : `${whose} on ${this.name}`;
    if (error instanceof GPUOutOfMemoryError) {
      return new DeviceMemoryError(
        `${where}: out of memory (${message}); use a smaller batch: ` +
          "plan --memory states what one takes",
      );
    }
    return new DeviceFaultError(`${where}: ${message}`);
  }
}

/** Some kernels' names for a message: the first few, and how many more. */
export function kernelNames(names: Iterable<string>): string {
  const all = [...new Set(names)];
  if (all.length === 1) return `kernel ${all[0]}`;
  const rest = all.length > MOST_NAMES ? ` and ${all.length - MOST_NAMES} more` : "";
  return `one of the kernels ${all.slice(0, MOST_NAMES).join(", ")}${rest}`;
}
