/**
 * Where the module of NTU's Workers is, for the stage that starts them and for its definition, which must
 * name it.
 *
 * @module
 */

/** Its URL. */
export const NTU_WORKER = new URL("./ntu_worker.ts", import.meta.url).href;
