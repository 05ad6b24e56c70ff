import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { graphicsAdvice } from "../../../stages/doctor/graphics_advice.ts";
import { type GraphicsFacts, graphicsFacts } from "../../../stages/doctor/graphics_facts.ts";

/** A machine with Linux and a graphics stack, without a card. */
const BARE: GraphicsFacts = {
  adapter: { found: false, reason: "no driver offers an adapter" },
  os: "linux",
  distribution: "debian",
  container: false,
  ssh: false,
  loader: true,
  driverLists: [],
  variables: {},
  cards: [],
  renderNodes: [],
  nvidia: { devices: [], cuda: false, missing: [] },
};

const H200 = { vendor: "NVIDIA", id: "0x10de:0x2335" } as const;
const NVIDIA0 = { path: "/dev/nvidia0", open: true, group: "root" };
const LIST = {
  path: "/usr/share/vulkan/icd.d/nvidia_icd.json",
  library: "libGLX_nvidia.so.0",
  found: true,
};
const LVP = {
  path: "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json",
  library: "libvulkan_lvp.so",
  found: true,
};

/** A machine with an NVIDIA card that works. */
const NVIDIA: GraphicsFacts = {
  ...BARE,
  driverLists: [LIST],
  cards: [H200],
  nvidia: {
    module: "580.82.07",
    devices: [NVIDIA0],
    cuda: true,
    graphics: "580.82.07",
    missing: [],
  },
};

/** All advice on a machine. */
const said = (facts: GraphicsFacts) =>
  graphicsAdvice(facts).map(({ message }) => message).join("\n");

/** Fails unless the advice on a machine has some parts. */
function assertSays(facts: GraphicsFacts, ...parts: readonly string[]): void {
  for (const part of parts) assertStringIncludes(said(facts), part);
}

const container = { container: true } as const;

Deno.test("no adapter, or one in software, is said first", () => {
  assertEquals(
    graphicsAdvice(BARE)[0]!.message,
    "There is no WebGPU adapter (no driver offers an adapter).",
  );
  const adapter = { found: true, software: true, description: "llvmpipe" };
  const software = { ...BARE, adapter: adapter as unknown as GraphicsFacts["adapter"] };
  assertStringIncludes(graphicsAdvice(software)[0]!.message, "llvmpipe, which is software");
  assertStringIncludes(graphicsAdvice(software)[0]!.message, "falls to it silently");
});

Deno.test("Vulkan's loader is asked for by its packages; in a container, in its image", () => {
  assertSays({ ...BARE, loader: false }, "apt-get install libvulkan1 mesa-vulkan-drivers");
  assertSays({ ...BARE, ...container, loader: false }, "into its image");
  assert(!said(BARE).includes("libvulkan.so.1"));
});

Deno.test("variables that name no driver, or one in software alone, are to be unset", () => {
  const gone = { path: "/none.json", found: false };
  const variables = { VK_DRIVER_FILES: "/none.json" };
  assertSays({ ...BARE, driverLists: [gone, LIST], variables }, "VK_DRIVER_FILES names /none.json");
  assertSays(
    { ...NVIDIA, driverLists: [LIST, LVP], variables: { VK_ICD_FILENAMES: LVP.path } },
    `VK_ICD_FILENAMES=${LVP.path} names a driver in software alone`,
  );
  assertSays({ ...BARE, variables: { DENO_WEBGPU_BACKEND: "gl" } }, "DENO_WEBGPU_BACKEND=gl keeps");
  const fine = { VK_DRIVER_FILES: LIST.path, DENO_WEBGPU_BACKEND: "vulkan" };
  assert(!said({ ...NVIDIA, variables: fine }).includes("unset"));
});

Deno.test("a list whose driver is not there is told the package", () => {
  const broken = { ...LIST, found: false };
  assertSays({ ...BARE, driverLists: [broken] }, "is not there: apt-get install nvidia-vulkan-icd");
  assertSays(
    { ...BARE, distribution: "ubuntu", driverLists: [broken], nvidia: NVIDIA.nvidia },
    "apt-get install libnvidia-gl-580 libvulkan1 (libnvidia-gl-580-server",
  );
  assertSays(
    { ...BARE, driverLists: [{ ...LVP, found: false }] },
    "apt-get install --reinstall mesa-vulkan-drivers",
  );
});

