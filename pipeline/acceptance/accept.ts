/**
 * Acceptances: a person's statements that an edit of code, another Deno or another driver changes
 * nothing, so that an earlier result is this action's too.
 *
 * Only what cannot be seen from outside may be stated: code (with its packages and compiler settings),
 * Deno's version, the class of device, the runner's salt. Other parameters or inputs are another
 * question, and their answer is never taken over. The new record says whose word it rests on; a later
 * `verify` computes the action and so confirms or refutes it.
 *
 * @module
 */
import { canonicalText } from "../fingerprint.ts";
import type { GraphNode } from "../graph.ts";
import { tryClaim } from "../running/lease.ts";
import type { ActionManifest } from "../manifest.ts";
import { type Difference, inOneLine } from "../explain/manifest_diff.ts";
import { digestsOf } from "../plan.ts";
import type { Planning, Resolved } from "../planning.ts";
import { storedRecords } from "../store/inventory.ts";
import type { ActionRecord } from "../store/record.ts";
import { whileUsing } from "../store_guard.ts";

/** What a person states. */
export interface Statement {
  /** Who states it, such as `Ada <ada@example.org>`. */
  readonly who: string;
  /** The reason, in the person's words. */
  readonly why: string;
}

/** What became of a stage. */
export interface AcceptedStage {
  /** Its id in the experiment. */
  readonly id: string;
  /** What became of it. */
  readonly state: "accepted" | "cached" | "refused";
  /** Absent where it is not known. */
  readonly key?: string;
  /** The action whose result was taken over. */
  readonly from?: string;
  /** What differs from that action, or from the nearest there is. */
  readonly differences: readonly string[];
  /** Why it was refused, in one sentence. */
  readonly reason?: string;
}

const MAY_DIFFER: ReadonlySet<Difference["kind"]> = new Set([
  "code",
  "packages",
  "settings",
  "deno",
  "device",
  "salt",
]);

/**
 * Accepts earlier results for stages of an experiment, in the order of the graph: each acceptance makes
 * the keys of what follows known.
 *
 * @param wanted Ids of the stages; all that are not cached where it is left out.
 * @returns What became of each stage that is wanted.
 * @throws {StoreError} If the store may only be read.
 */
export async function acceptStages(
  planning: Planning,
  statement: Statement,
  wanted?: ReadonlySet<string>,
): Promise<AcceptedStage[]> {
  const { store } = planning.options;
  await store.assertWritable();
  const earlier = new EarlierResults(planning);
  const records = new Map<string, ActionRecord>();
  const found: AcceptedStage[] = [];
  for (const node of planning.graph.nodes) {
    const { id } = node;
    const resolved = planning.resolve(node, (id) => digestsOf(records.get(id)));
    if (resolved?.record) records.set(id, resolved.record);
    if (wanted && !wanted.has(id)) continue;
    const row = await acceptStage(planning, node, resolved, statement, earlier);
    if (row.record) records.set(id, row.record);
    found.push(row.stage);
  }
  return found;
}

async function acceptStage(
  planning: Planning,
  node: GraphNode,
  resolved: Resolved | undefined,
  statement: Statement,
  earlier: EarlierResults,
): Promise<{ stage: AcceptedStage; record?: ActionRecord }> {
  const { id } = node;
  const refused = (reason: string, differences: readonly Difference[] = []) => ({
    stage: {
      id,
      state: "refused" as const,
      ...(resolved ? { key: resolved.key } : {}),
      differences: differences.map(({ text }) => text),
      reason,
    },
  });
  if (!resolved) return refused("a stage before it has no result yet, so its key is not known");
  const { key, manifest } = resolved;
  if (resolved.record) return { stage: { id, state: "cached", key, differences: [] } };
  const { store } = planning.options;
  const nearest = earlier.nearest(node, manifest);
  if (!nearest) {
    const miss = planning.misses.of(node, resolved);
    if (!miss.nearest) return refused("it was never computed, so there is no result to accept");
    return refused(
      `its earlier results differ in more than code, Deno, device or runner: ` +
        `${inOneLine(miss.differences.filter(({ kind }) => !MAY_DIFFER.has(kind)))}`,
      miss.differences,
    );
  }
  const lease = await tryClaim(store, key);
  if (!lease) return refused("another process computes it just now");
  try {
    const { record: { accepted: _, ...old }, differences } = nearest;
    const record: ActionRecord = {
      ...old,
      key,
      manifest,
      accepted: {
        from: old.key,
        who: statement.who,
        when: new Date().toISOString(),
        why: statement.why,
        differences: differences.map(({ text }) => text),
      },
    };
    await whileUsing(store, () => store.writeAction(record));
    const texts = record.accepted!.differences;
    return { stage: { id, state: "accepted", key, from: old.key, differences: texts }, record };
  } finally {
    await lease.release();
  }
}

/** The results of a store by all that may not differ; read when first asked for. */
class EarlierResults {
  readonly #planning: Planning;
  #results: Map<string, ActionRecord[]> | undefined;

  constructor(planning: Planning) {
    this.#planning = planning;
  }

  /** The result that may be accepted and differs least; of several, the latest. */
  nearest(
    node: GraphNode,
    manifest: ActionManifest,
  ): { record: ActionRecord; differences: readonly Difference[] } | undefined {
    this.#results ??= this.#read();
    return (this.#results.get(questionOf(manifest)) ?? [])
      .map((record) => ({
        record,
        differences: this.#planning.misses.between(record, manifest, node),
      }))
      .filter(({ differences }) => differences.every(({ kind }) => MAY_DIFFER.has(kind)))
      .sort((a, b) =>
        a.differences.length - b.differences.length ||
        (a.record.provenance.ended < b.record.provenance.ended ? 1 : -1)
      )[0];
  }

  #read(): Map<string, ActionRecord[]> {
    const results = new Map<string, ActionRecord[]>();
    for (const { file, record } of storedRecords(this.#planning.options.store)) {
      if (!file.main || !record?.manifest) continue;
      const question = questionOf(record.manifest);
      const known = results.get(question);
      if (known) known.push(record);
      else results.set(question, [record]);
    }
    return results;
  }
}

/** What an action answers, whoever computes it with whatever code. */
function questionOf({ stage, params, inputs, outputs }: ActionManifest): string {
  return canonicalText([stage, params, inputs, outputs]);
}
