/**
 * Where the module of the Workers for custom recordings is, for the stage that starts them and for its
 * definition, which must name it.
 *
 * @module
 */

/** Its URL. */
export const CUSTOM_WORKER = new URL("./custom_worker.ts", import.meta.url).href;
