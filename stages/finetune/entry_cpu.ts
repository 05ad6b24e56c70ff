/**
 * The `finetune` stage on the `cpu` backend.
 *
 * @module
 */
import { onCpu } from "./on_cpu.ts";
import { finetune } from "./finetune.ts";

export default onCpu(finetune);
