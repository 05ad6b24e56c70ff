/**
 * A Worker that reads arrays of custom recordings.
 *
 * @module
 */
import { serveParsing } from "../parse_worker.ts";
import { customForm } from "./custom_form.ts";
import type { ParseCustomParams } from "./definition.ts";

serveParsing((params) => customForm(params as ParseCustomParams));
