/**
 * The `semi_supervised` stage on the `cpu` backend.
 *
 * @module
 */
import { onCpu } from "../finetune/on_cpu.ts";
import { semiSupervised } from "./semi_supervised.ts";

export default onCpu(semiSupervised);
