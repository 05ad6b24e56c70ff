/**
 * Which inputs of an ensemble are which stream. Imports no implementation, so that a plan can ask.
 *
 * @module
 */

/** An input that is found to be a stream. */
export interface StreamInput {
  /** Name of the input. */
  readonly input: string;
  /** What tells it from the stream's other inputs, such as `seed=1`; empty for the only one. */
  readonly cell: string;
}

/** Inputs by stream, and those that are none, or of several. */
export interface FoundStreams {
  readonly inputs: ReadonlyMap<string, readonly StreamInput[]>;
  /** Inputs that no weight names. */
  readonly unnamed: readonly string[];
  /** Inputs that several weights name. */
  readonly ambiguous: readonly string[];
}

/** Streams are told in this order; others follow by name. */
const ORDER = ["joint", "bone", "motion"];

/** What a stream is called: of `stream=joint`, the last part. */
export function streamLabel(name: string): string {
  return name.slice(name.lastIndexOf("=") + 1);
}

/** What streams are called among each other: by their labels, or in full where two labels are the same. */
export function streamLabels(names: readonly string[]): readonly string[] {
  const labels = names.map(streamLabel);
  return new Set(labels).size === names.length ? labels : names;
}

/** Names of streams: joint, bone, motion, then others by name. */
export function streamOrder(names: readonly string[]): readonly string[] {
  const place = (name: string) =>
    (ORDER.indexOf(streamLabel(name)) + ORDER.length + 1) %
    (ORDER.length + 1);
  return [...names].sort((a, b) => place(a) - place(b) || (a < b ? -1 : a > b ? 1 : 0));
}

/**
 * Finds the streams among inputs: `joint` is the input of that name, or each cell of a grid that was
 * gathered under it (`joint@seed=1`), or that has it as a label (`stream=joint,seed=1`).
 *
 * @param names What weights are called.
 * @param inputs Names of the inputs.
 */
export function findStreams(names: readonly string[], inputs: readonly string[]): FoundStreams {
  const found = new Map<string, StreamInput[]>(streamOrder(names).map((name) => [name, []]));
  const unnamed: string[] = [], ambiguous: string[] = [];
  for (const input of [...inputs].sort()) {
    const fits = names.includes(input) ? [{ name: input, cell: "" }] : names.flatMap((name) => {
      const cell = cellBeside(input, name);
      return cell === undefined ? [] : [{ name, cell }];
    });
    if (fits.length === 0) unnamed.push(input);
    if (fits.length > 1) ambiguous.push(input);
    for (const { name, cell } of fits.slice(0, 1)) found.get(name)!.push({ input, cell });
  }
  return { inputs: found, unnamed, ambiguous };
}

/** What is left of an input's name beside a stream's; `undefined` if it is not of that stream. */
function cellBeside(input: string, stream: string): string | undefined {
  const at = input.indexOf("@");
  const gathered = at < 0 ? "" : input.slice(0, at);
  const labels = input.slice(at + 1).split(",");
  if (gathered === stream) return labels.join();
  const own = labels.findIndex((label) => label === stream || valueOf(label) === stream);
  if (own < 0) return undefined;
  return [...(gathered === "" ? [] : [gathered]), ...labels.toSpliced(own, 1)].join();
}

/** Of `seed=1`, the value; `undefined` of a word. */
function valueOf(label: string): string | undefined {
  const equals = label.indexOf("=");
  return equals < 0 ? undefined : label.slice(equals + 1);
}
