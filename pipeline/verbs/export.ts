/**
 * `export`: copies the files of a stage's outputs out of the store.
 *
 * @module
 */
import { bytes } from "../screen/duration.ts";
import { didYouMean, listed } from "../suggest.ts";
import type { OutputSummary } from "../types.ts";
import { UsageError } from "../usage_error.ts";
import type { Verb } from "../verb.ts";
import { JSON_OPTION, STORE_OPTION } from "./options.ts";

/** Copies results out of the store. */
export const exportVerb: Verb = {
  name: "export",
  summary: "Copy the files of a stage's outputs out of the store",
  arguments: [
    {
      name: "STAGE",
      summary: "the stage's name in its experiment, or STAGE.OUTPUT for one output",
    },
    { name: "DIR", summary: "a folder that is new or empty; each output of several gets its own" },
  ],
  options: {
    experiment: {
      kind: "value",
      value: "FILE",
      summary: "The experiment file (default: the experiment that ran last)",
    },
    variant: { kind: "value", value: "NAME", summary: "The variant of the experiment" },
    ...STORE_OPTION,
    ...JSON_OPTION,
  },
  example: "deno task export table results --experiment experiments/demo.yaml",
  async run(call) {
    const folder = call.args.DIR!;
    const { rememberedStage } = await import("./remembered_stage.ts");
    const { whileUsing } = await import("../store_guard.ts");
    const { run, stage, store, output: wanted } = await rememberedStage(
      call,
      call.args.STAGE!,
      call.value("experiment"),
      true,
    );
    const { id } = stage;
    if (stage.outputs.length === 0) {
      call.terminal.err(
        `export: ${id} of ${run.experiment} has no outputs: it ${stage.status} in the last run` +
          `${stage.reason === undefined ? "" : ` (${stage.reason})`}\n`,
      );
      return 1;
    }
    const names = stage.outputs.map(({ name }) => name);
    if (wanted !== undefined && !names.includes(wanted)) {
      throw new UsageError(
        `stage ${id} has no output ${JSON.stringify(wanted)}${didYouMean(wanted, names) || "."} ` +
          `Its outputs: ${listed(names)}`,
      );
    }
    const outputs = stage.outputs.filter(({ name }) => wanted === undefined || name === wanted);
    const place = ({ name }: OutputSummary) => outputs.length === 1 ? folder : `${folder}/${name}`;
    for (const output of outputs) {
      await whileUsing(store, () => store.exportTree(output.digest, place(output)));
      call.terminal.err(
        `${id}.${output.name} (${output.type}, ${bytes(output.bytes)}) -> ${place(output)}\n`,
      );
    }
    if (call.flag("json")) {
      const exported = outputs.map((output) => ({ ...output, folder: place(output) }));
      call.terminal.out(`${JSON.stringify({ stage: id, outputs: exported }, undefined, 2)}\n`);
    }
    return 0;
  },
};
