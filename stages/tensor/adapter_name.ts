/**
 * What an adapter is called where results are told apart by the device that they were computed on.
 *
 * @module
 */

/** What WebGPU tells of an adapter. */
export interface AdapterName {
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
}

/** Names by which software adapters are known, where they do not say so themselves. */
const SOFTWARE = /llvmpipe|lavapipe|swiftshader|softpipe|software|basic render/i;

/** Whether an adapter computes on the CPU, by what it calls itself. */
export function isSoftwareName(name: string): boolean {
  return SOFTWARE.test(name);
}

/** A part of a class's name; other characters would make it ambiguous. */
export function classField(text: string): string {
  return text.trim().replaceAll(/[:/\s]+/g, " ") || "-";
}

/** The part of a device class that names the adapter: `VENDOR/ARCHITECTURE/DESCRIPTION`. */
export function adapterModel({ vendor, architecture, description }: AdapterName): string {
  return [vendor, architecture, description].map(classField).join("/");
}

/** The adapter and the driver that a class of `webgpu` names; `undefined` for other classes. */
export function adapterOfClass(
  name: string,
): { readonly model: string; readonly driver: string } | undefined {
  const [backend, model, driver] = name.split(":");
  if (backend !== "webgpu" || model === undefined) return undefined;
  return { model, driver: driver ?? "unknown driver" };
}
