/**
 * The stages that may start, in the order in which they should.
 *
 * Stages that need the same of the machine stand in one queue, by their rank in the graph, so that a
 * look for the next one costs as much as there are different needs, however many stages are ready. A
 * stage that does not fit is overtaken by those behind it that do; not for ever, though: after a number
 * of them nothing more is started until it fits, unless it waits for its device, which others do not
 * hold up.
 *
 * @module
 */
import type { Capacity, Need } from "./capacity.ts";

/** Something that may start. */
export interface Waiting {
  /** Lower ones go first. */
  readonly rank: number;
  /** What it takes of the machine. */
  readonly need: Need;
}

/** How many may overtake a stage that does not fit. */
const OVERTAKING = 16;

interface Queue<T> {
  /** A binary heap by rank. */
  readonly heap: T[];
  readonly need: Need;
  /** The first one, while it is being overtaken, and how often it was. */
  overtaken?: { readonly first: T; readonly since: number; times: number };
}

/** Orders what may start. */
export class ReadyLine<T extends Waiting> {
  readonly #queues = new Map<string, Queue<T>>();
  readonly #arrivals = new Map<T, number>();
  #arrived = 0;

  /** How many wait. */
  get size(): number {
    return this.#arrivals.size;
  }

  /** Adds one. */
  add(item: T): void {
    const { cores, memoryMiB, device = "" } = item.need;
    const name = `${cores} ${memoryMiB} ${device}`;
    let queue = this.#queues.get(name);
    if (!queue) this.#queues.set(name, queue = { heap: [], need: item.need });
    push(queue.heap, item);
    this.#arrivals.set(item, this.#arrived++);
  }

  /** Takes out the one to start next; undefined if none may start now. */
  next(capacity: Capacity): T | undefined {
    const queues = [...this.#queues.values()].filter(({ heap }) => heap.length > 0);
    let best: Queue<T> | undefined;
    const full: Queue<T>[] = [];
    for (const queue of queues) {
      const fit = capacity.fit(queue.need);
      if (fit === "no room") full.push(queue);
      if (fit !== "fits") continue;
      if (!best || queue.heap[0]!.rank < best.heap[0]!.rank) best = queue;
    }
    if (!best || full.some((queue) => this.#isOwed(queue))) return undefined;
    const item = pop(best.heap);
    for (const queue of full) this.#overtake(queue, item);
    this.#arrivals.delete(item);
    return item;
  }

  /** Takes out all. */
  drain(): T[] {
    const all = [...this.#arrivals.keys()];
    this.#arrivals.clear();
    this.#queues.clear();
    return all;
  }

  #isOwed({ heap, overtaken }: Queue<T>): boolean {
    return overtaken?.first === heap[0] && overtaken!.times >= OVERTAKING;
  }

  /** Those that were there before and stand further ahead in the graph do not overtake. */
  #overtake(queue: Queue<T>, by: T): void {
    const first = queue.heap[0]!;
    if (queue.overtaken?.first !== first) {
      queue.overtaken = { first, since: this.#arrivals.get(first)!, times: 0 };
    }
    const { overtaken } = queue;
    if (by.rank > first.rank || this.#arrivals.get(by)! > overtaken!.since) overtaken!.times++;
  }
}

function push<T extends Waiting>(heap: T[], item: T): void {
  let at = heap.push(item) - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (heap[above]!.rank <= item.rank) break;
    heap[at] = heap[above]!;
    at = above;
  }
  heap[at] = item;
}

function pop<T extends Waiting>(heap: T[]): T {
  const first = heap[0]!;
  const last = heap.pop()!;
  if (heap.length === 0) return first;
  let at = 0;
  for (let below = 1; below < heap.length; below = 2 * at + 1) {
    if (below + 1 < heap.length && heap[below + 1]!.rank < heap[below]!.rank) below++;
    if (heap[below]!.rank >= last.rank) break;
    heap[at] = heap[below]!;
    at = below;
  }
  heap[at] = last;
  return first;
}
