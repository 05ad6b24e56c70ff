/**
 * Looking into one raw recording: NTU RGB+D's text, Northwestern-UCLA's JSON.
 *
 * @module
 */
import { counted } from "../formats/counted.ts";
import { NTU_NAME_FORM, parseNtuName } from "../formats/ntu_name.ts";
import { NW_UCLA_JOINTS, readNwUclaJson } from "../formats/nw_ucla_json.ts";
import { NW_UCLA_NAME_FORM, parseNwUclaName } from "../formats/nw_ucla_name.ts";
import { readSkeletonRecords } from "../formats/skeleton_records.ts";
import { firstListed } from "../formats/skeleton_text.ts";
import { JOINTS } from "../skeleton/joints.ts";
import type { InspectedFile } from "./inspected_file.ts";
import { Findings } from "./inspection.ts";
import { framesFirst, stripClip } from "./skeleton_strip.ts";
import { CoordinateRanges } from "./value_ranges.ts";

/** The joint of the first Kinect that stands for each of the 25 in a picture. */
const OF_KINECT_V1: readonly number[] = [
  ...Array.from({ length: NW_UCLA_JOINTS }, (_, joint) => joint),
  ...[2, 7, 7, 11, 11],
];

const BODY = JOINTS * 3;

/** Bodies of a frame that are drawn. */
const DRAWN_BODIES = 4;

/** Looks into a `.skeleton` file. */
export async function inspectSkeletonText(file: InspectedFile): Promise<Findings> {
  const findings = new Findings("an NTU RGB+D recording (.skeleton text)");
  tellNtuName(findings, file.name);
  const bytes = await file.bytes();
  try {
    const recording = readSkeletonRecords(bytes, file.path);
    const { frames, records, frameOf, positions, bodyIds, nonFiniteColumns } = recording;
    const perFrame = new Int32Array(frames);
    for (const frame of frameOf) perFrame[frame]!++;
    const most = perFrame.reduce((a, b) => Math.max(a, b), 0);
    const without = perFrame.reduce((count, bodies) => count + (bodies === 0 ? 1 : 0), 0);
    const bodiesText = `${counted(bodyIds.length, "body", "bodies")} by ID, at most ${most} in a ` +
      `frame, ${counted(records, "record")}`;
    findings.fact("frames", frames)
      .fact("bodies", { ids: bodyIds.length, most_in_a_frame: most, records }, bodiesText)
      .fact("frames without a body", without);
    const ranges = new CoordinateRanges();
    ranges.add(positions, BODY);
    ranges.tell(findings, " m");
    if (nonFiniteColumns > 0) {
      findings.notes.push(
        `${counted(nonFiniteColumns, "number")} of columns that nothing reads (depth, colour, ` +
          "orientation) are not finite.",
      );
    }
    if (most > 2) findings.notes.push("More than two bodies: by default the first two are kept.");
    if (records === 0) findings.problem(`no frame has a body (${counted(frames, "frame")})`);
    else {
      tellGaps(findings, perFrame);
      const shown = Math.max(1, Math.min(most, DRAWN_BODIES));
      const strip = stripClip(
        file.name.replace(/\.skeleton$/i, ""),
        [counted(frames, "frame"), counted(bodyIds.length, "body", "bodies")],
        { frames, bodies: shown },
        framesFirst(firstListed(recording, shown), shown),
      );
      if (strip !== undefined) findings.figures.push(strip);
    }
  } catch (error) {
    findings.fault(error, file.path);
  }
  return findings;
}

function tellNtuName(findings: Findings, file: string): void {
  const name = file.replace(/\.skeleton$/i, "");
  const parsed = parseNtuName(name);
  if (parsed === undefined) {
    findings.notes.push(`Its name is not of NTU's form (${NTU_NAME_FORM}).`);
    return;
  }
  const { action, performer, camera, setup, replication } = parsed;
  findings.fact(
    "name says",
    parsed,
    `action ${action}, performer ${performer}, camera ${camera}, setup ${setup}, replication ` +
      `${replication}`,
  );
}

function tellGaps(findings: Findings, perFrame: Int32Array): void {
  const first = perFrame.findIndex((bodies) => bodies > 0);
  const last = perFrame.findLastIndex((bodies) => bodies > 0);
  if (first > 0) findings.notes.push(`The first body comes in frame ${first + 1}.`);
  const gaps = perFrame.subarray(first, last + 1).reduce((n, bodies) => n + (bodies ? 0 : 1), 0);
  if (gaps > 0) {
    findings.notes.push(
      `${counted(gaps, "frame")} between the first and the last body ${
        gaps === 1 ? "has" : "have"
      } none.`,
    );
  }
}

/** Looks into a JSON file of Northwestern-UCLA. */
export async function inspectNwUcla(file: InspectedFile): Promise<Findings> {
  const findings = new Findings("a Northwestern-UCLA recording (JSON, 20 joints of Kinect v1)");
  const parsed = parseNwUclaName(file.name.replace(/\.json$/i, ""));
  if (parsed === undefined) {
    findings.notes.push(`Its name is not of the form ${NW_UCLA_NAME_FORM}.`);
  } else {
    const { action, subject, episode, view } = parsed;
    findings.fact(
      "name says",
      parsed,
      `action ${action}, subject ${subject}, episode ${episode}, view ${view}`,
    );
  }
  try {
    const { frames, positions, label, fileName } = readNwUclaJson(await file.bytes(), file.path);
    findings.fact("frames", frames).fact("label", label, `${label} (from 1)`);
    const ranges = new CoordinateRanges();
    ranges.add(positions, NW_UCLA_JOINTS * 3);
    findings.fact("frames without a body", ranges.slots - ranges.bodies);
    ranges.tell(findings);
    if (fileName !== undefined && fileName !== file.name.replace(/\.json$/i, "")) {
      findings.notes.push(`It calls itself ${fileName}.`);
    }
    const strip = stripClip(
      file.name.replace(/\.json$/i, ""),
      [counted(frames, "frame"), `label ${label}`],
      { frames, bodies: 1 },
      (t, _, v, c) => positions[(t * NW_UCLA_JOINTS + OF_KINECT_V1[v]!) * 3 + c]!,
    );
    if (strip === undefined) findings.problem(`no frame has a body (${counted(frames, "frame")})`);
    else findings.figures.push(strip);
  } catch (error) {
    findings.fault(error, file.path);
  }
  return findings;
}
