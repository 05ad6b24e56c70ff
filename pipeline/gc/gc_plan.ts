/**
 * What a collection keeps and what it takes away, with the bytes of each.
 *
 * Things go in an order in which a collection that is killed leaves nothing that points at what is not
 * there: records first, then the listings of artifacts that no record names any more, then bytes that no
 * listing names, then all the rest. (Bytes of intermediates go while their records stay: a record
 * stands for its outputs' digests, and what needs the bytes has them computed again.) What a killed
 * collection leaves behind has no record, and the next one takes it.
 *
 * Bytes count as freed when the last name of theirs goes: a file of several artifacts is kept as long as
 * one of them is and counts once, and one that a stage at work has linked in counts for nothing.
 *
 * @module
 */
import type { StoreContents } from "./gc_contents.ts";
import type { GcRoot } from "./gc_roots.ts";
import { commonest, freedBytes, type KeptRow, keptRows, resultsOf } from "./gc_accounts.ts";
import { leftovers } from "./gc_leftovers.ts";
import type { StoredFile } from "../store/inventory.ts";
import type { Store } from "../store/store.ts";

/** Why something goes, as the report has it. */
export const REASONS = {
  superseded: "results that no root needs",
  intermediates: "bytes of intermediates; their records stay",
  differing: "second results, and what verify kept of differing ones",
  checkpoints: "checkpoints of attempts that no root goes on from",
  scratch: "other work left in scratch",
  orphans: "bytes and listings without a record",
  temporary: "temporary files of writers that ended",
  logs: "logs of results that are gone",
  closures: "listings of code that no result hangs on",
  runs: "older runs",
  damaged: "damaged files",
} as const;

/** Why something goes. */
export type Reason = keyof typeof REASONS;

/** A file that goes, or a folder with all in it. */
export interface Removal {
  /** Why it goes. */
  readonly reason: Reason;
  /** Its absolute path. */
  readonly path: string;
  /** The files that go with it. */
  readonly files: readonly StoredFile[];
}

/** What goes for a reason. */
export interface GoingRow {
  /** Why it goes. */
  readonly reason: Reason;
  /** Results, artifacts or files. */
  readonly count: number;
  /** Bytes that are freed. */
  readonly bytes: number;
  /** What most of it is, by types of stages, such as `pretrain (3), parse (1)`. */
  readonly what: string;
}

/** A collection that may be carried out. */
export interface CollectionPlan {
  /** For each root. */
  readonly kept: readonly KeptRow[];
  /** For each reason. */
  readonly going: readonly GoingRow[];
  /** In the order in which they go. */
  readonly removals: readonly Removal[];
  /** Seconds that it took to compute what goes with the intermediates. */
  readonly intermediateSeconds: number;
}

/** What a collection is planned from. */
export interface CollectionInput {
  /** The store. */
  readonly store: Store;
  /** What it holds of results. */
  readonly contents: StoreContents;
  /** What results are kept for; bytes count for the first that needs them. */
  readonly roots: readonly GcRoot[];
  /** What is remembered of runs that are no roots. */
  readonly oldRuns: readonly StoredFile[];
  /** Whether bytes of intermediates go. */
  readonly intermediates: boolean;
  /** The time by the clock of the disk, in milliseconds. */
  readonly now: number;
}

