/**
 * WebAssembly kernels on several threads over one shared memory.
 *
 * A kernel is a function `(args, item, scratch)` that does one item of a job: `args` points at the
 * job's arguments, `scratch` at memory of the thread's own. How a job is cut into items depends on the
 * shapes alone, and items write apart from one another, so the bytes that come out are the same
 * whatever the number of threads and whichever of them does what.
 *
 * The calling thread works too; the others wait for it by `Atomics`, first spinning for as long as a
 * gap between two jobs usually lasts.
 *
 * @module
 */
import { MemoryBlocks } from "./memory_blocks.ts";
import { vectorsAreWide } from "./wide_vectors.ts";

/** Words at the start of the shared memory, beyond AssemblyScript's null page. */
const CONTROL = 64;
const [JOB, KERNEL, ARGS, ITEMS, NEXT, INSIDE, FAILED, OPEN] = [0, 1, 2, 3, 4, 5, 6, 7];

/** The word that says whether wide tiles are the faster ones; as in `assembly/joined.ts`. */
const JOINED = 8;

/** Arguments of jobs: a ring, so that kernels may keep pointers into theirs while a job lasts. */
const ARGS_BYTES = 1 << 16;

/** Memory of each thread's own, in bytes. */
export const SCRATCH_BYTES = 4 << 20;

/** Room behind it for constants that kernels read; as in `assembly/exp.ts`. */
const TABLE_BYTES = 512;

/** Looks at a word before a thread goes to sleep: some tens of microseconds. */
const SPINS = 20_000;

/** Most threads; more gain nothing on problems of this size. */
const MOST_THREADS = 64;

/**
 * 64 KiB pages: the start, the most (one less than 32-bit addresses reach, so that the end of a block has
 * an address, too), and by how many memory grows.
 */
const FIRST_PAGES = 64;
const MOST_PAGES = 65535;
const GROWTH_PAGES = 256;

const PAGE = 65536;

/** Where blocks begin: beyond the threads' words and whatever a compiler may put first. */
const FIRST_BYTE = PAGE;

type Kernel = (args: number, item: number, scratch: number) => void;

type KernelExports = Readonly<Record<string, unknown>>;

/**
 * What each further thread runs. It is handed to a Worker as a `data:` URL, which needs no permission
 * to read files.
 */
const THREAD = `
  self.onmessage = ({ data: { module, memory, names, scratch, control, spins } }) => {
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    const kernels = names.map((name) => exports[name]);
    const words = new Int32Array(memory.buffer, control, 16);
    let seen = 0;
    self.postMessage("ready");
    while (true) {
      for (let i = 0; i < spins && Atomics.load(words, ${JOB}) === seen; i++);
      while (Atomics.load(words, ${JOB}) === seen) Atomics.wait(words, ${JOB}, seen);
      seen = Atomics.load(words, ${JOB});
      if (words[${KERNEL}] < 0) break;
      // Whoever is inside keeps the job's words as they are; who comes too late finds the job closed.
      Atomics.add(words, ${INSIDE}, 1);
      if (Atomics.load(words, ${OPEN}) === 1) {
        const kernel = kernels[words[${KERNEL}]];
        const [args, items] = [words[${ARGS}], words[${ITEMS}]];
        try {
          for (let i = Atomics.add(words, ${NEXT}, 1); i < items; i = Atomics.add(words, ${NEXT}, 1)) {
            kernel(args, i, scratch);
          }
        } catch {
          Atomics.store(words, ${FAILED}, 1);
        }
      }
      if (Atomics.sub(words, ${INSIDE}, 1) === 1) Atomics.notify(words, ${INSIDE});
    }
    self.close();
  };`;

/** How a pool is made. */
export interface PoolOptions {
  /** Threads that compute, the calling one included (default: the machine's). */
  readonly threads?: number;
  /** Whether tiles are wide, which changes no bits (default: where that is faster). */
  readonly wide?: boolean;
}

