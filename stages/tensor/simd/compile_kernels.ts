/**
 * Compiles the kernels, AssemblyScript sources beside this file, to WebAssembly.
 *
 * @module
 */
import asc from "assemblyscript/asc";

/** Where the sources are. */
const FOLDER = new URL("./assembly/", import.meta.url);

/** Which instructions the code may use. */
export interface KernelTarget {
  /** Relaxed SIMD: a product and a sum in one rounding, where the processor has that. */
  readonly relaxed: boolean;
}

/** Sources by file name. */
export type KernelSources = Readonly<Record<string, string>>;

/** Reads all sources. */
export async function readKernelSources(folder: URL = FOLDER): Promise<KernelSources> {
  const sources: Record<string, string> = {};
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith(".ts")) sources[name] = await Deno.readTextFile(new URL(name, folder));
  }
  return sources;
}

let compiled: Promise<Uint8Array<ArrayBuffer>> | undefined;

/** The project's own kernels, compiled once in a process: for whoever is no stage. */
export function compiledKernels(): Promise<Uint8Array<ArrayBuffer>> {
  compiled ??= readKernelSources().then((sources) => compileKernels(sources, { relaxed: true }));
  return compiled;
}

/**
 * Compiles kernels; the same sources give the same bytes.
 *
 * @returns The code of a WebAssembly module that imports a shared memory, `env.memory`.
 * @throws {Error} If the sources are wrong, with what the compiler says of them.
 */
export async function compileKernels(
  sources: KernelSources,
  { relaxed }: KernelTarget,
): Promise<Uint8Array<ArrayBuffer>> {
  let code: Uint8Array<ArrayBuffer> | undefined;
  const features = ["simd", "threads", "bulk-memory", ...(relaxed ? ["relaxed-simd"] : [])];
  const { error, stderr } = await asc.main([
    "kernels.ts",
    "-O3",
    "--converge",
    "--noAssert",
    // No garbage collector.
    "--runtime",
    "minimal",
    "--importMemory",
    "--sharedMemory",
    "--initialMemory",
    "64",
    "--maximumMemory",
    "65536",
    // Below are the words by which the threads meet; see kernel_pool.ts.
    "--memoryBase",
    "1024",
    "--use",
    `RELAXED=${relaxed ? 1 : 0}`,
    "--use",
    "abort=memory/trap",
    ...features.flatMap((feature) => ["--enable", feature]),
    "--outFile",
    "kernels.wasm",
  ], {
    readFile: (name: string) => sources[name.replace(/^\.\//, "")] ?? null,
    writeFile: (name: string, contents: unknown) => {
      if (name === "kernels.wasm") code = contents as Uint8Array<ArrayBuffer>;
    },
    listFiles: () => [],
  });
  if (error !== null || code === undefined) {
    throw new Error(`The kernels do not compile:\n${stderr.toString().trim()}`);
  }
  return code;
}
