/**
 * The `transfer` stage on the `cpu` backend.
 *
 * @module
 */
import { onCpu } from "../finetune/on_cpu.ts";
import { transfer } from "./transfer.ts";

export default onCpu(transfer);
