// The innermost of three.
export function third(value: number): number {
  return value + 0;
}
