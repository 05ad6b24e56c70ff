/**
 * A bundle as it is met on a machine without network, cache, or Deno.
 *
 * @module
 */

/** All programs that the machine has: those of Debian's essential packages, and xz. */
const PROGRAMS = [
  ...[
    "chmod",
    "dirname",
    "head",
    "id",
    "mkdir",
    "mv",
    "readlink",
    "rm",
    "sh",
    "sha256sum",
    "uname",
  ],
  "xz",
];

/** How a command ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Such a machine. */
export class BareMachine {
  /** Its current folder. */
  readonly folder: string;
  readonly #bin: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #offline: boolean;

  private constructor(root: string, bin: string, offline: boolean) {
    this.folder = `${root}/work`;
    this.#bin = bin;
    this.#offline = offline;
    this.#environment = {
      HOME: `${root}/home`,
      PATH: bin,
      TMPDIR: `${root}/tmp`,
      NO_COLOR: "1",
      // Where no network can be taken away, a registry that never answers stands for it.
      NPM_CONFIG_REGISTRY: "http://127.0.0.1:9/",
    };
  }

  /**
   * Sets one up.
   *
   * @param root An empty folder.
   * @param programs Names of the programs that it has (default: those of a plain Debian, with xz).
   */
  static async at(root: string, programs: readonly string[] = PROGRAMS): Promise<BareMachine> {
    for (const name of ["bin", "home", "tmp", "work"]) {
      await Deno.mkdir(`${root}/${name}`, { recursive: true });
    }
    for (const name of programs) {
      const path = await programPath(name);
      if (path !== undefined) await Deno.symlink(path, `${root}/bin/${name}`);
    }
    return new BareMachine(root, `${root}/bin`, await unshares());
  }

  /** Whether it is cut off from every network, rather than from registries alone. */
  get offline(): boolean {
    return this.#offline;
  }

  /** Runs a program there. */
  async run(
    program: string,
    args: readonly string[],
    env: Record<string, string> = {},
  ): Promise<Ended> {
    const command = this.#offline ? ["/usr/bin/unshare", "-n", program] : [program];
    const { code, stdout, stderr } = await new Deno.Command(command[0]!, {
      args: [...command.slice(1), ...args],
      cwd: this.folder,
      clearEnv: true,
      env: { ...this.#environment, ...env },
      stdin: "null",
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, stdout: text(stdout), stderr: text(stderr) };
  }

  /** Takes a program away. */
  async lose(name: string): Promise<void> {
    await Deno.remove(`${this.#bin}/${name}`);
  }
}

/** Where a program lies; undefined where it is not installed. */
export async function programPath(name: string): Promise<string | undefined> {
  const { success, stdout } = await new Deno.Command("sh", { args: ["-c", `command -v ${name}`] })
    .output();
  return success ? new TextDecoder().decode(stdout).trim() : undefined;
}

async function unshares(): Promise<boolean> {
  try {
    return (await new Deno.Command("/usr/bin/unshare", { args: ["-n", "true"] }).output()).success;
  } catch {
    return false;
  }
}
