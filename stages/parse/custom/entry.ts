/**
 * Runs the stage `parse_custom`.
 *
 * @module
 */
import type { StageContext } from "../../../pipeline/stage.ts";
import type { ParseCustomParams } from "./definition.ts";
import { parseCustomRecordings } from "./parse_custom.ts";

/** Reads the input `recordings` and writes the output `raw`. */
export default async function parseCustom(ctx: StageContext<ParseCustomParams>): Promise<void> {
  await parseCustomRecordings(ctx);
}
