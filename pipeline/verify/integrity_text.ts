/**
 * The integrity of a store in words.
 *
 * @module
 */
import { amount, bytes } from "../screen/duration.ts";
import type { Damage, Use } from "../store/damage.ts";
import type { GoneOutput, Integrity } from "../store/integrity.ts";

/** Things of a kind that are listed one by one. */
const LISTED = 20;

/** Uses of one file that are listed. */
const LISTED_USES = 5;

/** What is said of each kind of damage besides. */
const KINDS: Readonly<Record<Damage["kind"], string>> = {
  blob: "bytes",
  tree: "list of an artifact's files",
  record: "record of an action",
  listing: "listing of code, which only explains misses",
};

/**
 * All that was found, line by line; the last one counts what was sound.
 *
 * @param moved Where damaged files were set aside, by their paths.
 */
export function integrityLines(
  found: Integrity,
  moved: ReadonlyMap<string, string>,
): readonly string[] {
  const { damaged, gone, temporary } = found;
  const lines = damaged.flatMap((damage) => damageLines(damage, moved.get(damage.path)));
  if (damaged.length > 0) lines.push(...advice(damaged, moved));
  if (gone.length > 0) {
    const sum = gone.reduce((sum, output) => sum + output.bytes, 0);
    lines.push(
      `gone (no damage: a result outlives its bytes): ${counted(gone.length, "output")}, ` +
        `${bytes(sum)}`,
      ...listed(gone, (output) => `  ${goneText(output)}`),
    );
  }
  if (temporary.length > 0) {
    lines.push(
      `left by writers that were killed: ${counted(temporary.length, "temporary file")}, ` +
        `${bytes(temporary.reduce((sum, file) => sum + file.bytes, 0))}; ` +
        `remove them with: deno task gc --delete`,
      ...listed(temporary, ({ path }) => `  ${path}`),
    );
  }
  return [...lines, counts(found)];
}

function damageLines(
  { kind, path, name, problem, uses }: Damage,
  moved: string | undefined,
): string[] {
  return [
    `DAMAGED ${kind} ${name}: ${KINDS[kind]}; ${problem}`,
    ...uses.slice(0, LISTED_USES).map((use) => `  part of ${useText(use)}`),
    ...(uses.length > LISTED_USES ? [`  and of ${uses.length - LISTED_USES} more`] : []),
    ...(uses.length === 0 && (kind === "blob" || kind === "tree")
      ? ["  part of nothing that the store has a record of"]
      : []),
    moved === undefined ? `  ${path}` : `  set aside: ${moved}`,
  ];
}

function useText({ key, experiment, stage, output, file }: Use): string {
  const where = file === undefined ? "" : `${file} of `;
  return `${where}${stage}.${output} in ${experiment} (key ${key.slice(0, 12)})`;
}

function goneText(output: GoneOutput): string {
  const { files, bytes: size, tree } = output;
  return `${useText(output)}: ${counted(files, "file")}, ${bytes(size)}` +
    (tree ? ", and the list of them" : "");
}

function advice(damaged: readonly Damage[], moved: ReadonlyMap<string, string>): string[] {
  if (damaged.some(({ path }) => !moved.has(path))) {
    return ["Set what is damaged aside with: deno task verify --blobs --repair"];
  }
  const lines = [
    "A run computes what was set aside again when it needs it. To do so now, and to see that the same",
    "bytes come out: deno task verify FILE --repair, with the experiment's file.",
  ];
  if (!damaged.some(({ kind }) => kind === "record")) return lines;
  return [
    ...lines,
    "A stage whose record was set aside is computed by the next run of its experiment.",
  ];
}

function listed<T>(all: readonly T[], text: (one: T) => string): string[] {
  const more = all.length - LISTED;
  return [
    ...all.slice(0, LISTED).map(text),
    ...(more > 0 ? [`  and ${amount(more)} more (all of them with --json)`] : []),
  ];
}

function counts({ records, trees, blobs, bytes: size, damaged }: Integrity): string {
  const checked = `${counted(records, "record")}, ${counted(trees, "list")} of files, ` +
    `${counted(blobs, "blob")} (${bytes(size)})`;
  return damaged.length === 0
    ? `all sound: ${checked}`
    : `${amount(damaged.length)} DAMAGED; checked: ${checked}`;
}

function counted(n: number, noun: string): string {
  return `${amount(n)} ${noun}${n === 1 ? "" : "s"}`;
}
