/**
 * The cached stages that a run would compute again: their results are known, but the bytes are gone
 * from the store, and a stage that is not cached needs them.
 *
 * @module
 */
import type { Plan } from "../plan.ts";

/**
 * Finds them. Looks only at the inputs of stages that are not cached, and on from there; where all is
 * cached nothing is looked at, since nobody needs the bytes.
 *
 * @returns By the id of a stage that runs again, the first stage that needs it.
 */
export function runAgain({ planning, stages }: Plan): Map<string, string> {
  const byId = new Map(stages.map((stage) => [stage.node.id, stage]));
  const here = new Map<string, boolean>();
  const hasBytes = (digest: string) => {
    if (!here.has(digest)) here.set(digest, planning.options.store.hasBytes(digest));
    return here.get(digest)!;
  };
  const again = new Map<string, string>();
  const open = stages.flatMap(({ node, state }) => state === "cached" ? [] : [node]);
  // Grows as it is walked: a stage that runs again needs its own inputs' bytes.
  for (const node of open) {
    for (const { binding } of node.inputs) {
      if (binding.kind !== "output" || again.has(binding.stage)) continue;
      const source = byId.get(binding.stage)!;
      if (!source.record || hasBytes(source.record.outputs[binding.output]!.digest)) continue;
      again.set(binding.stage, node.id);
      open.push(source.node);
    }
  }
  return again;
}
