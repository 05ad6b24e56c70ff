/**
 * Why Vulkan finds no card of NVIDIA's: rules over what is known of a machine.
 *
 * @module
 */
import type { GraphicsFacts } from "./graphics_facts.ts";

/** What one rule has to say. */
export type Rule = (facts: GraphicsFacts) => readonly string[];

/** What to install for cards of a vendor, by distribution. */
export function packagesFor(
  vendor: "NVIDIA" | "AMD" | "Intel" | "other",
  facts: GraphicsFacts,
): string {
  if (vendor !== "NVIDIA") return "apt-get install libvulkan1 mesa-vulkan-drivers";
  if (facts.distribution === "ubuntu") {
    return "ubuntu-drivers install, then: apt-get install libvulkan1";
  }
  return "apt-get install libvulkan1 nvidia-driver nvidia-vulkan-icd (Debian; components contrib, " +
    "non-free and non-free-firmware)";
}

/** The packages with NVIDIA's libraries for graphics that fit a loaded module. */
export function nvidiaLibraries({ distribution, nvidia: { module } }: GraphicsFacts): string {
  if (distribution !== "ubuntu") return "apt-get install nvidia-vulkan-icd libvulkan1";
  const major = module?.split(".")[0] ?? "VERSION";
  return `apt-get install libnvidia-gl-${major} libvulkan1 (libnvidia-gl-${major}-server for server ` +
    "drivers)";
}

/** NVIDIA's cards in a container: devices, then libraries. */
export const nvidiaInContainer: Rule = ({ container, cards, nvidia, variables, driverLists }) => {
  if (!container) return [];
  const { devices, module, graphics } = nvidia;
  const has = module !== undefined || cards.some(({ vendor }) => vendor === "NVIDIA");
  if (devices.length === 0) {
    if (!has) return [];
    return [
      "The machine has an NVIDIA card, but this container was not given it: start it with --gpus all " +
      "(Docker) or --device nvidia.com/gpu=all (Podman), and -e NVIDIA_DRIVER_CAPABILITIES=all; the " +
      "machine needs the package nvidia-container-toolkit.",
    ];
  }
  if (graphics === undefined) {
    const capabilities = variables.NVIDIA_DRIVER_CAPABILITIES;
    return [
      `This container has ${
        devices[0]!.path
      }, but not NVIDIA's library for graphics, which Vulkan ` +
      `needs: NVIDIA_DRIVER_CAPABILITIES is ${
        capabilities === undefined ? "not set, and its default leaves graphics out" : capabilities
      }. Start the container with -e NVIDIA_DRIVER_CAPABILITIES=all (or graphics,compute,utility); a ` +
      "variable set inside of it comes too late.",
    ];
  }
  if (!driverLists.some(({ path, library }) => /nvidia/i.test(`${path} ${library ?? ""}`))) {
    return [
      "This container has NVIDIA's library for graphics, but no list that tells Vulkan of it. Write " +
      'the line {"file_format_version":"1.0.0","ICD":{"library_path":"libGLX_nvidia.so.0",' +
      '"api_version":"1.3"}} into /etc/vulkan/icd.d/nvidia_icd.json.',
    ];
  }
  return [];
};

/** NVIDIA's driver on the machine itself. */
export const nvidiaDriver: Rule = (facts) => {
  const { container, cards, nvidia: { module, devices, graphics, missing } } = facts;
  const said: string[] = [];
  const here = cards.some(({ vendor }) => vendor === "NVIDIA");
  if (!container && here && module === undefined) {
    said.push(
      `An NVIDIA card is here, but its driver is not loaded: ${
        packagesFor("NVIDIA", facts)
      }; then ` +
        "restart the machine.",
    );
  } else if (!container && module !== undefined && graphics === undefined) {
    said.push(
      `NVIDIA's driver ${module} is loaded, but its library for graphics is not installed (packages ` +
        `for servers and for computing leave it out): ${nvidiaLibraries(facts)}.`,
    );
  }
  if (
    module !== undefined && graphics !== undefined && graphics !== "unknown" && graphics !== module
  ) {
    said.push(
      `NVIDIA's kernel module is of version ${module}, its library for graphics of ${graphics}: ` +
        `restart ${container ? "the container" : "the machine"}, so that both are of one.`,
    );
  }
  if (missing.length > 0) {
    said.push(
      `NVIDIA's library for graphics needs ${
        missing.join(" and ")
      }, also where there is no screen: ` +
        "apt-get install libx11-6 libxext6.",
    );
  }
  const closed = devices.filter(({ open }) => !open);
  if (devices.length > 0 && closed.length === devices.length) {
    said.push(
      facts.variables.SLURM_JOB_ID === undefined
        ? `This user may not open ${closed[0]!.path}: add the user to its group (usermod -aG ${
          closed[0]!.group ?? "video"
        } USER) and log in again${
          container ? ", or start the container with the card passed in (--gpus all)" : ""
        }.`
        : `This job may not open ${
          closed[0]!.path
        }: it was given no GPU; ask for one with --gres=gpu:1.`,
    );
  }
  return said;
};

/** A slice of a card computes with CUDA, but has no Vulkan. */
export const sliceOfCard: Rule = ({ variables }) => {
  const names = ["NVIDIA_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES"];
  const name = names.find((name) => /\bMIG-/.test(variables[name] ?? ""));
  if (name === undefined) return [];
  return [
    `${name}=${variables[name]} is a slice of a card (MIG); slices of data-centre cards have no ` +
    "graphics, and so no Vulkan: ask for a whole card, or have MIG switched off.",
  ];
};

/** All that is known of is there. */
export const silentNvidia: Rule = ({ loader, driverLists, nvidia, variables }) => {
  const { devices, graphics, missing, module } = nvidia;
  const listed = driverLists.some(({ library, found }) => found && /nvidia/i.test(library ?? ""));
  const whole = loader === true && listed && missing.length === 0 &&
    devices.some(({ open }) => open) && (graphics === "unknown" || graphics === module);
  if (!whole || /\bMIG-/.test(variables.NVIDIA_VISIBLE_DEVICES ?? "")) return [];
  return [
    "NVIDIA's driver, its library for graphics and its list for Vulkan are here, and it offers no " +
    "card all the same: apt-get install vulkan-tools; VK_LOADER_DEBUG=all vulkaninfo --summary says why.",
  ];
};
