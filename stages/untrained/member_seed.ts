/**
 * Seeds of several initialisations from one.
 *
 * @module
 */
import { bitsAt, streamKey } from "../random.ts";

/**
 * The seed of a member: the first has the seed itself, so that it starts where pre-training with
 * that seed starts; the others have unrelated ones.
 *
 * @param member 0-based.
 * @returns An integer from 0 to 2^53 - 1.
 */
export function memberSeed(seed: number, member: number): number {
  if (member === 0) return seed;
  const key = streamKey(seed, "member", 0, member);
  return (bitsAt(key, 0) >>> 11) * 2 ** 32 + bitsAt(key, 1);
}
