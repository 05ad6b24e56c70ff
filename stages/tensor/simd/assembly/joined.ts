// deno-fmt-ignore-file: it would drop the decorators of functions
/** Whether tiles of sixteen columns are faster than tiles of eight: a word that the pool writes, see `kernel_pool.ts`. */
const WORD: usize = 96;

/** True where the engine joins neighbouring vectors in wider registers, or has registers enough. */
@inline
export function joined(): bool {
  return load<i32>(WORD) !== 0;
}
