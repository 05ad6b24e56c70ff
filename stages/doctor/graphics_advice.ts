/**
 * Why WebGPU finds no card on a machine, or not the one that was meant, and what to do about it: rules
 * over what is known of the machine. Each looks at one cause.
 *
 * @module
 */
import type { Advice } from "./advice.ts";
import type { DriverList, GraphicsFacts } from "./graphics_facts.ts";
import {
  nvidiaDriver,
  nvidiaInContainer,
  nvidiaLibraries,
  packagesFor,
  type Rule,
  silentNvidia,
  sliceOfCard,
} from "./nvidia_advice.ts";

/** Lists of drivers that compute on the CPU. */
const SOFTWARE_LIST = /\/lvp_|swiftshader/i;

/** The loader, without which nothing is found. */
export const missingLoader: Rule = (facts) => {
  if (facts.loader !== false) return [];
  return [
    "Vulkan's loader, libvulkan.so.1, is missing: apt-get install libvulkan1 mesa-vulkan-drivers " +
    "(the latter: drivers for AMD and Intel cards, and one in software for tests)" +
    (facts.container ? "; in a container, into its image." : "."),
  ];
};

/** Variables that name drivers. */
export const misleadingVariables: Rule = ({ variables, driverLists }) => {
  const said: string[] = [];
  for (const name of ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"]) {
    const value = variables[name];
    if (value === undefined || value === "") continue;
    const paths = value.split(":").filter((path) => path !== "");
    const gone = paths.filter((path) =>
      driverLists.some((list) => list.path === path && list.library === undefined)
    );
    if (gone.length > 0) {
      said.push(`${name} names ${gone.join(", ")}, which is no list of a driver: unset it.`);
    } else if (paths.every((path) => SOFTWARE_LIST.test(path))) {
      said.push(
        `${name}=${value} names a driver in software alone, so that no card is looked for: unset it.`,
      );
    }
  }
  const { DENO_WEBGPU_BACKEND: backend } = variables;
  if (backend !== undefined && !/vulkan/i.test(backend)) {
    said.push(`DENO_WEBGPU_BACKEND=${backend} keeps Deno from Vulkan: unset it.`);
  }
  return said;
};

/** Lists whose driver is not there. */
export const brokenDriverLists: Rule = (facts) => {
  const broken = facts.driverLists.filter((list): list is DriverList & { library: string } =>
    list.library !== undefined && !list.found
  );
  return broken.map(({ path, library }) => {
    const nvidia = /nvidia/i.test(library);
    const todo = nvidia && facts.container
      ? "the container has no library for graphics (see below, or start it with " +
        "NVIDIA_DRIVER_CAPABILITIES=all)"
      : nvidia
      ? nvidiaLibraries(facts)
      : "apt-get install --reinstall mesa-vulkan-drivers";
    return `${path} names the driver ${library}, which is not there: ${todo}.`;
  });
};

/** Cards whose drivers are part of Linux: device files, then Mesa. */
export const renderNodes: Rule = (facts) => {
  const { container, cards, driverLists, renderNodes, ssh } = facts;
  const open = cards.find(({ vendor }) => vendor === "AMD" || vendor === "Intel");
  if (renderNodes.length === 0) {
    if (open === undefined || !container) return [];
    return [
      `The machine has a card of ${open.vendor}, but this container was not given it: start it with ` +
      "--device /dev/dri.",
    ];
  }
  if (renderNodes.every(({ open }) => !open)) {
    const { path, group = "render" } = renderNodes[0]!;
    return [
      `A card is here (${path}), but this user may not open it: add the user to the group ${group} ` +
      `(usermod -aG ${group} USER) and log in again` +
      (container ? `; in a container: --group-add ${group}.` : ".") +
      (ssh
        ? " In a session by SSH the group is needed even for a user who may open it at the screen."
        : ""),
    ];
  }
  const hardware = driverLists.some(({ path, found }) => found && !SOFTWARE_LIST.test(path));
  if (hardware) return [];
  return [
    `A card is here (${renderNodes[0]!.path}), but no driver offers it: ${
      packagesFor(open?.vendor ?? "other", facts)
    }.`,
  ];
};

