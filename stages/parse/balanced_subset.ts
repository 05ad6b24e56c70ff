/**
 * A part of a data set for short runs, with every class, subject and camera in it as evenly as can be.
 *
 * @module
 */
import type { ClipIdentity } from "./recording_form.ts";

/**
 * Chooses up to `perClass` clips of each class: one after another the clip whose camera, then whose
 * subject, has been chosen least often in the class so far, ties by order.
 *
 * @param clips In the order that decides ties.
 * @returns Those chosen, in their old order.
 */
export function balancedSubset<C extends { readonly identity: ClipIdentity }>(
  clips: readonly C[],
  perClass: number,
): C[] {
  const chosen = new Set<C>();
  for (const members of Map.groupBy(clips, (clip) => clip.identity.label).values()) {
    const cameras = new Map<number, number>();
    const subjects = new Map<number, number>();
    const left = [...members];
    while (left.length > 0 && members.length - left.length < perClass) {
      let best = 0;
      let bestCost: readonly [number, number] = [Infinity, Infinity];
      for (const [i, { identity }] of left.entries()) {
        const cost = [
          cameras.get(identity.camera) ?? 0,
          subjects.get(identity.subject) ?? 0,
        ] as const;
        if (cost[0] < bestCost[0] || (cost[0] === bestCost[0] && cost[1] < bestCost[1])) {
          best = i;
          bestCost = cost;
        }
      }
      const [clip] = left.splice(best, 1);
      const { camera, subject } = clip!.identity;
      cameras.set(camera, (cameras.get(camera) ?? 0) + 1);
      subjects.set(subject, (subjects.get(subject) ?? 0) + 1);
      chosen.add(clip!);
    }
  }
  return clips.filter((clip) => chosen.has(clip));
}
