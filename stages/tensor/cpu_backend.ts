/**
 * The `cpu` backend: stock tfjs, on one thread.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import type { StartedBackend } from "./backend.ts";

/** Makes the CPU compute whatever follows. */
export async function startCpu(): Promise<StartedBackend> {
  tf.enableProdMode();
  await tf.setBackend("cpu");
  await tf.ready();
  return { name: "cpu", device: "cpu", software: false };
}
