/**
 * A part of a data set for short runs, with every class, subject and camera in it as evenly as can be.
 *
 * @module
 */
import type { ClipIdentity } from "./recording_form.ts";

/**
 * Chooses up to `perClass` clips of each class, one after another: the one whose camera has been
 * chosen least often in the class so far; among those, whose subject has; among those, whose subject
 * before that camera has in all classes; ties by order.
 *
 * @param clips In the order that decides ties.
 * @returns Those chosen, in their old order.
 */
export function balancedSubset<C extends { readonly identity: ClipIdentity }>(
  clips: readonly C[],
  perClass: number,
): C[] {
  const chosen = new Set<C>();
  const overall = new Tally();
  for (const members of Map.groupBy(clips, (clip) => clip.identity.label).values()) {
    const cameras = new Tally();
    const subjects = new Tally();
    const left = [...members];
    while (left.length > 0 && members.length - left.length < perClass) {
      const costs = left.map(({ identity: { camera, subject } }) => [
        cameras.of(camera),
        subjects.of(subject),
        overall.of(camera * 1000 + subject),
      ]);
      const best = costs.reduce((best, cost, i) => isLess(cost, costs[best]!) ? i : best, 0);
      const [clip] = left.splice(best, 1);
      const { camera, subject } = clip!.identity;
      cameras.add(camera);
      subjects.add(subject);
      overall.add(camera * 1000 + subject);
      chosen.add(clip!);
    }
  }
  return clips.filter((clip) => chosen.has(clip));
}

/** How often each number came up. */
class Tally {
  readonly #counts = new Map<number, number>();

  of(value: number): number {
    return this.#counts.get(value) ?? 0;
  }

  add(value: number): void {
    this.#counts.set(value, this.of(value) + 1);
  }
}

/** Whether `a` comes before `b`, first entries first. */
function isLess(a: readonly number[], b: readonly number[]): boolean {
  const i = a.findIndex((value, at) => value !== b[at]);
  return i >= 0 && a[i]! < b[i]!;
}
