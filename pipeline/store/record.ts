/**
 * What the store remembers of an action that was computed. Types only.
 *
 * @module
 */
import type { ActionManifest } from "../manifest.ts";
import type { Facts } from "../stage.ts";
import type { InputBinding } from "../types.ts";

/** An output of an action. */
export interface OutputRecord {
  readonly type: string;
  /** Hex digest of the artifact's tree. */
  readonly digest: string;
  readonly bytes: number;
  readonly files: number;
}

/** How a result came about: information for people, no part of what the result is. */
export interface Provenance {
  /** Version of Deno and of its V8. */
  readonly deno: string;
  readonly v8: string;
  /** Operating system and architecture, such as `linux x86_64`. */
  readonly platform: string;
  readonly host: string;
  /** What the device said of itself, for a stage that computes on one. */
  readonly device?: Readonly<Record<string, unknown>>;
  /** The class of device that the run computed on, where some stage of its experiment does. */
  readonly runDevice?: string;
  /** ISO 8601, UTC. */
  readonly started: string;
  readonly ended: string;
  readonly seconds: number;
  /** Peak resident memory of the child process, where it was measured. */
  readonly peakMemoryMiB?: number;
  /** Attempts at this key so far, this one included. */
  readonly attempts: number;
  /** How the attempts before this one ended, in their order, as far as that is known. */
  readonly earlier?: readonly { readonly number: number; readonly ended: string }[];
  /** npm packages that its code reaches, by id. */
  readonly packages?: readonly string[];
  /** The checkout that it ran from; information only. */
  readonly git?: { readonly commit: string; readonly dirty: boolean };
  /** Where each input came from: a stage's output, or a path of the user's. */
  readonly sources?: Readonly<Record<string, InputBinding>>;
  /** Name of the experiment and id of the stage that computed it first. */
  readonly experiment: string;
  readonly stage: string;
}

/** A person's statement that another action's result is this one's too. */
export interface Acceptance {
  /** The action whose outputs were taken over. */
  readonly from: string;
  /** Who states it, such as `Ada <ada@example.org>`. */
  readonly who: string;
  /** ISO 8601, UTC. */
  readonly when: string;
  /** The reason, in the person's words. */
  readonly why: string;
  /** What differs between the two actions, one phrase each. */
  readonly differences: readonly string[];
}

/** A computed action. Identity is the key and the outputs' digests. */
export interface ActionRecord {
  readonly format: "action-record/1";
  readonly key: string;
  readonly manifest: ActionManifest;
  readonly outputs: Readonly<Record<string, OutputRecord>>;
  readonly metrics: Readonly<Record<string, number>>;
  /** What the stage stated of its outputs. */
  readonly facts: Readonly<Record<string, Facts>>;
  /**
   * `unread`: the stage never asked whether bad input is fatal, so the record holds either way;
   * `on` or `off`: it asked, and this was the answer.
   */
  readonly strict: "unread" | "on" | "off";
  readonly provenance: Provenance;
  /** Present where nothing was computed: a person stated that another action's result holds. */
  readonly accepted?: Acceptance;
}
