/**
 * The version of the Vulkan driver behind an adapter, which WebGPU does not tell: from the kernel
 * for NVIDIA, from the driver's library for Mesa. Linux only; elsewhere nothing is known.
 *
 * @module
 */

/** PCI vendor ids, as WebGPU reports them: a decimal number or `0x...`. */
const NVIDIA = 0x10de;
const AMD = 0x1002;
const INTEL = 0x8086;

/** Folders that list drivers; the variables name more. */
const ICD_FOLDERS = [
  "/usr/share/vulkan/icd.d",
  "/usr/local/share/vulkan/icd.d",
  "/usr/local/nvidia/share/vulkan/icd.d",
  "/etc/vulkan/icd.d",
];

function read(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined;
  }
}

/** The driver lists (`*.json`) that the Vulkan loader would look at, sorted. */
export function driverLists(): readonly string[] {
  const named = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES", "VK_ADD_DRIVER_FILES"]
    .flatMap((name) => Deno.env.get(name)?.split(":") ?? [])
    .filter((path) => path !== "");
  const found = ICD_FOLDERS.flatMap((folder) => {
    try {
      return [...Deno.readDirSync(folder)].map(({ name }) => `${folder}/${name}`);
    } catch {
      return [];
    }
  });
  return [...new Set([...named, ...found])].filter((path) => path.endsWith(".json")).sort();
}

/** The library of the first driver list whose name matches. */
function driverLibrary(name: RegExp): string | undefined {
  for (const list of driverLists()) {
    if (!name.test(list.slice(list.lastIndexOf("/") + 1))) continue;
    try {
      const parsed = JSON.parse(read(list) ?? "{}") as { ICD?: { library_path?: string } };
      const path = parsed.ICD?.library_path;
      if (path !== undefined) return path;
    } catch {
      continue;
    }
  }
  return undefined;
}

/** The version that a Mesa library carries in its read-only data. */
function mesaVersion(library: string): string | undefined {
  try {
    const text = new TextDecoder("latin1").decode(Deno.readFileSync(library));
    return /Mesa \d+\.\d+\.\d+[\w.~+-]*/.exec(text)?.[0];
  } catch {
    return undefined;
  }
}

/**
 * The driver's version.
 *
 * @param vendor The adapter's vendor, as WebGPU gives it.
 * @param description The adapter's description.
 * @returns Such as `NVIDIA 580.82.07` or `Mesa 22.3.6`; nothing where it cannot be found.
 */
export function driverVersion(vendor: string, description: string): string | undefined {
  const id = Number(vendor);
  if (id === NVIDIA || /nvidia/i.test(`${vendor} ${description}`)) {
    const version = read("/sys/module/nvidia/version")?.trim() ??
      /Kernel Module.*?\s(\d+\.\d+(?:\.\d+)?)\s/.exec(read("/proc/driver/nvidia/version") ?? "")
        ?.[1];
    return version === undefined ? undefined : `NVIDIA ${version}`;
  }
  const list = /llvmpipe|lavapipe/i.test(description)
    ? /^lvp/
    : id === AMD
    ? /^radeon/
    : id === INTEL
    ? /^intel_icd/
    : undefined;
  const library = list === undefined ? undefined : driverLibrary(list);
  return library === undefined ? undefined : mesaVersion(library);
}
