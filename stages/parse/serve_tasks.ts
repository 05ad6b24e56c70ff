/**
 * The other side of a {@link import("./parse_pool.ts").ParsePool}: works off tasks in a Worker.
 *
 * @module
 */

/** What a Worker is told first. */
export interface WorkerStart {
  /** What holds for all of its tasks: plain data. */
  readonly params: unknown;
}

/** What a Worker answers to a list of tasks: one result a task, or why it gave up. */
export type WorkerAnswer<R> =
  | { readonly results: readonly R[] }
  | { readonly failed: string; readonly forUser: boolean };

interface WorkerScope {
  onmessage: ((event: MessageEvent<WorkerStart | readonly unknown[]>) => void) | null;
  postMessage(answer: WorkerAnswer<unknown>, transfer?: readonly Transferable[]): void;
}

/**
 * Serves a pool from within a Worker.
 *
 * @param begin Makes what works a task off from what {@link WorkerStart} says.
 * @param transfer Memory of a result that is handed over rather than copied.
 */
export function serveTasks<P, T, R>(
  begin: (params: P) => (task: T) => R | Promise<R>,
  transfer: (result: R) => readonly Transferable[],
): void {
  const scope = self as unknown as WorkerScope;
  let work: ((task: T) => R | Promise<R>) | undefined;
  scope.onmessage = async ({ data }) => {
    try {
      if ("params" in data) {
        work = begin(data.params as P);
        return;
      }
      const results: R[] = [];
      for (const task of data) results.push(await work!(task as T));
      scope.postMessage({ results }, results.flatMap(transfer));
    } catch (error) {
      const { message, stack, forUser = false } = error as Error & { forUser?: boolean };
      scope.postMessage({ failed: forUser ? message : stack ?? message, forUser });
    }
  };
}
