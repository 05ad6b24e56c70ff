/**
 * `synth DIR --scale ntu60`: as many recordings as a published data set has.
 *
 * @module
 */
import type { Call } from "../../pipeline/verb.ts";
import type { NtuScale } from "../synth/ntu_grid.ts";
import { PKU_SCALES, pkuScaleProblem, writePkuScale } from "./synth_pku_scale.ts";

/** Options that the scale decides, so that they cannot be given with it. */
const DECIDED = ["actions", "performers", "cameras", "replications"];

const NTU_SCALES: readonly string[] = ["ntu60", "ntu120"] satisfies readonly NtuScale[];
const SCALES = [...NTU_SCALES, ...PKU_SCALES];

/** Why the options do not go together, or undefined. */
export function scaleProblem(call: Call): string | undefined {
  const scale = call.value("scale");
  if (scale === undefined) {
    return call.flag("archives") ? "--archives: expected with --scale only" : undefined;
  }
  if (!SCALES.includes(scale)) {
    return `--scale: expected one of ${SCALES.join(", ")}, found ${JSON.stringify(scale)}`;
  }
  const given = DECIDED.filter((name) => call.value(name) !== undefined);
  return given.length === 0
    ? PKU_SCALES.includes(scale) ? pkuScaleProblem(call) : undefined
    : `--${given[0]}: not with --scale, which decides it; leave it out`;
}

/**
 * Writes recordings of full scale.
 *
 * @param params Of `synth`, as far as they were given.
 * @param progress Told after every recording.
 * @returns The exit status.
 */
export async function writeFullScale(
  call: Call,
  params: Readonly<Record<string, unknown>>,
  progress: (done: number, total: number) => void,
): Promise<number> {
  if (PKU_SCALES.includes(call.value("scale")!)) return await writePkuScale(call, params, progress);
  const { megabytes, planScale, roomFault, writeScale } = await import("../synth/write_scale.ts");
  const folder = call.args.DIR!;
  const { terminal } = call;
  const { setups = 32, ...rest } = params;
  const plan = planScale(
    call.value("scale") as NtuScale,
    call.flag("archives"),
    setups as number,
    rest,
  );
  const fault = await roomFault(folder, plan);
  if (fault !== undefined) {
    terminal.err(`synth: ${fault}\n`);
    return 2;
  }
  const [shortest, longest] = plan.params.frames;
  terminal.err(
    `${plan.names.length} recordings of ${shortest} to ${longest} frames: about ` +
      `${megabytes(plan.text)} of text, ${megabytes(plan.disk)} on the disk\n`,
  );
  const written = await writeScale(folder, plan, progress);
  const { files, frames, bytes } = written;
  terminal.out(
    call.flag("json")
      ? `${JSON.stringify({ folder, ...written }, undefined, 2)}\n`
      : `${files} recordings, ${frames} frames, ${megabytes(bytes)} of text: ${folder}\n`,
  );
  return 0;
}
