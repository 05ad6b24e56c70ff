/**
 * Where the module of PKU-MMD's Workers is, for the stage that starts them and for its definition, which
 * must name it.
 *
 * @module
 */

/** Its URL. */
export const PKU_WORKER = new URL("./pku_worker.ts", import.meta.url).href;
