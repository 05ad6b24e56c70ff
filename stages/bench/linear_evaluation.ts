/**
 * How long a linear evaluation takes on features that are kept, beside the way of a peer that encodes all
 * clips again in every epoch.
 *
 * @module
 */
import type { Measurement } from "../../pipeline/bench/suite.ts";
import { median } from "../statistics/median.ts";
import { SgdProbe } from "../linear_eval/sgd_probe.ts";
import { randomStream } from "../random.ts";

const CLIPS = 40_000;
const COLUMNS = 256;
const CLASSES = 60;
const EPOCHS = 150;
/** Seconds that it may take. */
const GOAL = 30;

/**
 * Trains the released probe on made-up features once.
 *
 * @param measured Among which a peer's rates of evaluation are looked for.
 */
export function linearEvaluation(
  measured: readonly Measurement[],
  say: (line: string) => void,
): { measurement: Measurement; note: string } {
  const values = new Float32Array(CLIPS * COLUMNS);
  randomStream(1, "bench/features").fillNormal(values, 0, 1);
  const labels = Int32Array.from({ length: CLIPS }, (_, clip) => clip % CLASSES);
  const data = { features: { rows: CLIPS, columns: COLUMNS, values }, labels, classes: CLASSES };
  const train = labels.map((_, clip) => clip);
  const begun = performance.now();
  const probe = new SgdProbe(data, train, { seed: 1, lr: 3, milestones: [60, 100], batch: 128 });
  for (let epoch = 1; epoch <= EPOCHS; epoch++) {
    probe.trainEpoch();
    if (epoch % 50 === 0) say(`linear evaluation: ${epoch} epochs`);
  }
  const seconds = (performance.now() - begun) / 1000;
  const name = `linear evaluation of ${CLIPS} clips x ${COLUMNS}, ${EPOCHS} epochs`;
  const ways = measured
    .filter(({ by, name }) => by !== "skelrun" && name.endsWith(": evaluation"))
    .map(({ name, values }) => {
      const again = EPOCHS * CLIPS / median(values);
      return `${name.split(" ")[0]} ${Math.round(again / seconds)} x (${
        (again / 3600).toFixed(1)
      } h)`;
    });
  const beside = ways.length === 0
    ? "no peer was measured"
    : `encoding in every epoch as the peer would takes, encoding alone, ${ways.join(", ")}`;
  return {
    measurement: { name, unit: "s", by: "skelrun", values: [seconds], goal: GOAL },
    note: `${name}: ${beside}`,
  };
}
