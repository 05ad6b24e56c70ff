/**
 * Workers that read and parse recordings, and the order of what they make: that of what goes in,
 * whatever their number and whichever of them is faster.
 *
 * @module
 */
import type { WorkerAnswer, WorkerStart } from "./serve_tasks.ts";

/** The Worker of a data set. */
export interface ParseWorkerSource extends WorkerStart {
  /** URL of its entry module. */
  readonly entry: string;
}

/** More threads gain nothing, since one writes what they read; and each takes some 40 MB. */
const MOST_THREADS = 8;

/**
 * How many threads are worth starting.
 *
 * @param threads Those that may be used.
 * @param count What there is to do.
 * @param share The least of it that a thread is worth starting for.
 */
export function worthStarting(threads: number, count: number, share: number): number {
  return Math.min(threads, MOST_THREADS, Math.floor(count / share));
}

interface Waiting<T, R> {
  readonly tasks: readonly T[];
  resolve(results: readonly R[]): void;
  reject(error: Error): void;
}

/** Some Workers and what they have to do: tasks T, of which they make results R. */
export class ParsePool<T, R> {
  readonly #workers: readonly Worker[];
  readonly #idle: Worker[];
  readonly #waiting: Waiting<T, R>[] = [];
  readonly #busy = new Map<Worker, Waiting<T, R>>();
  readonly #transfer: (task: T) => readonly Transferable[];
  #failed: Error | undefined;

  /**
   * Starts `count` Workers.
   *
   * @param transfer Memory of a task that is handed over rather than copied.
   */
  constructor(
    { entry, params }: ParseWorkerSource,
    count: number,
    transfer: (task: T) => readonly Transferable[],
  ) {
    this.#transfer = transfer;
    this.#workers = Array.from({ length: count }, () => {
      const worker = new Worker(entry, { type: "module" });
      worker.onmessage = ({ data }: MessageEvent<WorkerAnswer<R>>) => this.#answered(worker, data);
      worker.onerror = (event) => {
        event.preventDefault();
        this.#fail(new Error(`a Worker that parses ended: ${event.message}`));
      };
      worker.postMessage({ params } satisfies WorkerStart);
      return worker;
    });
    this.#idle = [...this.#workers];
  }

  /** How many lists of tasks keep all Workers busy. */
  get width(): number {
    return this.#workers.length + 2;
  }

  /**
   * Works tasks off; their order is kept.
   *
   * @throws {Error} What a Worker gave up for.
   */
  parse(tasks: readonly T[]): Promise<readonly R[]> {
    if (this.#failed !== undefined) return Promise.reject(this.#failed);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ tasks, resolve, reject });
      this.#next();
    });
  }

  /** Ends the Workers; what they had to do is forgotten. */
  close(): void {
    for (const worker of this.#workers) worker.terminate();
  }

  #next(): void {
    while (this.#idle.length > 0 && this.#waiting.length > 0) {
      const worker = this.#idle.pop()!;
      const waiting = this.#waiting.shift()!;
      this.#busy.set(worker, waiting);
      worker.postMessage(waiting.tasks, waiting.tasks.flatMap(this.#transfer));
    }
  }

  #answered(worker: Worker, answer: WorkerAnswer<R>): void {
    const waiting = this.#busy.get(worker)!;
    this.#busy.delete(worker);
    this.#idle.push(worker);
    if ("results" in answer) waiting.resolve(answer.results);
    else waiting.reject(Object.assign(new Error(answer.failed), { forUser: answer.forUser }));
    this.#next();
  }

  #fail(error: Error): void {
    this.#failed = error;
    for (const waiting of [...this.#busy.values(), ...this.#waiting.splice(0)]) {
      waiting.reject(error);
    }
    this.#busy.clear();
  }
}

/**
 * Has several items worked on at once; what is made of them comes in their order.
 *
 * @param width How many are under way at most.
 * @throws {Error} The first failure, when its turn has come.
 */
export async function* inOrder<I, O>(
  items: Iterable<I>,
  width: number,
  work: (item: I) => Promise<O>,
): AsyncGenerator<O> {
  const under: Promise<O>[] = [];
  for (const item of items) {
    const made = work(item);
    // It is awaited in its turn; until then its failure is no unhandled one.
    made.catch(() => {});
    under.push(made);
    if (under.length >= width) yield await under.shift()!;
  }
  while (under.length > 0) yield await under.shift()!;
}
