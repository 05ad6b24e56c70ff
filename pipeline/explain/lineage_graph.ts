/**
 * A lineage as a graph of artifacts, results and raw files. Types only.
 *
 * @module
 */
import type { Verdict } from "../verify/kept_verification.ts";
import type { ActionManifest } from "../manifest.ts";
import type { ActionRecord, Provenance } from "../store/record.ts";

/** Bytes that a stage yielded. */
export interface ArtifactNode {
  /** Tells the nodes apart. */
  readonly kind: "artifact";
  /** Unique in the lineage. */
  readonly id: string;
  /** Hex digest of its tree. */
  readonly digest: string;
  /** `STAGE.OUTPUT` of the result that it is said to come from here; absent where none is known. */
  readonly name?: string;
  /** The type of artifact. */
  readonly type?: string;
  /** The sum of the sizes of its files. */
  readonly bytes?: number;
  /** Keys of other results that yielded the same bytes. */
  readonly others: readonly string[];
}

/** A result. */
export interface ActionNode {
  /** Tells the nodes apart. */
  readonly kind: "action";
  /** Unique in the lineage. */
  readonly id: string;
  /** Hex action key. */
  readonly key: string;
  /** What it was computed from. */
  readonly manifest: ActionManifest;
  /** How it was computed. */
  readonly provenance: Provenance;
  /** A person stated that another action's result is this one's too. */
  readonly accepted?: ActionRecord["accepted"];
  /** The class of device that took it, where it was computed on another. */
  readonly takenBy?: string;
  /** How its recomputations came out, where it was verified. */
  readonly verified?: Verdict;
}

/** A file or folder of the user's. */
export interface RawNode {
  /** Tells the nodes apart. */
  readonly kind: "raw";
  /** Unique in the lineage. */
  readonly id: string;
  /** With `file:` or `tree:` before it. */
  readonly digest: string;
  /** What it was called then; absent where the record does not say. */
  readonly path?: string;
}

/** A node of a lineage. */
export type LineageNode = ArtifactNode | ActionNode | RawNode;

/** From what came to be, to what it came from. */
export interface LineageEdge {
  /** The id of what came to be. */
  readonly from: string;
  /** The id of what it came from. */
  readonly to: string;
  /** An artifact is *made by* an action, which *takes* inputs, or stands for one that was *accepted*. */
  readonly kind: "made by" | "takes" | "accepted";
  /** Of the output or input. */
  readonly name: string;
}

/** Where an artifact came from. */
export interface Lineage {
  /** The id of the artifact's node. */
  readonly root: string;
  /** By id. */
  readonly nodes: ReadonlyMap<string, LineageNode>;
  /** By the id of the node that they start at. */
  readonly edges: ReadonlyMap<string, readonly LineageEdge[]>;
}
