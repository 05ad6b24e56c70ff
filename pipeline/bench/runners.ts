/**
 * The programs that are measured on the no-op graph.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { NoOpGraph } from "./no_op_graph.ts";

/** A program and how it is called on a graph. */
export interface Runner {
  /** Its name and version. */
  readonly by: string;
  /** A path or a name. */
  readonly command: string;
  /** What follows the command. */
  readonly args: readonly string[];
  /** Where it is started. */
  readonly folder: string;
}

/** The permissions of the tasks in `deno.json`. */
export const PERMISSIONS: readonly string[] = ["-RWES", "--allow-run", "--no-prompt"];

const decoded = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Seconds of a whole process, whose output goes nowhere. */
export async function timed({ by, command, args, folder }: Runner): Promise<number> {
  const begun = performance.now();
  const { success } = await new Deno.Command(command, {
    args: [...args],
    cwd: folder,
    stdout: "null",
    stderr: "null",
  }).output();
  if (!success) throw new Error(`${by} failed: ${command} ${args.join(" ")} in ${folder}`);
  return (performance.now() - begun) / 1000;
}

/**
 * The command line of this project, as a process of its own.
 *
 * @param catalogue URL of the module with the stages that the real command line knows.
 * @throws {Error} If it does not find every target cached.
 */
export async function skelrun(
  catalogue: string,
  { folder, experiment, targets }: NoOpGraph,
): Promise<Runner> {
  const program = fileURLToPath(new URL("./program.ts", import.meta.url));
  const args = [
    "run",
    ...PERMISSIONS,
    program,
    catalogue,
    "run",
    experiment,
    "--store",
    `${folder}/store`,
  ];
  const runner = { by: "skelrun", command: Deno.execPath(), args, folder };
  const { stdout, stderr } = await output({ ...runner, args: [...args, "--json"] });
  const found = JSON.parse(stdout || "{}") as { stages?: readonly { status: string }[] };
  const cached = found.stages?.filter(({ status }) => status === "cached").length;
  if (cached !== targets) {
    throw new Error(`skelrun found ${cached} of ${targets} targets cached: ${stderr}`);
  }
  return runner;
}

const PEERS = [
  {
    name: "snakemake",
    version: /\d+(\.\d+)+/,
    args: ["--cores", "1", "all"],
    idle: /Nothing to be done/,
    install: "apt-get install snakemake",
  },
  {
    name: "make",
    version: /GNU Make \S+/,
    args: ["all"],
    idle: /Nothing to be done/,
    install: "apt-get install make",
  },
];

/**
 * The peers that are installed.
 *
 * @param wanted Names of those that are looked for (default: all).
 * @returns They, and a sentence for each that is not or that finds something to do.
 */
export async function peersOf(
  { folder }: NoOpGraph,
  wanted: readonly string[] = PEERS.map(({ name }) => name),
): Promise<{ peers: readonly Runner[]; missing: readonly string[] }> {
  const peers: Runner[] = [];
  const missing: string[] = [];
  for (const { name, version, args, idle, install } of PEERS) {
    if (!wanted.includes(name)) continue;
    try {
      const asked = await output({ by: name, command: name, args: ["--version"], folder });
      const found = version.exec(asked.stdout)?.[0] ?? "";
      const by = found.toLowerCase().includes(name) ? found : `${name} ${found}`.trim();
      const runner = { by, command: name, args, folder };
      const { stdout, stderr } = await output(runner);
      if (idle.test(stdout + stderr)) peers.push(runner);
      else missing.push(`${by} is not measured: it found something to do. ${stderr.trim()}`);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      missing.push(`no ${name} to measure against: install it with ${install}`);
    }
  }
  return { peers, missing };
}

async function output({ command, args, folder }: Runner) {
  const { stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    cwd: folder,
  }).output();
  return { stdout: decoded(stdout), stderr: decoded(stderr) };
}
