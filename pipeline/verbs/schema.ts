/**
 * `schema`: writes the JSON Schema of experiment files.
 *
 * @module
 */
import { UsageError } from "../usage_error.ts";
import type { Verb } from "../verb.ts";

/** Where the schema lies in the project. */
export const SCHEMA_FILE = new URL("../../docs/schema/experiment.schema.json", import.meta.url);

/** Writes the JSON Schema that editors check experiment files with. */
export const schema: Verb = {
  name: "schema",
  summary: "Write the JSON Schema of experiment files, for editors",
  arguments: [],
  options: {
    print: { kind: "flag", summary: "Print it instead of writing docs/schema/" },
  },
  example: "deno task schema",
  async run({ catalogue, flag, terminal }) {
    const { experimentJsonSchema } = await import("../experiment/experiment_json_schema.ts");
    const text = `${JSON.stringify(experimentJsonSchema(catalogue), undefined, 2)}\n`;
    if (flag("print")) {
      terminal.out(text);
      return 0;
    }
    const { PROJECT } = await import("../planning.ts");
    const { readBundleManifest } = await import("../bundle/bundle_manifest.ts");
    if (readBundleManifest(PROJECT)) {
      throw new UsageError(
        `${SCHEMA_FILE.pathname} is the schema of this bundle as it was made; another one takes the ` +
          `sources. --print shows it`,
      );
    }
    await Deno.mkdir(new URL("./", SCHEMA_FILE), { recursive: true });
    await Deno.writeTextFile(SCHEMA_FILE, text);
    terminal.err(`wrote ${SCHEMA_FILE.pathname}\n`);
    return 0;
  },
};
