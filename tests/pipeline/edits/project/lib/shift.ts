/** A type, and nothing that runs. */
export interface Shift {
  readonly by: number;
}
