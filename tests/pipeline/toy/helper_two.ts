import { third } from "./helper_three.ts";

export function second(value: number): number {
  return third(value);
}
