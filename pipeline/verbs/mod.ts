/**
 * The verbs of the runner. Each imports its work only when it is called.
 *
 * @module
 */
import type { Verb } from "../verb.ts";
import { schema } from "./schema.ts";

/** Verbs of the runner, in the order in which help shows them. */
export const pipelineVerbs: readonly Verb[] = [schema];
