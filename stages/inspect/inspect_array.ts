/**
 * Looking into arrays: `.npy` and `.npz`.
 *
 * @module
 */
import { counted } from "../formats/counted.ts";
import { decodeNpy, type NpyArray, openNpy } from "../formats/npy.ts";
import { elementCount, type NpyHeader, parseNpyHeader } from "../formats/npy_header.ts";
import { openNpz } from "../formats/npz_file.ts";
import { ArrayFindings } from "./array_findings.ts";
import { InspectedFile, LARGEST_WHOLE } from "./inspected_file.ts";
import { Findings, type Looking } from "./inspection.ts";

/** Bytes that are read of one array, unless all is asked for. */
const BUDGET = 256 * 2 ** 20;

/** Bytes of rows that are in memory at once. */
const BLOCK = 8 * 2 ** 20;

/** Rows beyond this are too large to have even one in memory, in bytes. */
const LARGEST_ROW = 64 * 2 ** 20;

/** Looks into an `.npy` file. */
export async function inspectNpy(file: InspectedFile, looking: Looking): Promise<Findings> {
  const findings = new Findings("a numpy array (.npy)");
  try {
    const header = parseNpyHeader(await file.head(), file.path);
    tellHeader(findings, header);
    const { shape, type, fortranOrder } = header;
    const size = header.dataOffset + elementCount(shape) * header.itemSize;
    const seen = new ArrayFindings(shape, /^[iu]/.test(type));
    const byRows = file.plain !== undefined && type !== "str" && shape.length > 0 &&
      !(fortranOrder && shape.length > 1) && seen.letters?.startsWith("C") !== true;
    const title = file.name.replace(/\.npy$/i, "");
    if (byRows) await takeRows(findings, seen, file, title, looking);
    else if (size <= LARGEST_WHOLE) {
      takeWhole(findings, seen, decodeNpy(await file.bytes(), file.path), title);
    } else findings.notes.push("It is too large to be looked into beyond its header.");
  } catch (error) {
    findings.fault(error, file.path);
  }
  return findings;
}

function tellHeader(findings: Findings, { type, shape, fortranOrder, littleEndian }: NpyHeader) {
  findings.fact("shape", shape, `(${shape.join(", ")})`)
    .fact("type", type, typeWords(type) + (littleEndian ? "" : ", big endian"));
  if (fortranOrder && shape.length > 1) findings.fact("order", "fortran", "Fortran");
}

function typeWords(type: string): string {
  if (type === "str") return "text";
  if (type === "b1") return "booleans";
  const kind = { f: "floating point", i: "whole numbers", u: "whole numbers from 0" }[type[0]!];
  return `${type}: ${kind} of ${Number(type.slice(1)) * 8} bits`;
}

async function takeRows(
  findings: Findings,
  seen: ArrayFindings,
  file: InspectedFile,
  title: string,
  { all, progress }: Looking,
): Promise<void> {
  await using array = await openNpy(file.plain!);
  const rows = array.shape[0]!;
  const dataBytes = file.size ?? 0;
  const rowBytes = Math.max(1, Math.ceil(dataBytes / Math.max(1, rows)));
  if (rowBytes > LARGEST_ROW) {
    findings.notes.push("Its rows are too large to be looked into.");
    return;
  }
  const block = Math.max(1, Math.floor(BLOCK / rowBytes));
  const blocks = Math.ceil(rows / block);
  const wanted = all ? blocks : Math.min(blocks, Math.max(1, Math.floor(BUDGET / BLOCK)));
  for (let i = 0; i < wanted; i++) {
    const first = Math.floor(i * blocks / wanted) * block;
    const end = Math.min(rows, first + block);
    seen.take(await array.readRows(first, end), first, end - first);
    progress(i + 1, wanted, "blocks");
  }
  seen.tell(findings);
  tellSample(findings, seen, rows, "evenly spread");
  if (!seen.rowsAreClips && seen.letters !== undefined && dataBytes <= LARGEST_ROW) {
    seen.draw(findings, await array.readRows(0, rows), 0, title);
  } else if (seen.rowsAreClips) {
    for (const row of seen.figureRows()) {
      seen.draw(findings, await array.readRows(row, row + 1), row, "clip");
    }
  }
}

function tellSample(findings: Findings, seen: ArrayFindings, rows: number, which: string): void {
  if (seen.rows === rows) return;
  findings.notes.push(
    `Looked at ${seen.rows} of ${counted(rows, "row")}, ${which}; --all looks at all of them.`,
  );
}

