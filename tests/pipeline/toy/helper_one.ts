import { second } from "./helper_two.ts";

export function first(value: number): number {
  return second(value);
}
