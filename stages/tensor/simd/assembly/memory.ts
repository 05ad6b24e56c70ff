/**
 * Memory, handed out by AssemblyScript's own allocator (TLSF). Only the calling thread asks for it: the
 * others get what they need with their jobs.
 */

/** Memory for some bytes, aligned to 16; traps when there is no more. */
export function allocate(bytes: u32): usize {
  return heap.alloc(bytes);
}

/** Gives memory back. */
export function release(pointer: usize): void {
  heap.free(pointer);
}

/** What failed assertions of the language's runtime call, such as the allocator's out of memory. */
export function trap(_message: usize, _file: usize, _line: u32, _column: u32): void {
  unreachable();
}
