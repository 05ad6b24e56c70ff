/**
 * What of a machine decides whether Vulkan, and so WebGPU, finds a card: looked up without ever failing.
 *
 * @module
 */
import { statSync } from "node:fs";
import { type AdapterReport, adapterReport } from "../tensor/adapter_report.ts";
import { driverLists } from "../tensor/driver_version.ts";

/** A device file. */
export interface DeviceFile {
  readonly path: string;
  /** Whether this user may read and write it. */
  readonly open: boolean;
  /** The name or number of its group. */
  readonly group?: string;
}

/** A file that tells Vulkan's loader of a driver. */
export interface DriverList {
  readonly path: string;
  /** The driver's library as the file names it; absent where the file is not there or not readable. */
  readonly library?: string;
  /** Whether that library was found. */
  readonly found: boolean;
}

/** A graphics card on the PCI bus. */
export interface Card {
  readonly vendor: "NVIDIA" | "AMD" | "Intel" | "other";
  /** Such as `0x10de:0x2335`. */
  readonly id: string;
}

/** What is known of graphics on a machine. */
export interface GraphicsFacts {
  readonly adapter: AdapterReport;
  /** What Deno calls the system. */
  readonly os: string;
  /** As `/etc/os-release` calls it, such as `debian` or `ubuntu`. */
  readonly distribution?: string;
  readonly container: boolean;
  /** The shell came by SSH. */
  readonly ssh: boolean;
  /** Vulkan's loader, `libvulkan.so.1`, is there; unknown off Linux. */
  readonly loader?: boolean;
  readonly driverLists: readonly DriverList[];
  /** Those of the variables in {@link VARIABLES} that are set. */
  readonly variables: Readonly<Record<string, string>>;
  readonly cards: readonly Card[];
  /** Render nodes of the cards whose drivers are part of Linux. */
  readonly renderNodes: readonly DeviceFile[];
  readonly nvidia: {
    /** The version of the kernel's module, where it is loaded. */
    readonly module?: string;
    /** `/dev/nvidia0` and so on. */
    readonly devices: readonly DeviceFile[];
    /** The library for computing is there. */
    readonly cuda: boolean;
    /** The version of the library for graphics, `libGLX_nvidia.so.0`, or `unknown`; absent without one. */
    readonly graphics?: string;
    /** Libraries that it needs and that are not there. */
    readonly missing: readonly string[];
  };
}

/** Variables that decide which card is found. */
export const VARIABLES = [
  "VK_DRIVER_FILES",
  "VK_ICD_FILENAMES",
  "VK_LOADER_DEVICE_SELECT",
  "MESA_VK_DEVICE_SELECT",
  "DRI_PRIME",
  "DENO_WEBGPU_BACKEND",
  "NVIDIA_VISIBLE_DEVICES",
  "NVIDIA_DRIVER_CAPABILITIES",
  "CUDA_VISIBLE_DEVICES",
  "SLURM_JOB_ID",
] as const;

/** Folders that hold libraries. */
const LIBRARY_FOLDERS = [
  "/usr/lib/x86_64-linux-gnu",
  "/usr/lib/aarch64-linux-gnu",
  "/usr/lib/x86_64-linux-gnu/nvidia/current",
  "/usr/lib64",
  "/usr/lib",
  "/usr/local/lib",
  "/usr/local/nvidia/lib64",
  "/usr/lib/wsl/lib",
];

/** What NVIDIA's library for graphics is linked to. */
const NVIDIA_NEEDS = ["libX11.so.6", "libXext.so.6"];

const VENDORS: Readonly<Record<string, Card["vendor"]>> = {
  "0x10de": "NVIDIA",
  "0x1002": "AMD",
  "0x8086": "Intel",
};

