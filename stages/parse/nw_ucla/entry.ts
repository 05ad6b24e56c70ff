/**
 * Runs the stage `parse_nw_ucla`.
 *
 * @module
 */
import type { StageContext } from "../../../pipeline/stage.ts";
import { NW_UCLA_CLASS_NAMES } from "../../formats/nw_ucla_name.ts";
import { parseRecordings } from "../parse_recordings.ts";
import type { ParseNwUclaParams } from "./definition.ts";
import { nwUclaForm } from "./nw_ucla_form.ts";

/** Reads the input `recordings` and writes the output `raw`. */
export default async function parseNwUcla(ctx: StageContext<ParseNwUclaParams>): Promise<void> {
  await parseRecordings(ctx, {
    form: nwUclaForm(ctx.params.bodies),
    perClass: ctx.params.per_class,
    classes: () =>
      Promise.resolve({
        classes: NW_UCLA_CLASS_NAMES.length,
        class_names: NW_UCLA_CLASS_NAMES,
      }),
  });
}
