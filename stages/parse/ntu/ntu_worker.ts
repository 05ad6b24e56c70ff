/**
 * A Worker that parses NTU RGB+D recordings.
 *
 * @module
 */
import { serveParsing } from "../parse_worker.ts";
import type { ParseNtuParams } from "./definition.ts";
import { ntuForm } from "./ntu_form.ts";

serveParsing((params) => ntuForm(params as ParseNtuParams));
