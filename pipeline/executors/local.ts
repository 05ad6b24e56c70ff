/**
 * Runs a stage in a child process on this machine, with the permissions of its declaration and no
 * others: read its inputs, its own code and its checkpoints; write its outputs and its checkpoints. No
 * network, no processes, no environment.
 *
 * The child is detached, so that a Ctrl-C in the terminal reaches the runner alone; it hears of it by
 * its standard input. Its memory limit and process id are no part of any key.
 *
 * @module
 */
import { dirname, relative } from "node:path";
import { AuditTrail, type Grants } from "./audit.ts";
import { childEnvironment, denoCache } from "./child_environment.ts";
import { explainEnd, isCrash, kernelKills } from "./child_end.ts";
import { engineFlags } from "./engine_flags.ts";
import type { Executor, Job } from "./executor.ts";
import { FollowedChild } from "./followed_child.ts";
import { JobLog } from "./job_log.ts";

/** Limits of children. */
export interface LocalLimits {
  /**
   * The least JavaScript heap of a child, in MiB; one that declares more memory gets as much. The
   * default is Deno's own on a large machine.
   */
  readonly heapMiB: number;
  /** Bytes that a log may take on the disk. */
  readonly logBytes?: number;
}

/** Child processes on this machine. */
export function localExecutor(limits: LocalLimits = { heapMiB: 4096 }): Executor {
  return {
    name: "local",
    async submit(job, onMessage) {
      const heapMiB = Math.max(limits.heapMiB, job.instance.definition.resources.memoryMiB);
      const kills = kernelKills();
      const grants = grantsOf(job);
      const child = await spawn(job, grants, heapMiB);
      return new FollowedChild(job, child, {
        log: new JobLog(job.logFile, limits.logBytes),
        trail: new AuditTrail(`${job.folder}/audit.jsonl`, job.folder, grants, denoCache()),
        onMessage,
        explain(status, peakMiB, tail, done) {
          const { definition: { name: stage, resources } } = job.instance;
          const now = kernelKills();
          const kernelKilled = kills === undefined || now === undefined ? undefined : now > kills;
          const declaredMiB = resources.memoryMiB;
          // A crash of a stage on a GPU is most likely its driver's: another attempt may do.
          const again = job.worker.backend === "webgpu" && isCrash(status, tail);
          const end = {
            status,
            stage,
            declaredMiB,
            heapMiB,
            peakMiB,
            tail,
            kernelKilled,
            done,
            again,
          };
          return { message: explainEnd(end), again };
        },
      });
    },
  };
}

/** Child processes with the usual limits. */
export const local: Executor = localExecutor();

function grantsOf(job: Job): Grants {
  const { checkpoints } = job.worker;
  const own = [`${job.folder}/out`, `${job.folder}/tmp`, checkpoints];
  const { net = [] } = job.instance.definition.allow ?? {};
  return { read: [`${job.folder}/in`, ...own, ...job.code], write: own, net };
}

async function spawn(
  job: Job,
  { read, write, net }: Grants,
  heapMiB: number,
): Promise<Deno.ChildProcess> {
  const main = `${job.folder}/main.ts`;
  const worker = new URL("../worker.ts", import.meta.url).href;
  await Deno.writeTextFile(
    main,
    `import { work } from ${JSON.stringify(worker)};\n` +
      `await work(${JSON.stringify(job.worker)}, () => import(${JSON.stringify(job.entry)}));\n`,
  );
  await Deno.mkdir(`${job.folder}/tmp`, { recursive: true, mode: 0o700 });
  const { run = [] } = job.instance.definition.allow ?? {};
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--no-check",
      "--cached-only",
      "--ignore-env",
      `--config=${job.project}/deno.json`,
      `--allow-read=${listed(read, job.folder)}`,
      `--allow-write=${listed(write, job.folder)}`,
      ...(net.length > 0 ? [`--allow-net=${net.join(",")}`] : []),
      ...(run.length > 0 ? [`--allow-run=${run.join(",")}`] : []),
      `--v8-flags=${
        [`--max-old-space-size=${heapMiB}`, ...engineFlags(job.worker.backend)].join(",")
      }`,
      main,
    ],
    cwd: job.folder,
    clearEnv: true,
    env: childEnvironment(job.folder),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    detached: true,
  }).spawn();
}
/**
 * Paths as a permission takes them. A list cannot hold a comma, so the store's paths are given as seen
 * from the folder the child runs in; code whose own path has one stays unreadable.
 */
function listed(paths: readonly string[], folder: string): string {
  const store = dirname(folder);
  return paths
    .map((path) => path.startsWith(`${store}/`) ? relative(folder, path) : path)
    .filter((path) => !path.includes(","))
    .join(",");
}
