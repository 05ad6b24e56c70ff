/**
 * How long stages take together, if each takes as long as it is said to.
 *
 * Plays the scheduler's rules through without running anything: in the order of the graph, as far as
 * cores, memory and devices go.
 *
 * @module
 */
import type { Capacity, Need } from "../running/capacity.ts";

/** A stage that will run. */
export interface Task {
  /** The stage. */
  readonly id: string;
  /** How long it takes. */
  readonly seconds: number;
  /** What it takes of the machine. */
  readonly need: Need;
  /** The tasks that must be done before it. */
  readonly after: readonly string[];
}

/** What the tasks come to. */
export interface Schedule {
  /** In the order in which they start. */
  readonly order: readonly string[];
  /** From the first start to the last end. */
  readonly wallSeconds: number;
  /** The sum of the tasks' seconds. */
  readonly workSeconds: number;
  /** The tasks that take longest one after the other: no number of cores is faster. */
  readonly chain: readonly string[];
  /** The sum of their seconds. */
  readonly chainSeconds: number;
}

/** A queue of ready tasks that need the same, by rank. */
type Queue = number[];

/**
 * Plays tasks through.
 *
 * @param tasks Each after the tasks that must be done before it; earlier ones go first.
 * @param capacity What the machine can bear; none of it may be taken.
 */
export function schedule(tasks: readonly Task[], capacity: Capacity): Schedule {
  const rank = new Map(tasks.map(({ id }, i) => [id, i]));
  const open = tasks.map(({ after }) => after.length);
  const next: number[][] = tasks.map(() => []);
  tasks.forEach(({ after }, i) => after.forEach((id) => next[rank.get(id)!]!.push(i)));
  const queues = new Map<string, Queue>();
  const running: { readonly task: number; readonly end: number }[] = [];
  const order: string[] = [];
  let now = 0;

  const ready = (i: number) => {
    const kind = JSON.stringify(tasks[i]!.need);
    if (!queues.has(kind)) queues.set(kind, []);
    insert(queues.get(kind)!, i);
  };
  const start = () => {
    const full = new Set<Queue>();
    for (let queue = first(queues, full); queue; queue = first(queues, full)) {
      const { id, need, seconds } = tasks[queue[0]!]!;
      if (!capacity.take(id, need)) {
        full.add(queue);
        continue;
      }
      running.push({ task: queue.shift()!, end: now + seconds });
      order.push(id);
    }
  };
  open.forEach((count, i) => count === 0 && ready(i));
  for (start(); running.length > 0; start()) {
    now = Math.min(...running.map(({ end }) => end));
    for (const done of running.filter(({ end }) => end <= now)) {
      running.splice(running.indexOf(done), 1);
      capacity.give(tasks[done.task]!.id);
      for (const i of next[done.task]!) if (--open[i]! === 0) ready(i);
    }
  }
  const workSeconds = tasks.reduce((sum, { seconds }) => sum + seconds, 0);
  return { order, wallSeconds: now, workSeconds, ...longestChain(tasks) };
}

/** The queue whose first task comes first, of those that are not full. */
function first(queues: ReadonlyMap<string, Queue>, full: ReadonlySet<Queue>): Queue | undefined {
  let best: Queue | undefined;
  for (const queue of queues.values()) {
    if (queue.length === 0 || full.has(queue)) continue;
    if (!best || queue[0]! < best[0]!) best = queue;
  }
  return best;
}

function insert(queue: Queue, rank: number): void {
  let [low, high] = [0, queue.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (queue[middle]! < rank) low = middle + 1;
    else high = middle;
  }
  queue.splice(low, 0, rank);
}

function longestChain(tasks: readonly Task[]): Pick<Schedule, "chain" | "chainSeconds"> {
  const ends = new Map<string, { readonly seconds: number; readonly before: string | undefined }>();
  let last: string | undefined;
  for (const { id, seconds, after } of tasks) {
    let before: string | undefined;
    for (const other of after) {
      if (before === undefined || ends.get(other)!.seconds > ends.get(before)!.seconds) {
        before = other;
      }
    }
    const end = seconds + (before === undefined ? 0 : ends.get(before)!.seconds);
    ends.set(id, { seconds: end, before });
    if (last === undefined || end > ends.get(last)!.seconds) last = id;
  }
  const chain: string[] = [];
  for (let id = last; id !== undefined; id = ends.get(id)!.before) chain.unshift(id);
  return { chain, chainSeconds: last === undefined ? 0 : ends.get(last)!.seconds };
}
