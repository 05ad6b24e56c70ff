/**
 * How a result came about, gathered when it is published: information for people, no part of what the
 * result is.
 *
 * @module
 */
import { earlierAttempts } from "./attempt_history.ts";
import type { Checkout } from "./checkout.ts";
import type { ClosureListing } from "../code_closure.ts";
import type { Computation } from "./computation.ts";
import type { GraphNode } from "../graph.ts";
import type { Planning } from "../planning.ts";
import { logPath } from "./scratch.ts";
import type { Provenance, Store } from "../store/store.ts";

/** Package ids by store and code digest: many stages have the same code. */
const packagesByCode = new WeakMap<Store, Map<string, readonly string[]>>();

/**
 * The provenance of a result.
 *
 * @param key The name that the attempt's logs have.
 * @param attempt The attempt's number.
 */
export function provenanceOf(
  planning: Planning,
  node: GraphNode,
  key: string,
  attempt: number,
  { outcome, started, ended }: Pick<Computation, "outcome" | "started" | "ended">,
  git: Checkout | undefined,
): Provenance {
  const { store } = planning.options;
  const device = planning.deviceOf(node);
  const peak = outcome.status === "done" ? outcome.peakMemoryMiB : undefined;
  const packages = packagesOf(store, planning.closure(node).digest);
  const earlier = earlierAttempts((number) => logPath(store, key, number), attempt);
  return {
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    platform: `${Deno.build.os} ${Deno.build.arch}`,
    host: Deno.hostname(),
    ...(device ? { device: { ...device } } : {}),
    ...(planning.device ? { runDevice: planning.device.class } : {}),
    started: started.toISOString(),
    ended: ended.toISOString(),
    seconds: (ended.getTime() - started.getTime()) / 1000,
    ...(peak === undefined ? {} : { peakMemoryMiB: peak }),
    attempts: attempt,
    ...(earlier.length > 0 ? { earlier } : {}),
    ...(packages.length > 0 ? { packages } : {}),
    ...(git ? { git } : {}),
    sources: node.instance.inputs,
    experiment: planning.graph.experiment.name,
    stage: node.id,
  };
}

function packagesOf(store: Store, code: string): readonly string[] {
  let known = packagesByCode.get(store);
  if (!known) packagesByCode.set(store, known = new Map());
  let packages = known.get(code);
  if (!packages) {
    try {
      packages = Object.keys(store.readClosure<ClosureListing>(code)?.packages ?? {}).sort();
    } catch {
      packages = []; // A damaged listing takes no result down with it.
    }
    known.set(code, packages);
  }
  return packages;
}
