/**
 * Recordings one after another with what became of each: read in this thread, or in several.
 *
 * @module
 */
import { fileBuffer } from "../formats/file_buffer.ts";
import type { RecordingFile } from "../formats/recording_source.ts";
import { inOrder, ParsePool, type ParseWorkerSource, worthStarting } from "./parse_pool.ts";
import { LARGE_FILE, type ParseTask, type WorkerParsed } from "./parse_worker.ts";
import { type ParsedRecording, parsedRecording, unreadable } from "./parsed_recording.ts";
import type { NamedRecording, RecordingForm } from "./recording_form.ts";

/** A recording and its file. */
export interface NamedFile extends NamedRecording {
  readonly file: RecordingFile;
}

/** A recording and what became of it. */
export interface Outcome {
  readonly named: NamedFile;
  readonly parsed: ParsedRecording;
}

/** No recording of a clip that fits an artifact is larger, in bytes. */
const LARGEST_FILE = 2 ** 30;

/** Fewer recordings a thread are not worth starting it. */
const LEAST_SHARE = 48;

/** Recordings that a Worker is handed at once: a message costs as much as a third of one takes. */
const TASKS = 16;

/** Who parses. */
export interface ParseThreads {
  /** Threads that may be used. */
  readonly threads: number;
  /** What runs in them; absent where everything is done in this one. */
  readonly source: ParseWorkerSource | undefined;
}

/** Parses recordings; they come out in their order. */
export async function* parseOutcomes(
  files: readonly NamedFile[],
  form: RecordingForm,
  { threads, source }: ParseThreads,
): AsyncGenerator<Outcome> {
  const count = worthStarting(threads, files.length, LEAST_SHARE);
  if (source === undefined || count < 2) yield* here(files, form);
  else yield* elsewhere(files, form, source, count);
}

/** Reads each file while the one before it is being worked on. */
async function* here(files: readonly NamedFile[], form: RecordingForm): AsyncGenerator<Outcome> {
  const buffer = fileBuffer(LARGEST_FILE);
  const packed = (named: NamedFile | undefined) =>
    named?.file.plain === undefined ? named?.file.read().catch((error: Error) => error) : undefined;
  let next = packed(files[0]);
  for (const [i, named] of files.entries()) {
    const { plain } = named.file;
    const bytes = plain === undefined ? (await next)! : plainBytes(plain, buffer.read);
    next = packed(files[i + 1]);
    yield { named, parsed: parsedBytes(named, bytes, form) };
  }
}

function plainBytes(
  path: string,
  read: (path: string) => Uint8Array | undefined,
): Uint8Array | Error {
  try {
    return read(path) ?? new Error(`expected at most ${LARGEST_FILE} bytes`);
  } catch (error) {
    return error as Error;
  }
}

function parsedBytes(
  { file, identity }: NamedFile,
  bytes: Uint8Array | Error,
  form: RecordingForm,
): ParsedRecording {
  if (!(bytes instanceof Error)) return parsedRecording(form, bytes, file.name, identity);
  if ((bytes as { forUser?: boolean }).forUser === true) throw bytes;
  return unreadable(bytes);
}

/** Has Workers parse; as many lists of recordings are under way as keep them busy. */
async function* elsewhere(
  files: readonly NamedFile[],
  form: RecordingForm,
  source: ParseWorkerSource,
  count: number,
): AsyncGenerator<Outcome> {
  const pool: Pool = new ParsePool(
    source,
    count,
    ({ from }) =>
      typeof from === "string"
        ? []
        : [(from instanceof Uint8Array ? from : from.bytes).buffer as ArrayBuffer],
  );
  try {
    for await (
      const list of inOrder(lists(files), pool.width, (list) => listOf(list, form, pool))
    ) {
      for (const { named, parsed } of list) {
        yield { named, parsed: parsed.kind === "large" ? await parsedHere(named, form) : parsed };
      }
    }
  } finally {
    pool.close();
  }
}

function* lists(files: readonly NamedFile[]): Generator<readonly NamedFile[]> {
  for (let from = 0; from < files.length; from += TASKS) yield files.slice(from, from + TASKS);
}

type Pool = ParsePool<ParseTask, WorkerParsed>;

/** A recording and what a Worker made of it. */
interface PoolResult {
  readonly named: NamedFile;
  readonly parsed: WorkerParsed;
}

/** Reads in this thread what was too large for another. */
async function parsedHere(named: NamedFile, form: RecordingForm): Promise<ParsedRecording> {
  return parsedBytes(named, await named.file.read().catch((error: Error) => error), form);
}

/** What a Worker is handed of a file: as little as will do. */
async function sourceOf(file: RecordingFile): Promise<ParseTask["from"] | Error> {
  if (file.plain !== undefined) return file.plain;
  try {
    return await (file.packed ?? file.read)();
  } catch (error) {
    return error as Error;
  }
}

async function listOf(
  files: readonly NamedFile[],
  form: RecordingForm,
  pool: Pool,
): Promise<readonly PoolResult[]> {
  const sent: { readonly named: NamedFile; readonly task: ParseTask }[] = [];
  const outcomes = new Map<NamedFile, WorkerParsed>();
  for (const named of files) {
    const { file, identity } = named;
    if (file.size !== undefined && file.size > LARGE_FILE) {
      outcomes.set(named, { kind: "large" });
      continue;
    }
    const from = await sourceOf(file);
    if (from instanceof Error) outcomes.set(named, parsedBytes(named, from, form));
    else sent.push({ named, task: { name: file.name, identity, from } });
  }
  const parsed = await pool.parse(sent.map(({ task }) => task));
  for (const [i, { named }] of sent.entries()) outcomes.set(named, parsed[i]!);
  return files.map((named) => ({ named, parsed: outcomes.get(named)! }));
}
