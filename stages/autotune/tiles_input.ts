/**
 * What the definitions of stages on the `webgpu` backend have in common: the input for its tiles.
 *
 * @module
 */
import type { InputPort } from "../../pipeline/stage.ts";
import { autotune } from "./definition.ts";

/** The tile table, supplied by the runner on the `webgpu` backend. */
export const TILES_INPUT: InputPort = {
  type: "tiles",
  summary: "Tiles of matrix products, as measured on the GPU; supplied where one is in use",
  optional: true,
  supplied: { by: autotune, output: "tiles", on: ["webgpu"] },
};
