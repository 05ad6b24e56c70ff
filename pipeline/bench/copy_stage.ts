/**
 * The stage of the no-op graph: copies a file.
 *
 * @module
 */
import { z } from "zod";
import type { StageDefinition } from "../stage.ts";

/** Copies its input to its output. */
export const copy: StageDefinition = {
  name: "copy",
  summary: "Copies a file",
  params: z.strictObject({}),
  inputs: { file: { type: "text", summary: "The file", external: true } },
  outputs: { copy: { type: "text", summary: "Its copy" } },
  entry: new URL("./copy_entry.ts", import.meta.url).href,
  resources: { cores: 1, memoryMiB: 64 },
};
