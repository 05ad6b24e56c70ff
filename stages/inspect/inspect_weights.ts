/**
 * Looking into tensors by name: safetensors.
 *
 * @module
 */
import { decodeSafetensors } from "../formats/safetensors.ts";
import { type InspectedFile, LARGEST_WHOLE } from "./inspected_file.ts";
import { Findings } from "./inspection.ts";
import { ValueRange } from "./value_ranges.ts";

/** Tensors whose shapes are shown. */
const SHOWN = 8;

/** Looks into a `.safetensors` file. */
export async function inspectSafetensors(file: InspectedFile): Promise<Findings> {
  const findings = new Findings("tensors by name (.safetensors)");
  if ((file.size ?? 0) > LARGEST_WHOLE) {
    findings.notes.push("It is too large to be looked into.");
    return findings;
  }
  try {
    const { tensors, metadata } = decodeSafetensors(await file.bytes(), file.path);
    const shapes = [...tensors].map(([name, { shape }]) => ({ name, shape }));
    const numbers = [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
    findings.fact("tensors", tensors.size).fact(
      "numbers",
      numbers,
      numbers.toLocaleString("en-US"),
    );
    findings.fact(
      "shapes",
      Object.fromEntries(shapes.map(({ name, shape }) => [name, shape])),
      shapes.slice(0, SHOWN).map(({ name, shape }) => `${name} (${shape.join(", ")})`).join("\n") +
        (shapes.length > SHOWN ? `\nand ${shapes.length - SHOWN} more` : ""),
    );
    const all = new ValueRange();
    for (const [name, { data, dtype }] of tensors) {
      const range = new ValueRange();
      range.addAll(data);
      if (dtype === "F32") all.addAll(data);
      const bad = range.nan + range.infinite;
      if (bad > 0) findings.problem(`${name}: ${bad} of ${data.length} numbers are not finite`);
    }
    if (all.count > 0) findings.fact("values", [all.min, all.max], all.text());
    for (const [key, value] of Object.entries(metadata)) findings.fact(`says ${key}`, value);
  } catch (error) {
    findings.fault(error, file.path);
  }
  return findings;
}
