/**
 * The queue that benchmarks fill.
 *
 * @module
 */

/** The nearest queue to the released one that whole batches fill. */
export function queueOf(batch: number): number {
  return Math.ceil(32768 / batch) * batch;
}