Deno.test("a container that was not given the card is told how", () => {
  const facts = { ...NVIDIA, ...container, driverLists: [] };
  const nvidia = { module: "580.82.07", devices: [], cuda: false, missing: [] };
  assertSays({ ...facts, nvidia }, "--gpus all (Docker)", "nvidia-container-toolkit");
});

Deno.test("a container without the capability graphics is told the variable, and what it is now", () => {
  const { graphics: _, ...nvidia } = NVIDIA.nvidia;
  const facts = { ...NVIDIA, ...container, nvidia, driverLists: [] };
  assertSays(facts, "NVIDIA_DRIVER_CAPABILITIES is not set, and its default leaves graphics out");
  assertSays(
    { ...facts, variables: { NVIDIA_DRIVER_CAPABILITIES: "compute,utility" } },
    "NVIDIA_DRIVER_CAPABILITIES is compute,utility",
    "-e NVIDIA_DRIVER_CAPABILITIES=all",
  );
});

Deno.test("a container without NVIDIA's list for Vulkan is told what to write where", () => {
  const facts = { ...NVIDIA, ...container, driverLists: [LVP] };
  assertSays(facts, "/etc/vulkan/icd.d/nvidia_icd.json", '"library_path":"libGLX_nvidia.so.0"');
});

Deno.test("a card whose driver is not loaded is told the driver's packages, by distribution", () => {
  const facts = { ...NVIDIA, nvidia: BARE.nvidia, driverLists: [] };
  assertSays(facts, "nvidia-driver nvidia-vulkan-icd (Debian; components contrib");
  assertSays({ ...facts, distribution: "ubuntu" }, "ubuntu-drivers install");
});

Deno.test("a driver for computing alone is told the library for graphics that fits it", () => {
  const { graphics: _, ...nvidia } = NVIDIA.nvidia;
  const facts = { ...NVIDIA, distribution: "ubuntu", nvidia, driverLists: [] };
  assertSays(facts, "NVIDIA's driver 580.82.07 is loaded", "apt-get install libnvidia-gl-580 ");
});

Deno.test("a module and a library of different versions are told apart", () => {
  const nvidia = { ...NVIDIA.nvidia, graphics: "575.51.03" };
  assertSays({ ...NVIDIA, nvidia }, "version 580.82.07, its library for graphics of 575.51.03");
  assertSays({ ...NVIDIA, ...container, nvidia }, "restart the container");
});

Deno.test("libraries that NVIDIA's own needs are told by their packages", () => {
  const nvidia = { ...NVIDIA.nvidia, missing: ["libX11.so.6", "libXext.so.6"] };
  assertSays({ ...NVIDIA, nvidia }, "needs libX11.so.6 and libXext.so.6", "libx11-6 libxext6");
});

Deno.test("a device that may not be opened: the group, or the cluster's request for a GPU", () => {
  const nvidia = { ...NVIDIA.nvidia, devices: [{ ...NVIDIA0, open: false, group: "video" }] };
  assertSays({ ...NVIDIA, nvidia }, "may not open /dev/nvidia0", "usermod -aG video USER");
  assertSays(
    { ...NVIDIA, nvidia, variables: { SLURM_JOB_ID: "7" } },
    "ask for one with --gres=gpu:1",
  );
});

Deno.test("a slice of a card is told to have no Vulkan", () => {
  const variables = { NVIDIA_VISIBLE_DEVICES: "MIG-0123" };
  assertSays({ ...NVIDIA, variables }, "NVIDIA_VISIBLE_DEVICES=MIG-0123 is a slice of a card");
});

Deno.test("a driver that is whole and offers nothing is told how to ask it", () => {
  assertSays(NVIDIA, "VK_LOADER_DEBUG=all vulkaninfo --summary");
  assert(!said(BARE).includes("vulkaninfo"));
});

