/**
 * The verbs that the stages bring to the command line. Each imports its work only when it is called.
 *
 * @module
 */
import type { Verb } from "../../pipeline/verb.ts";
import { doctor } from "./doctor.ts";
import { inspect } from "./inspect.ts";
import { parity } from "./parity.ts";
import { synth } from "./synth.ts";

/** Verbs of the field, in the order in which help shows them. */
export const stageVerbs: readonly Verb[] = [synth, inspect, parity, doctor];
