/**
 * The figures of a step, kept on the device until they are worth a readback: each readback waits for
 * the device, so they are read together, once in many steps.
 *
 * @module
 */
import { stack, type Tensor, type Tensor1D } from "@tensorflow/tfjs-core";
import type { StepOutput } from "../model/model_types.ts";
import { fused } from "../tensor/fused.ts";
import { readTensors } from "../tensor/read_tensors.ts";

/** Figures of a step, in the order of their tensor. */
export const FIGURES = [
  "loss_z",
  "loss_s",
  "loss_ns",
  "positive_cosine_z",
  "negative_cosine_z",
  "positive_cosine_s",
  "negative_cosine_s",
  "positive_cosine_ns",
  "negative_cosine_ns",
] as const;

/** The figures of some steps, in the order of the steps. */
export interface StepFigures {
  /** Of each step, in the order of {@link FIGURES}. */
  readonly figures: readonly (readonly number[])[];
  /** The numbers of other tensors that were read with them. */
  readonly others: readonly Float32Array[];
}

/** Gathers figures on the device. */
export class FigureRing {
  /** Figures of all steps since the last readback, where the backend writes in place. */
  readonly #ring: Tensor1D | undefined;
  /** Those of each, where it does not. */
  #tensors: Tensor1D[] = [];
  #steps = 0;

  /** @param room Steps between two readbacks, at most. */
  constructor(room: number) {
    const own = fused().inPlace;
    if (own?.gather !== undefined) this.#ring = own.place(new Float32Array(room * FIGURES.length));
  }

  /** Steps that have not been read. */
  get steps(): number {
    return this.#steps;
  }

  /** Takes the figures of a step; what it left on the device stays as it is. */
  add(out: StepOutput): void {
    const { L_z, L_s, L_ns, positive: p, negative: n } = out;
    const figures = [L_z, L_s, L_ns, p.z, n.z, p.s, n.s, p.ns, n.ns];
    const ring = this.#ring;
    if (ring === undefined) this.#tensors.push(stack(figures) as Tensor1D);
    else fused().inPlace!.gather!(ring, figures, this.#steps * FIGURES.length);
    this.#steps++;
  }

  /** Reads all figures back at once, together with other tensors. */
  async read(others: readonly Tensor[]): Promise<StepFigures> {
    const tensors = this.#tensors;
    const steps = this.#steps;
    this.#tensors = [];
    this.#steps = 0;
    const own = this.#ring === undefined ? tensors : steps === 0 ? [] : [this.#ring];
    const values = await readTensors([...own, ...others]);
    for (const tensor of tensors) tensor.dispose();
    const all = values.slice(0, own.length).flatMap((numbers) => [...numbers]);
    const figures = Array.from(
      { length: steps },
      (_, i) => all.slice(i * FIGURES.length, (i + 1) * FIGURES.length),
    );
    return { figures, others: values.slice(own.length) };
  }

  /** Frees everything. */
  dispose(): void {
    for (const tensor of this.#tensors) tensor.dispose();
    this.#ring?.dispose();
  }
}
