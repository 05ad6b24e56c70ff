/**
 * The `supervised` stage on the `cpu` backend.
 *
 * @module
 */
import { onCpu } from "../finetune/on_cpu.ts";
import { supervised } from "./supervised.ts";

export default onCpu(supervised);