Deno.test("a render node that may not be opened: the group, in a container, in a session by SSH", () => {
  const renderNodes = [{ path: "/dev/dri/renderD128", open: false, group: "render" }];
  const cards = [{ vendor: "AMD", id: "0x1002:0x744c" }] as const;
  const facts = { ...BARE, cards, renderNodes };
  assertSays(facts, "(/dev/dri/renderD128)", "usermod -aG render USER");
  assertSays({ ...facts, ...container }, "--group-add render");
  assertSays({ ...facts, ssh: true }, "In a session by SSH the group is needed");
});

Deno.test("an open render node without a driver is told Mesa's package", () => {
  const renderNodes = [{ path: "/dev/dri/renderD128", open: true }];
  const cards = [{ vendor: "Intel", id: "0x8086:0x56a0" }] as const;
  const facts = { ...BARE, cards, renderNodes, driverLists: [LVP] };
  assertSays(facts, "no driver offers it: apt-get install libvulkan1 mesa-vulkan-drivers");
  const list = { path: "/usr/share/vulkan/icd.d/intel_icd.x86_64.json", library: "x", found: true };
  assert(!said({ ...facts, driverLists: [LVP, list] }).includes("no driver offers it"));
});

Deno.test("a container without the card's node is told the option", () => {
  const cards = [{ vendor: "AMD", id: "0x1002:0x744c" }] as const;
  assertSays({ ...BARE, ...container, cards }, "start it with --device /dev/dri");
});

Deno.test("a machine without any card is told what to do where there is one", () => {
  assertSays(BARE, "No graphics card was found", "nvidia-driver nvidia-vulkan-icd");
  assertSays({ ...BARE, ...container }, "--gpus all and NVIDIA_DRIVER_CAPABILITIES=all");
});

Deno.test("with several cards it is said which is used, and how another is chosen", () => {
  const adapter = { found: true, software: false, description: "NVIDIA H200" };
  const facts: GraphicsFacts = {
    ...NVIDIA,
    adapter: adapter as unknown as GraphicsFacts["adapter"],
    cards: [H200, H200],
    variables: { CUDA_VISIBLE_DEVICES: "1" },
  };
  assertEquals(graphicsAdvice({ ...facts, cards: [H200] }), []);
  assertEquals(graphicsAdvice(facts).map(({ weight }) => weight), ["optional"]);
  assertSays(facts, "Of 2 cards stages use NVIDIA H200", "VK_LOADER_DEVICE_SELECT");
  assertSays(facts, "CUDA_VISIBLE_DEVICES=1 means nothing to Vulkan");
  assertSays({ ...facts, ...container }, "--gpus device=N");
});

Deno.test("an NVIDIA card without its driver is told of also where another vendor's is in use", () => {
  const adapter = { found: true, software: false, vendor: "32902", description: "Intel UHD 770" };
  const facts: GraphicsFacts = {
    ...BARE,
    adapter: adapter as unknown as GraphicsFacts["adapter"],
    cards: [{ vendor: "Intel", id: "0x8086:0x4680" }, H200],
  };
  assertSays(facts, "Stages use Intel UHD 770 and not the NVIDIA card: An NVIDIA card is here");
  assertSays(facts, "nvidia-driver nvidia-vulkan-icd", "Of 2 cards stages use Intel UHD 770");
});

Deno.test("in a session by SSH without any card, a cluster's login node is thought of", () => {
  assertSays({ ...BARE, ssh: true }, "login node often has none", "srun --gres=gpu:1");
  assert(!said(BARE).includes("login node"));
});

Deno.test("off Linux nothing is guessed", () => {
  assertEquals(graphicsAdvice({ ...BARE, os: "darwin" }).length, 1);
});

Deno.test("this machine's facts can be had, whatever it has", async () => {
  const facts = await graphicsFacts();
  assertEquals(facts.os, Deno.build.os);
  assert(facts.driverLists.every(({ path }) => path.endsWith(".json")));
  if (facts.adapter.found && facts.os === "linux") assertEquals(facts.loader, true);
});
