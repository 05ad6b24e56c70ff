/**
 * What failed assertions of the language's runtime call. Memory is handed out by the calling thread; see
 * memory_blocks.ts.
 */
export function trap(_message: usize, _file: usize, _line: u32, _column: u32): void {
  unreachable();
}
