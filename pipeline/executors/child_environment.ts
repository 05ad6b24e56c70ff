/**
 * The environment of a child process: what Deno and a graphics driver need to start, and nothing that a
 * stage could read.
 *
 * @module
 */

/** Where Deno finds its cache and its registry's name, and drivers their files. */
const KEPT = [
  "DENO_DIR",
  "DENO_WEBGPU_BACKEND",
  "DRI_PRIME",
  "HOME",
  "LD_LIBRARY_PATH",
  "NPM_CONFIG_REGISTRY",
  "PATH",
  "XDG_CACHE_HOME",
  "XDG_DATA_DIRS",
];

/** Prefixes of variables that choose and tune drivers. */
const KEPT_PREFIXES = ["VK_", "MESA_", "LIBGL_", "LP_", "NVIDIA_", "__GLX_", "__EGL_", "GALLIUM_"];

/**
 * The variables of a child.
 *
 * @param folder The attempt's folder, which has a folder `tmp` that nobody else may read.
 */
export function childEnvironment(folder: string): Record<string, string> {
  const own = Deno.env.toObject();
  const kept = Object.entries(own).filter(([name]) =>
    KEPT.includes(name) || KEPT_PREFIXES.some((prefix) => name.startsWith(prefix))
  );
  return {
    // Drivers look for a display here and complain where it is unset or its path is long.
    XDG_RUNTIME_DIR: own["XDG_RUNTIME_DIR"] ?? own["TMPDIR"] ?? "/tmp",
    ...Object.fromEntries(kept),
    DENO_AUDIT_PERMISSIONS: `${folder}/audit.jsonl`,
    DENO_NO_UPDATE_CHECK: "1",
    NO_COLOR: "1",
    TMPDIR: `${folder}/tmp`,
    TZ: "UTC",
  };
}

/** Folders of Deno's cache, which npm packages read of themselves. */
export function denoCache(): string[] {
  const folder = Deno.env.get("DENO_DIR") ??
    `${Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`}/deno`;
  return [`${folder}/npm`];
}
