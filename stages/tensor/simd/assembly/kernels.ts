/**
 * All kernels. One does one item of a job: `(args: usize, item: i32, scratch: usize): void`, where `args`
 * points at the job's arguments, four bytes each, and `scratch` at 4 MiB of the thread's own.
 */
export { allocate, release, trap } from "./memory";
export { scale } from "./elementwise";
export { product } from "./product";
export { addParts, columnSums } from "./partial_sums";