/** Nothing at all was found. */
const noCard: Rule = ({ container, cards, nvidia, renderNodes, ssh }) => {
  if (cards.some(({ vendor }) => vendor !== "other") || renderNodes.length > 0) return [];
  if (nvidia.devices.length > 0 || nvidia.module !== undefined) return [];
  return [
    "No graphics card was found. Where there is one: " +
    (container
      ? "pass it into the container with --gpus all and NVIDIA_DRIVER_CAPABILITIES=all (NVIDIA) or " +
        "--device /dev/dri (AMD, Intel)."
      : "apt-get install mesa-vulkan-drivers (AMD, Intel) or nvidia-driver nvidia-vulkan-icd (NVIDIA, " +
        "Debian's component non-free).") +
    (ssh && !container
      ? " A cluster's login node often has none: run where there is one, with srun --gres=gpu:1."
      : ""),
  ];
};

/** Which of several cards is taken. */
export const severalCards: Rule = ({ adapter, cards, nvidia, variables, container }) => {
  const count = Math.max(
    nvidia.devices.length,
    cards.filter(({ vendor }) => vendor !== "other").length,
  );
  if (count < 2 || !adapter.found || adapter.software) return [];
  const cuda = variables.CUDA_VISIBLE_DEVICES;
  const how = container
    ? "another is chosen when the container is started, with --gpus device=N"
    : "another is chosen with VK_LOADER_DEVICE_SELECT=0xVENDOR:0xDEVICE (lspci -nn shows both), or by " +
      "VK_DRIVER_FILES where they are of different vendors";
  return [
    `Of ${count} cards stages use ${adapter.description}; ${how}.` +
    (cuda === undefined ? "" : ` CUDA_VISIBLE_DEVICES=${cuda} means nothing to Vulkan.`),
  ];
};

/** An NVIDIA card beside the card in use that Vulkan does not offer. */
const missedNvidia: Rule = (facts) => {
  const { adapter, cards } = facts;
  if (!adapter.found || /nvidia/i.test(`${adapter.vendor} ${adapter.description}`)) return [];
  if (Number(adapter.vendor) === NVIDIA || !cards.some(({ vendor }) => vendor === "NVIDIA")) {
    return [];
  }
  const causes = [nvidiaInContainer, nvidiaDriver, sliceOfCard].flatMap((rule) => rule(facts));
  return causes.map((cause) =>
    `Stages use ${adapter.description} and not the NVIDIA card: ${cause}`
  );
};

/** The vendor's number on the PCI bus. */
const NVIDIA = 0x10de;

const RULES: readonly Rule[] = [
  missingLoader,
  misleadingVariables,
  brokenDriverLists,
  nvidiaInContainer,
  nvidiaDriver,
  sliceOfCard,
  silentNvidia,
  renderNodes,
  noCard,
];

/** What to do about graphics; nothing where a card is in use, and it is the only one. */
export function graphicsAdvice(facts: GraphicsFacts): readonly Advice[] {
  const { adapter } = facts;
  if (adapter.found && !adapter.software) {
    const several = severalCards(facts).map((message) =>
      ({ weight: "optional", message }) as const
    );
    return [
      ...missedNvidia(facts).map((message) => ({ weight: "better", message }) as const),
      ...several,
    ];
  }
  const now = adapter.found
    ? `The only WebGPU adapter is ${adapter.description}, which is software: a machine or container ` +
      "without a graphics driver falls to it silently."
    : `There is no WebGPU adapter (${adapter.reason}).`;
  const causes = facts.os === "linux" ? RULES.flatMap((rule) => rule(facts)) : [];
  return [now, ...causes].map((message) => ({ weight: "better", message }));
}
