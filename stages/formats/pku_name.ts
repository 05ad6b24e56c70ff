/**
 * Names of PKU-MMD videos and of the clips cut out of them (method section 1.4).
 *
 * @module
 */

/** The phases in which PKU-MMD was published. */
export type PkuPart = 1 | 2;

/** What a video's name says. */
export interface PkuName {
  readonly part: PkuPart;
  /** Part I: the video's number, from 2. Part II: the sequence of actions (A), from 1. */
  readonly video: number;
  /** Part II: the person (N), from 1. Part I does not say: 0. */
  readonly subject: number;
  /** L, M and R are 1, 2 and 3. */
  readonly camera: 1 | 2 | 3;
}

/** The forms of a name, for messages. */
export const PKU_NAME_FORM = "0002-L (part I) or A01N01-L (part II), with L, M or R";

const CAMERAS = "LMR";

/**
 * Reads a name without its extension.
 *
 * @returns `undefined` if it has not {@link PKU_NAME_FORM}.
 */
export function parsePkuName(name: string): PkuName | undefined {
  const match = /^(?:(\d{4})|A(\d{2})N(\d{2}))-([LMR])$/.exec(name);
  if (match === null) return undefined;
  const [, video, sequence, person, letter] = match;
  const camera = CAMERAS.indexOf(letter!) + 1 as PkuName["camera"];
  const parsed: PkuName = video !== undefined
    ? { part: 1, video: Number(video), subject: 0, camera }
    : { part: 2, video: Number(sequence), subject: Number(person), camera };
  return parsed.video < 1 || (parsed.part === 2 && parsed.subject < 1) ? undefined : parsed;
}

/** The name, without extension, of a video. */
export function formatPkuName({ part, video, subject, camera }: PkuName): string {
  const stem = part === 1 ? digits(video, 4) : `A${digits(video, 2)}N${digits(subject, 2)}`;
  return `${stem}-${CAMERAS[camera - 1]}`;
}

/** What the names of all clips of a video begin with: `FfffVvvv` or `A0aaN0nnVvvv`. */
export function pkuClipPrefix({ part, video, subject, camera }: PkuName): string {
  const stem = part === 1 ? `F${digits(video, 3)}` : `A${digits(video, 3)}N${digits(subject, 3)}`;
  return `${stem}V${digits(camera, 3)}`;
}

/**
 * The name of a clip: `FfffVvvvCcccLlll` or `A0aaN0nnVvvvCcccLlll`.
 *
 * @param label Class, from 0; the name counts from 1.
 * @param row Number of its row in the label file, from 1.
 */
export function pkuClipName(name: PkuName, label: number, row: number): string {
  return `${pkuClipPrefix(name)}C${digits(label + 1, 3)}L${digits(row, 3)}`;
}

function digits(value: number, count: number): string {
  return String(value).padStart(count, "0");
}
