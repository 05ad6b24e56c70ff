/**
 * Looking into one file of any kind.
 *
 * @module
 */
import { fileKind } from "./file_kind.ts";
import { inspectNpy, inspectNpz } from "./inspect_array.ts";
import { inspectPickle } from "./inspect_pickle.ts";
import { inspectPkuLabels, inspectPkuSkeleton, inspectPkuSplits } from "./inspect_pku.ts";
import { inspectSkeletonText } from "./inspect_recording.ts";
import { inspectJson, inspectTable, inspectText } from "./inspect_text.ts";
import { inspectSafetensors } from "./inspect_weights.ts";
import type { InspectedFile } from "./inspected_file.ts";
import { Findings, type Looking } from "./inspection.ts";

/** Looks into a file. Archives in archives are named and left closed. */
export async function inspectFile(file: InspectedFile, looking: Looking): Promise<Findings> {
  let head: Uint8Array;
  try {
    head = await file.head();
  } catch (error) {
    const findings = new Findings("a file that cannot be read");
    findings.fault(error, file.path);
    return findings;
  }
  const { kind, hint } = fileKind(head, file.name);
  switch (kind) {
    case "npy":
      return await inspectNpy(file, looking);
    case "npz":
      return await inspectNpz(file, looking);
    case "safetensors":
      return await inspectSafetensors(file);
    case "pickle":
      return await inspectPickle(file, looking);
    case "json":
      return await inspectJson(file);
    case "skeleton":
      return await inspectSkeletonText(file);
    case "pku_skeleton":
      return await inspectPkuSkeleton(file, looking);
    case "pku_labels":
      return await inspectPkuLabels(file);
    case "pku_splits":
      return await inspectPkuSplits(file);
    case "table":
      return await inspectTable(file);
    case "text":
      return await inspectText(file);
    case "svg":
      return new Findings("a drawing (SVG)");
    case "torch":
      return unread(
        "a PyTorch file, which runs code when it is loaded: save its tensors as .safetensors",
      );
    case "zip":
      return unread("a zip archive inside another: unpack it to look into it", false);
    case "foreign":
      return unread(hint!);
    case "empty":
      return unread("an empty file");
    case "unknown":
      return unread("bytes of no kind that is known here");
  }
}

function unread(what: string, isProblem = true): Findings {
  const [name, ...rest] = what.split(": ");
  const findings = new Findings(name!);
  const advice = rest.join(": ");
  if (isProblem) {
    findings.problem(
      advice === "" ? "there is nothing that can be read" : `it is not read here; ${advice}`,
    );
  } else findings.notes.push(advice);
  return findings;
}