function takeWhole(
  findings: Findings,
  seen: ArrayFindings,
  array: NpyArray,
  title: string,
): void {
  if (array.type === "str") {
    const shown = array.data.slice(0, 5);
    findings.fact("texts", array.data.length).fact(
      "first",
      shown,
      shown.map((text) => JSON.stringify(text)).join(", "),
    );
    return;
  }
  const { shape, data } = array;
  const first = seen.letters?.startsWith("C") === true;
  // Where the coordinates are the first axis, a row is one of them: the whole is one clip.
  if (first) takeCoordinates(seen, data, shape);
  else seen.take(data, 0, shape[0] ?? 1);
  seen.tell(findings);
  const row = data.length / Math.max(1, shape[0] ?? 1);
  if (!seen.rowsAreClips) seen.draw(findings, data, 0, title);
  else {
    for (const i of seen.figureRows()) {
      seen.draw(findings, data.subarray(i * row, (i + 1) * row), i, "clip");
    }
  }
}

function takeCoordinates(
  seen: ArrayFindings,
  data: Exclude<NpyArray["data"], readonly string[]>,
  shape: readonly number[],
): void {
  if (elementCount(shape) > 0) seen.take(data, 0, 1);
}

/** The names that prepared files of CTR-GCN's kind have. */
const CTR_GCN = ["x_train", "y_train", "x_test", "y_test"];

/** Looks into an `.npz` file. */
export async function inspectNpz(file: InspectedFile, looking: Looking): Promise<Findings> {
  const findings = new Findings("numpy arrays by name (.npz)");
  if (file.plain === undefined) {
    findings.notes.push("It lies in an archive and is not looked into; unpack it.");
    return findings;
  }
  try {
    await using npz = await openNpz(file.plain);
    const { names } = npz;
    if (CTR_GCN.every((name) => names.includes(name))) {
      findings.what = "a prepared file as CTR-GCN's (.npz of x_train, y_train, x_test, y_test)";
    }
    findings.fact("arrays", names, names.join(", ") || "none");
    for (const name of names) {
      const part = new Findings(name);
      try {
        await inspectMember(part, npz, name, looking);
      } catch (error) {
        part.fault(error, file.path);
      }
      for (const { name: fact, ...rest } of part.facts) {
        findings.facts.push({ name: `${name}: ${fact}`, ...rest });
      }
      findings.notes.push(...part.notes.map((note) => `${name}: ${note}`));
      findings.problems.push(
        ...part.problems.map(({ reason, ...place }) => ({
          ...place,
          reason: reason.startsWith(name) ? reason : `${name}: ${reason}`,
        })),
      );
      findings.figures.push(...part.figures.slice(0, 3));
    }
  } catch (error) {
    findings.fault(error, file.path);
  }
  return findings;
}

async function inspectMember(
  findings: Findings,
  npz: Awaited<ReturnType<typeof openNpz>>,
  name: string,
  { all, progress }: Looking,
): Promise<void> {
  const header = await npz.header(name);
  tellHeader(findings, header);
  const { shape, type, fortranOrder, itemSize } = header;
  const seen = new ArrayFindings(shape, /^[iu]/.test(type));
  const rowBytes = elementCount(shape.slice(1)) * itemSize;
  const whole = shape.length === 0 || type === "str" || fortranOrder || rowBytes === 0 ||
    seen.letters?.startsWith("C") === true;
  if (whole) {
    if (elementCount(shape) * itemSize <= LARGEST_WHOLE) {
      takeWhole(findings, seen, await npz.array(name, LARGEST_WHOLE + 65_536), name);
    } else findings.notes.push("It is too large to be looked into beyond its header.");
    return;
  }
  const rows = shape[0]!;
  const wanted = all ? rows : Math.min(rows, Math.max(1, Math.floor(BUDGET / rowBytes)));
  const drawn = new Set(
    seen.figureRows().map((row) => Math.floor(row * wanted / Math.max(1, rows))),
  );
  const oneClip = !seen.rowsAreClips && seen.letters !== undefined &&
    rows * rowBytes <= LARGEST_ROW;
  let i = 0;
  for await (const row of npz.rows(name)) {
    seen.take(row, i, 1);
    if (seen.rowsAreClips && drawn.has(i)) seen.draw(findings, row.slice(), i, `${name} clip`);
    if (++i % 64 === 0 || i === wanted) progress(i, wanted, `rows of ${name}`);
    if (i === wanted && wanted < rows) break;
  }
  seen.tell(findings);
  tellSample(findings, seen, rows, "the first ones");
  if (oneClip && i === rows) {
    const { data } = await npz.array(name, LARGEST_ROW + 65_536);
    seen.draw(findings, data as ArrayLike<number>, 0, name);
  }
}