/** Looks at the machine. */
export async function graphicsFacts(): Promise<GraphicsFacts> {
  const linux = Deno.build.os === "linux";
  const distribution = /^ID="?([\w.-]+)/m.exec(text("/etc/os-release") ?? "")?.[1];
  const module = text("/sys/module/nvidia/version")?.trim() ??
    /Kernel Module.*?\s(\d+\.\d+(?:\.\d+)?)\s/.exec(text("/proc/driver/nvidia/version") ?? "")?.[1];
  const graphics = libraryPath("libGLX_nvidia.so.0");
  const variables = VARIABLES.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    adapter: await adapterReport(),
    os: Deno.build.os,
    ...(distribution === undefined ? {} : { distribution }),
    container: exists("/.dockerenv") || exists("/run/.containerenv") ||
      /docker|containerd|kubepods|lxc/.test(text("/proc/1/cgroup") ?? ""),
    ssh: Deno.env.has("SSH_CONNECTION"),
    ...(linux ? { loader: libraryPath("libvulkan.so.1") !== undefined } : {}),
    driverLists: driverLists().map(driverListAt),
    variables: Object.fromEntries(variables),
    cards: cards(),
    renderNodes: deviceFiles("/dev/dri", /^renderD\d+$/),
    nvidia: {
      ...(module === undefined ? {} : { module }),
      devices: deviceFiles("/dev", /^nvidia\d+$/),
      cuda: libraryPath("libcuda.so.1") !== undefined,
      ...(graphics === undefined ? {} : { graphics: versionOf(graphics) }),
      missing: graphics === undefined
        ? []
        : NVIDIA_NEEDS.filter((name) => libraryPath(name) === undefined),
    },
  };
}

function attempt<T>(fn: () => T): T | undefined {
  try {
    return fn();
  } catch {
    return undefined;
  }
}

function text(path: string): string | undefined {
  return attempt(() => Deno.readTextFileSync(path));
}

function exists(path: string): boolean {
  return attempt(() => Deno.statSync(path)) !== undefined;
}

function namesIn(folder: string): string[] {
  return attempt(() => [...Deno.readDirSync(folder)].map(({ name }) => name).sort()) ?? [];
}

/** Where a library lies; a path is looked at as it is. */
function libraryPath(name: string): string | undefined {
  if (name.startsWith("/")) return exists(name) ? name : undefined;
  const own = Deno.env.get("LD_LIBRARY_PATH")?.split(":").filter((folder) => folder !== "") ?? [];
  return [...own, ...LIBRARY_FOLDERS].map((folder) => `${folder}/${name}`).find(exists);
}

/** The version in a library's own name, `libGLX_nvidia.so.580.82.07`. */
function versionOf(path: string): string {
  const name = attempt(() => Deno.realPathSync(path)) ?? path;
  return /\.so\.(\d+\.\d+[\d.]*)$/.exec(name)?.[1] ?? "unknown";
}

function driverListAt(path: string): DriverList {
  const library = attempt(() =>
    (JSON.parse(Deno.readTextFileSync(path)) as { ICD?: { library_path?: string } }).ICD
      ?.library_path
  );
  if (library === undefined) return { path, found: false };
  // A path with a slash that does not begin with one counts from the file itself.
  const at = library.includes("/") && !library.startsWith("/")
    ? `${path.slice(0, path.lastIndexOf("/"))}/${library}`
    : library;
  return { path, library, found: libraryPath(at) !== undefined };
}

/** Display controllers and processors like them (classes 0x03....). */
function cards(): Card[] {
  const bus = "/sys/bus/pci/devices";
  return namesIn(bus).flatMap((name) => {
    const value = (file: string) => text(`${bus}/${name}/${file}`)?.trim() ?? "";
    if (!value("class").startsWith("0x03")) return [];
    const vendor = value("vendor");
    return [{ vendor: VENDORS[vendor] ?? "other", id: `${vendor}:${value("device")}` }];
  });
}

function deviceFiles(folder: string, pattern: RegExp): DeviceFile[] {
  return namesIn(folder).filter((name) => pattern.test(name)).map((name) => {
    const path = `${folder}/${name}`;
    const file = attempt(() => Deno.openSync(path, { read: true, write: true }));
    file?.close();
    const gid = attempt(() => statSync(path).gid);
    const groups = text("/etc/group") ?? "";
    const group = gid === undefined
      ? undefined
      : new RegExp(`^([^:]+):[^:]*:${gid}:`, "m").exec(groups)?.[1] ?? String(gid);
    return { path, open: file !== undefined, ...(group === undefined ? {} : { group }) };
  });
}