/** Plans a collection. */
export function planCollection(input: CollectionInput): CollectionPlan {
  const { contents, roots } = input;
  const wanted = wantedKeys(contents, roots);
  const whole = wholeArtifacts(input);
  const records: Removal[] = [];
  const trees: Removal[] = [];
  const blobs: Removal[] = [];
  const names = new Map<Reason, Map<string, number>>();
  const counts = new Map<Reason, number>();
  const count = (reason: Reason, what?: string) => {
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
    if (what === undefined) return;
    const own = names.get(reason) ?? new Map<string, number>();
    names.set(reason, own.set(what, (own.get(what) ?? 0) + 1));
  };

  const treesOf = new Map<string, Reason>();
  const keptTrees = new Set<string>(whole);
  let intermediateSeconds = 0;
  for (const { file, record } of contents.results.values()) {
    const digests = Object.values(record.outputs).map(({ digest }) => digest);
    if (!wanted.has(file.key)) {
      records.push({ reason: "superseded", path: file.path, files: [file] });
      count("superseded", record.manifest.stage);
      for (const digest of digests) setFirst(treesOf, digest, "superseded");
      continue;
    }
    let dropped = false;
    for (const [name, { digest }] of Object.entries(record.outputs)) {
      keptTrees.add(digest);
      if (whole.has(digest) || !hasAny(contents, digest)) continue;
      treesOf.set(digest, "intermediates");
      count("intermediates", `${record.manifest.stage}.${name}`);
      dropped = true;
    }
    if (dropped) intermediateSeconds += record.provenance.seconds;
  }
  for (const { file, record } of contents.others) {
    records.push({ reason: "differing", path: file.path, files: [file] });
    count("differing", record.manifest.stage);
    for (const { digest } of Object.values(record.outputs)) {
      setFirst(treesOf, digest, "differing");
    }
  }
  for (const file of contents.damaged) {
    records.push({ reason: "damaged", path: file.path, files: [file] });
    count("damaged");
  }

  const keptBlobs = new Set<string>();
  const blobReasons = new Map<string, Reason>();
  for (const [digest, { file, blobs }] of contents.trees) {
    const reason = treesOf.get(digest) ?? "orphans";
    if (!keptTrees.has(digest)) {
      trees.push({ reason, path: file.path, files: [file] });
      if (reason === "orphans") count(reason);
    }
    for (const blob of blobs) {
      if (whole.has(digest)) keptBlobs.add(blob);
      else setFirst(blobReasons, blob, reason);
    }
  }
  for (const [digest, file] of contents.blobs) {
    if (keptBlobs.has(digest)) continue;
    const reason = blobReasons.get(digest) ?? "orphans";
    blobs.push({ reason, path: file.path, files: [file] });
    if (reason === "orphans") count(reason);
  }

  const rest = leftovers(input, wanted);
  for (const { reason } of rest) count(reason);
  const removals = [...records, ...trees, ...blobs, ...rest];
  const freed = freedBytes(removals);
  return {
    kept: keptRows(contents, roots, wanted, whole),
    going: (Object.keys(REASONS) as Reason[]).flatMap((reason) => {
      const total = counts.get(reason) ?? 0;
      const bytes = freed.get(reason) ?? 0;
      if (total === 0 && bytes === 0) return [];
      return [{ reason, count: total, bytes, what: commonest(names.get(reason)) }];
    }),
    removals,
    intermediateSeconds,
  };
}

/** The keys of results that stay: those of the roots, and those that were accepted for them. */
function wantedKeys({ results }: StoreContents, roots: readonly GcRoot[]): Set<string> {
  const wanted = new Set<string>();
  for (const { keys } of roots) {
    for (const key of keys) {
      for (let next: string | undefined = key; next !== undefined && !wanted.has(next);) {
        wanted.add(next);
        next = results.get(next)?.record.accepted?.from;
      }
    }
  }
  return wanted;
}

/** Digests of the artifacts whose bytes stay. */
function wholeArtifacts({ contents, roots, intermediates }: CollectionInput): Set<string> {
  const whole = new Set<string>();
  for (const root of roots) {
    const own = resultsOf(contents, root);
    const consumed = new Set<string>();
    if (intermediates && !root.whole) {
      for (const { record } of own) {
        for (const digest of Object.values(record.manifest.inputs)) consumed.add(digest);
      }
    }
    for (const { record } of own) {
      for (const { digest } of Object.values(record.outputs)) {
        if (!consumed.has(`tree:${digest}`)) whole.add(digest);
      }
    }
    for (const digest of root.needed) whole.add(digest);
  }
  return whole;
}

function hasAny({ trees, blobs }: StoreContents, digest: string): boolean {
  return trees.get(digest)?.blobs.some((blob) => blobs.has(blob)) ?? false;
}

function setFirst(map: Map<string, Reason>, name: string, reason: Reason): void {
  if (!map.has(name)) map.set(name, reason);
}
