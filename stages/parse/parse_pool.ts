/**
 * Workers that read and parse recordings. What comes out is in the order of what goes in, whatever
 * their number and whichever of them is faster; no more is under way than some recordings a Worker.
 *
 * @module
 */
import type { ParseAnswer, ParseStart, ParseTask } from "./parse_worker.ts";
import type { ParsedRecording } from "./parsed_recording.ts";

/** Recordings that a Worker is handed at once: a message costs as much as a third of one takes. */
export const TASKS = 16;

/** The Worker of a data set. */
export interface ParseWorkerSource extends ParseStart {
  /** URL of its entry module. */
  readonly entry: string;
}

/** What a Worker made of one recording; one that is too large for it is the owner's to read. */
export type PoolOutcome = ParsedRecording | { readonly kind: "large" };

interface Waiting {
  readonly tasks: readonly ParseTask[];
  resolve(parsed: readonly PoolOutcome[]): void;
  reject(error: Error): void;
}

/** Some Workers and what they have to do. */
export class ParsePool {
  readonly #workers: readonly Worker[];
  readonly #idle: Worker[];
  readonly #waiting: Waiting[] = [];
  readonly #busy = new Map<Worker, Waiting>();
  #failed: Error | undefined;

  /** Starts `count` Workers. */
  constructor({ entry, params }: ParseWorkerSource, count: number) {
    this.#workers = Array.from({ length: count }, () => {
      const worker = new Worker(entry, { type: "module" });
      worker.onmessage = ({ data }: MessageEvent<ParseAnswer>) => this.#answered(worker, data);
      worker.onerror = (event) => {
        event.preventDefault();
        this.#fail(new Error(`a Worker that parses ended: ${event.message}`));
      };
      worker.postMessage({ params } satisfies ParseStart);
      return worker;
    });
    this.#idle = [...this.#workers];
  }

  /** How many lists of tasks keep all Workers busy. */
  get width(): number {
    return this.#workers.length + 2;
  }

  /**
   * Parses recordings; their order is kept.
   *
   * @throws {Error} What a Worker gave up for.
   */
  parse(tasks: readonly ParseTask[]): Promise<readonly PoolOutcome[]> {
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
      const transfer = waiting.tasks.flatMap(({ from }) =>
        typeof from === "string"
          ? []
          : [(from instanceof Uint8Array ? from : from.bytes).buffer as ArrayBuffer]
      );
      worker.postMessage(waiting.tasks, transfer);
    }
  }

  #answered(worker: Worker, answer: ParseAnswer): void {
    const waiting = this.#busy.get(worker)!;
    this.#busy.delete(worker);
    this.#idle.push(worker);
    if ("parsed" in answer) waiting.resolve(answer.parsed);
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
