/**
 * The sources of the kernels as texts, so that they count in the code of the stage that compiles them.
 *
 * @module
 */
import attention from "./assembly/attention.ts" with { type: "text" };
import augment from "./assembly/augment.ts" with { type: "text" };
import batchNorm from "./assembly/batch_norm.ts" with { type: "text" };
import batchNormGradient from "./assembly/batch_norm_gradient.ts" with { type: "text" };
import bits from "./assembly/bits.ts" with { type: "text" };
import blockMoments from "./assembly/block_moments.ts" with { type: "text" };
import columnPanels from "./assembly/column_panels.ts" with { type: "text" };
import dropoutMask from "./assembly/dropout_mask.ts" with { type: "text" };
import elementwise from "./assembly/elementwise.ts" with { type: "text" };
import exp from "./assembly/exp.ts" with { type: "text" };
import flat from "./assembly/flat.ts" with { type: "text" };
import graphConv from "./assembly/graph_conv.ts" with { type: "text" };
import graphConvGradient from "./assembly/graph_conv_gradient.ts" with { type: "text" };
import infoNce from "./assembly/info_nce.ts" with { type: "text" };
import joined from "./assembly/joined.ts" with { type: "text" };
import kernels from "./assembly/kernels.ts" with { type: "text" };
import layerNorm from "./assembly/layer_norm.ts" with { type: "text" };
import madd from "./assembly/madd.ts" with { type: "text" };
import memory from "./assembly/memory.ts" with { type: "text" };
import minimalFilter from "./assembly/minimal_filter.ts" with { type: "text" };
import moments from "./assembly/moments.ts" with { type: "text" };
import outerTile from "./assembly/outer_tile.ts" with { type: "text" };
import pack from "./assembly/pack.ts" with { type: "text" };
import panels from "./assembly/panels.ts" with { type: "text" };
import partialSums from "./assembly/partial_sums.ts" with { type: "text" };
import permute from "./assembly/permute.ts" with { type: "text" };
import pool from "./assembly/pool.ts" with { type: "text" };
import product from "./assembly/product.ts" with { type: "text" };
import productTile from "./assembly/product_tile.ts" with { type: "text" };
import scaledRows from "./assembly/scaled_rows.ts" with { type: "text" };
import sigmoid from "./assembly/sigmoid.ts" with { type: "text" };
import temporalConv from "./assembly/temporal_conv.ts" with { type: "text" };
import temporalConvGradient from "./assembly/temporal_conv_gradient.ts" with { type: "text" };
import threefry from "./assembly/threefry.ts" with { type: "text" };
import tile from "./assembly/tile.ts" with { type: "text" };
import update from "./assembly/update.ts" with { type: "text" };
import weights from "./assembly/weights.ts" with { type: "text" };
import wideProduct from "./assembly/wide_product.ts" with { type: "text" };
import wideTile from "./assembly/wide_tile.ts" with { type: "text" };
import winogradConv from "./assembly/winograd_conv.ts" with { type: "text" };
import winogradGradient from "./assembly/winograd_gradient.ts" with { type: "text" };
import winogradPanels from "./assembly/winograd_panels.ts" with { type: "text" };
import type { KernelSources } from "./compile_kernels.ts";

/** All sources by file name. */
export const KERNEL_SOURCES: KernelSources = {
  "attention.ts": attention,
  "augment.ts": augment,
  "batch_norm.ts": batchNorm,
  "batch_norm_gradient.ts": batchNormGradient,
  "bits.ts": bits,
  "block_moments.ts": blockMoments,
  "column_panels.ts": columnPanels,
  "dropout_mask.ts": dropoutMask,
  "elementwise.ts": elementwise,
  "exp.ts": exp,
  "flat.ts": flat,
  "graph_conv.ts": graphConv,
  "graph_conv_gradient.ts": graphConvGradient,
  "info_nce.ts": infoNce,
  "joined.ts": joined,
  "kernels.ts": kernels,
  "layer_norm.ts": layerNorm,
  "madd.ts": madd,
  "memory.ts": memory,
  "minimal_filter.ts": minimalFilter,
  "moments.ts": moments,
  "outer_tile.ts": outerTile,
  "pack.ts": pack,
  "panels.ts": panels,
  "partial_sums.ts": partialSums,
  "permute.ts": permute,
  "pool.ts": pool,
  "product.ts": product,
  "product_tile.ts": productTile,
  "scaled_rows.ts": scaledRows,
  "sigmoid.ts": sigmoid,
  "temporal_conv.ts": temporalConv,
  "temporal_conv_gradient.ts": temporalConvGradient,
  "threefry.ts": threefry,
  "tile.ts": tile,
  "update.ts": update,
  "weights.ts": weights,
  "wide_product.ts": wideProduct,
  "wide_tile.ts": wideTile,
  "winograd_conv.ts": winogradConv,
  "winograd_gradient.ts": winogradGradient,
  "winograd_panels.ts": winogradPanels,
};
