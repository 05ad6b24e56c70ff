/** What the stages of this project need of what they are handed. Types alone. */
export interface Context<P> {
  readonly params: P;
  readonly inputNames: readonly string[];
  input(name: string): string;
  output(name: string): string;
  metric(name: string, value: number): void;
}