/** Compiled kernels with their memory and threads. */
export class KernelPool {
  readonly memory: WebAssembly.Memory;
  readonly threads: number;
  readonly #blocks: MemoryBlocks;
  readonly #kernels: ReadonlyMap<string, { readonly index: number; readonly call: Kernel }>;
  readonly #control: Int32Array;
  readonly #scratch: number;
  readonly #args: number;
  readonly #workers: readonly Worker[];
  #nextArgs = 0;
  #bytes = 0;
  #peak = 0;
  #views: { readonly f32: Float32Array; readonly i32: Int32Array };
  /** Milliseconds by kernel, while somebody measures. */
  profile: Map<string, number> | undefined;

  private constructor(
    memory: WebAssembly.Memory,
    blocks: MemoryBlocks,
    exports: KernelExports,
    names: readonly string[],
    { scratch, args, workers }: { scratch: number; args: number; workers: readonly Worker[] },
  ) {
    this.memory = memory;
    this.#blocks = blocks;
    this.#kernels = new Map(
      names.map((name, index) => [name, { index, call: exports[name] as Kernel }]),
    );
    this.#control = new Int32Array(memory.buffer, CONTROL, 16);
    this.#scratch = scratch;
    this.#args = args;
    this.#workers = workers;
    this.threads = workers.length + 1;
    this.#views = viewsOf(memory);
  }

  /**
   * Starts the threads.
   *
   * @param code The compiled kernels.
   * @throws {Error} If they are no such module.
   */
  static async start(
    code: Uint8Array<ArrayBuffer>,
    options: PoolOptions = {},
  ): Promise<KernelPool> {
    const threads = Math.max(
      1,
      Math.min(options.threads ?? navigator.hardwareConcurrency, MOST_THREADS),
    );
    const memory = new WebAssembly.Memory({
      initial: FIRST_PAGES,
      maximum: MOST_PAGES,
      shared: true,
    });
    new Int32Array(memory.buffer, CONTROL, 16)[JOINED] = +(options.wide ?? vectorsAreWide());
    const module = await WebAssembly.compile(code);
    const exports = new WebAssembly.Instance(module, { env: { memory } })
      .exports as unknown as KernelExports;
    const names = Object.keys(exports)
      .filter((name) => typeof exports[name] === "function")
      .sort();
    const blocks = blocksOf(memory);
    const args = blocks.take(ARGS_BYTES);
    const scratches = Array.from(
      { length: threads },
      () => blocks.take(SCRATCH_BYTES + TABLE_BYTES),
    );
    const workers = await Promise.all(
      scratches.slice(1).map(async (scratch) => {
        const worker = new Worker(`data:text/javascript,${encodeURIComponent(THREAD)}`, {
          type: "module",
        });
        const ready = new Promise((resolve) => worker.onmessage = resolve);
        worker.postMessage({ module, memory, names, scratch, control: CONTROL, spins: SPINS });
        await ready;
        return worker;
      }),
    );
    const places = { scratch: scratches[0]!, args, workers };
    return new KernelPool(memory, blocks, exports, names, places);
  }

  /** All of the memory as float32; take it anew after every {@link allocate}, which may grow it. */
  get f32(): Float32Array {
    return this.#current().f32;
  }

  /** All of the memory as int32. */
  get i32(): Int32Array {
    return this.#current().i32;
  }

  /** Bytes handed out now and at most so far. */
  get bytes(): { readonly now: number; readonly peak: number } {
    return { now: this.#bytes, peak: this.#peak };
  }

  /** Parts of the memory that lie free between blocks; a few, unless something is never given back. */
  get freeParts(): number {
    return this.#blocks.free.parts;
  }

  /**
   * Memory for some bytes, aligned to 16.
   *
   * @throws {Error} If there is no more.
   */
  allocate(bytes: number): number {
    let pointer: number;
    try {
      pointer = this.#blocks.take(bytes);
    } catch {
      throw new Error(
        `The kernels' memory is full: ${mib(this.#bytes)} MiB are in use and ${
          mib(bytes)
        } more were ` +
          `asked for; 4096 MiB is the most. Take a smaller batch.`,
      );
    }
    this.#bytes += bytes;
    this.#peak = Math.max(this.#peak, this.#bytes);
    return pointer;
  }

  /** Gives memory back, of as many bytes as were asked for. */
  release(pointer: number, bytes: number): void {
    this.#blocks.give(pointer, bytes);
    this.#bytes -= bytes;
  }

  /**
   * Runs a kernel on items 0 .. items - 1, and returns when all are done.
   *
   * @param args Whole numbers (pointers, sizes) and float32 numbers wrapped by {@link f32}, one word each.
   * @throws {Error} If there is no such kernel or it trapped.
   */
  run(kernel: string, items: number, args: readonly (number | Float)[]): void {
    const found = this.#kernels.get(kernel);
    if (found === undefined) throw new Error(`there is no kernel ${kernel}`);
    const at = this.#writeArgs(args);
    const begun = this.profile === undefined ? 0 : performance.now();
    if (this.#workers.length === 0 || items === 1) {
      for (let i = 0; i < items; i++) found.call(at, i, this.#scratch);
    } else {
      this.#share(found.index, found.call, at, items);
    }
    this.profile?.set(kernel, (this.profile.get(kernel) ?? 0) + performance.now() - begun);
  }

  /** Ends the threads. */
  stop(): void {
    // A Worker that blocks in Atomics.wait may hang the process when it is terminated.
    this.#control[KERNEL] = -1;
    Atomics.add(this.#control, JOB, 1);
    Atomics.notify(this.#control, JOB);
  }

  #share(index: number, call: Kernel, args: number, items: number): void {
    const words = this.#control;
    words[KERNEL] = index;
    words[ARGS] = args;
    words[ITEMS] = items;
    words[NEXT] = 0;
    Atomics.store(words, OPEN, 1);
    Atomics.add(words, JOB, 1);
    Atomics.notify(words, JOB);
    let failed = false;
    try {
      for (let i = Atomics.add(words, NEXT, 1); i < items; i = Atomics.add(words, NEXT, 1)) {
        call(args, i, this.#scratch);
      }
    } finally {
      // Threads that have not come yet need not come; only those inside are waited for.
      Atomics.store(words, OPEN, 0);
      for (let i = 0; i < SPINS && Atomics.load(words, INSIDE) > 0; i++);
      for (let n = Atomics.load(words, INSIDE); n > 0; n = Atomics.load(words, INSIDE)) {
        Atomics.wait(words, INSIDE, n);
      }
      failed = Atomics.exchange(words, FAILED, 0) !== 0;
    }
    if (failed) throw new Error("a kernel trapped in another thread");
  }

  #writeArgs(args: readonly (number | Float)[]): number {
    const size = 4 * args.length;
    if (this.#nextArgs + size > ARGS_BYTES) this.#nextArgs = 0;
    const at = this.#args + this.#nextArgs;
    this.#nextArgs += (size + 15) & ~15;
    const { f32, i32 } = this.#views;
    args.forEach((arg, i) => {
      if (typeof arg === "number") i32[at / 4 + i] = arg;
      else f32[at / 4 + i] = arg.value;
    });
    return at;
  }

  #current() {
    if (this.#views.f32.byteLength !== this.memory.buffer.byteLength) {
      this.#views = viewsOf(this.memory);
    }
    return this.#views;
  }
}

/** A float32 argument of a kernel. */
export class Float {
  constructor(readonly value: number) {}
}

function viewsOf({ buffer }: WebAssembly.Memory) {
  return { f32: new Float32Array(buffer), i32: new Int32Array(buffer) };
}

/** Blocks of a memory, which grows as they need it. */
function blocksOf(memory: WebAssembly.Memory): MemoryBlocks {
  return new MemoryBlocks(FIRST_BYTE, memory.buffer.byteLength, (end) => {
    const pages = memory.buffer.byteLength / PAGE;
    const needed = Math.ceil(end / PAGE) - pages;
    // Beyond the most there can be, this throws.
    memory.grow(Math.max(needed, Math.min(GROWTH_PAGES, MOST_PAGES - pages)));
    return memory.buffer.byteLength;
  });
}

function mib(bytes: number): number {
  return Math.ceil(bytes / (PAGE * 16));
}
