/**
 * The verbs of the runner. Each imports its work only when it is called.
 *
 * @module
 */
import type { Verb } from "../verb.ts";
import { acceptVerb } from "./accept.ts";
import { diff } from "./diff.ts";
import { exportVerb } from "./export.ts";
import { gc } from "./gc.ts";
import { lineage } from "./lineage.ts";
import { log } from "./log.ts";
import { logs } from "./logs.ts";
import { planVerb } from "./plan.ts";
import { runVerb } from "./run.ts";
import { schema } from "./schema.ts";
import { verifyVerb } from "./verify.ts";
import { why } from "./why.ts";

/** Verbs of the runner, in the order in which help shows them. */
export const pipelineVerbs: readonly Verb[] = [
  runVerb,
  planVerb,
  why,
  log,
  diff,
  lineage,
  verifyVerb,
  acceptVerb,
  gc,
  logs,
  exportVerb,
  schema,
];
