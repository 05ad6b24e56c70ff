/** One step of training, the same on each backend. */
export function step(weight: number, value: number, rate: number): number {
  return weight + rate * (value - weight);
}
