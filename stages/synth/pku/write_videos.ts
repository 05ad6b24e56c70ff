/**
 * Writes synthetic long videos with their label and split files into a folder, as published.
 *
 * @module
 */
import { writeJson } from "../../formats/json_text.ts";
import { formatPkuName, pkuClipName } from "../../formats/pku_name.ts";
import { randomStream } from "../../random.ts";
import { NumberWriter } from "../number_writer.ts";
import { Studio } from "../studio.ts";
import type { Written } from "../write_recordings.ts";
import type { SynthPkuParams } from "./definition.ts";
import { type Segment, segments } from "./long_video.ts";
import { actionsTruth, type VideoTruth } from "./truth.ts";
import { programme, type ProgrammedVideo } from "./programme.ts";

/** Where the files of each part are: the published names. */
export const PKU_FOLDERS = {
  1: {
    skeletons: "Data/PKU_Skeleton_Renew",
    labels: "Label/Train_Label_PKU_final",
    xsub: "Split/cross-subject.txt",
    xview: "Split/cross-view.txt",
  },
  2: {
    skeletons: "Data/Skeleton_v2",
    labels: "Label/Label_PKUMMD_v2",
    xsub: "Split/cross_subject_v2.txt",
    xview: "Split/cross_view_v2.txt",
  },
} as const;

/** A second body that is not there: 75 zeros. */
const BODY_VALUES = 75;
const SLOTS = 2;

/** What of the parameters makes the studio. */
export function studioOf(params: SynthPkuParams): Studio {
  return new Studio({ ...params, setups: params.sequences, replications: 1, passers_by: 0 });
}

/**
 * Makes all videos.
 *
 * @param folder Must exist.
 * @param progress Told after every video; may throw to stop.
 * @param programmed What happens in which video; left out: as the parameters say.
 */
export async function writeVideos(
  folder: string,
  params: SynthPkuParams,
  progress: (done: number, total: number) => void | Promise<void>,
  programmed: readonly ProgrammedVideo[] = programme(params),
): Promise<Written & { readonly clips: number }> {
  const at = PKU_FOLDERS[params.part];
  for (const inside of [at.skeletons, at.labels, "Split"]) {
    await Deno.mkdir(`${folder}/${inside}`, { recursive: true });
  }
  const studio = studioOf(params);
  const videos: VideoTruth[] = [];
  const written = { files: 0, clips: 0, frames: 0, bytes: 0 };
  for (const planned of programmed) {
    const { video, text, labels } = videoFiles(params, studio, planned);
    await Deno.writeFile(`${folder}/${at.skeletons}/${video.name}.txt`, text);
    await Deno.writeTextFile(`${folder}/${at.labels}/${video.name}.txt`, labels);
    videos.push(video);
    written.files++;
    written.clips += video.actions.length;
    written.frames += video.frames;
    written.bytes += text.length;
    await progress(written.files, programmed.length);
  }
  const splits = videoSplits(programmed);
  for (const protocol of ["xsub", "xview"] as const) {
    await Deno.writeTextFile(`${folder}/${at[protocol]}`, splitText(splits[protocol]));
  }
  videos.sort((a, b) => a.name < b.name ? -1 : 1);
  const actions = actionsTruth(studio);
  const format = "synth_pku_truth/1";
  await writeJson(`${folder}/truth.json`, { format, parameters: params, actions, splits, videos });
  return written;
}

/** A video's skeleton and label files, and what is true of them. */
export function videoFiles(
  params: SynthPkuParams,
  studio: Studio,
  planned: ProgrammedVideo,
): { readonly video: VideoTruth; readonly text: Uint8Array; readonly labels: string } {
  const { name, key } = planned;
  const stream = randomStream(
    params.seed,
    "synth pku files",
    key.sequence * 1000 + key.performer,
    key.camera,
  );
  const crlf = stream.uniform() < params.crlf;
  const lineEnd = stream.uniform() < params.crlf ? "\r\n" : "\n";
  const ends = stream.uniform() < 0.5;
  const out = new NumberWriter(crlf);
  const actions: VideoTruth["actions"][number][] = [];
  let frames = 0;
  for (const segment of segments(params, studio, planned)) {
    for (let frame = 0; frame < segment.frames; frame++) writeFrame(out, segment, frame);
    const start = frames + 1;
    frames += segment.frames;
    if (segment.action === undefined) continue;
    const { action, position: row, empty, confidence } = segment;
    const clip = pkuClipName(name, action - 1, row);
    actions.push({ clip, row, label: action - 1, start, end: frames, confidence, empty });
  }
  const rows = actions.map(({ label, start, end, confidence }) =>
    [label + 1, start, end, confidence].join(",")
  );
  return {
    video: {
      name: formatPkuName(name),
      performer: studio.performers[key.performer - 1]!.number,
      frames,
      line_end: crlf ? "CRLF" : "LF",
      actions,
    },
    text: out.bytes,
    labels: rows.join(lineEnd) + (ends ? lineEnd : ""),
  };
}

/** The first two bodies that are listed, zeros for those that are not. */
function writeFrame(out: NumberWriter, { bodies }: Segment, frame: number): void {
  const listed = bodies.filter((body) => body.present[frame] === 1).slice(0, SLOTS);
  for (const { positions } of listed) {
    for (let i = frame * BODY_VALUES; i < (frame + 1) * BODY_VALUES; i++) {
      out.number(positions[i]!);
    }
  }
  for (let i = listed.length * BODY_VALUES; i < SLOTS * BODY_VALUES; i++) out.number(0);
  out.endLine();
}

/** Names of the videos on both sides of each split. */
export function videoSplits(
  programmed: readonly ProgrammedVideo[],
): Record<"xsub" | "xview", { readonly train: string[]; readonly test: string[] }> {
  const divided = (tests: (video: ProgrammedVideo) => boolean) => {
    const named = (side: boolean) =>
      programmed.filter((video) => tests(video) === side)
        .map(({ name }) => formatPkuName(name)).sort();
    return { train: named(false), test: named(true) };
  };
  return {
    xsub: divided(({ testsSubjects }) => testsSubjects),
    xview: divided(({ key }) => key.camera === 1),
  };
}

/** As published, spelling and trailing comma included. */
function splitText({ train, test }: { readonly train: string[]; readonly test: string[] }): string {
  return `Training videos: \n${train.join(", ")}, \nValidataion videos: \n${test.join(", ")}, \n`;
}
