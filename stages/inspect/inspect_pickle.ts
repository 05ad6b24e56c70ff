/**
 * Looking into Python pickles, of which nothing is executed: labels of prepared files, annotations as
 * PYSKL and MMAction2 write them.
 *
 * @module
 */
import { counted } from "../formats/counted.ts";
import { pickleMemoryBytes } from "../formats/pickle_input.ts";
import { openPickle, type PickleFile, readPickle } from "../formats/pickle_reader.ts";
import { describePickleValue, PickleArray, type PickleValue } from "../formats/pickle_value.ts";
import { ArrayFindings } from "./array_findings.ts";
import type { InspectedFile } from "./inspected_file.ts";
import { Findings, type Looking } from "./inspection.ts";
import { spread } from "./skeleton_strip.ts";
import { wordsOfNumbers } from "./value_ranges.ts";

/** Annotations whose coordinates are read, unless all are asked for. */
const SAMPLE = 200;

/** Looks into a pickle. */
export async function inspectPickle(file: InspectedFile, looking: Looking): Promise<Findings> {
  const findings = new Findings("a Python pickle");
  const head = await file.head(2);
  if (head.length === 2 && head[0] === 0x80) findings.fact("protocol", head[1]);
  try {
    using pickle = file.plain === undefined
      ? readPickle(pickleMemoryBytes(await file.bytes(), file.path))
      : openPickle(file.plain);
    const { value } = pickle;
    findings.fact("holds", describePickleValue(value));
    if (value instanceof Map) tellDictionary(findings, pickle, value, looking);
    else if (Array.isArray(value)) tellList(findings, value);
    else if (value instanceof PickleArray) tellArray(findings, pickle, value);
  } catch (error) {
    findings.fault(error, file.path);
  }
  return findings;
}

function tellArray(findings: Findings, pickle: PickleFile, value: PickleArray): void {
  const { type, shape } = value.header;
  const array = pickle.array(value, "the array");
  if (array.type === "str") return;
  const seen = new ArrayFindings(shape, /^[iu]/.test(type));
  seen.take(array.data, 0, shape[0] ?? 1);
  seen.tell(findings);
}

/** Names and labels in one of two ways: a pair of lists, as ST-GCN's label files have. */
function tellList(findings: Findings, value: readonly PickleValue[]): void {
  const [names, labels] = value;
  if (value.length !== 2 || !Array.isArray(names) || !Array.isArray(labels)) {
    findings.fact("first", value.slice(0, 3).map(describePickleValue).join(", ") || "nothing");
    return;
  }
  findings.what = "names and labels as ST-GCN's, CrosSCLR's and AimCLR's label files (pickle)";
  findings.fact("names", names.length, sample(names, counted(names.length, "name")))
    .fact("labels", labels.length);
  tellLabels(findings, labels);
  if (names.length !== labels.length) {
    findings.problem(
      `expected a label for each name, found ${names.length} names and ` +
        `${labels.length} labels`,
    );
  }
}

function sample(names: readonly PickleValue[], count: string): string {
  const first = names.find((name) => typeof name === "string");
  return first === undefined ? count : `${count}, such as ${JSON.stringify(first)}`;
}

function tellLabels(findings: Findings, labels: readonly PickleValue[]): void {
  const numbers = labels.filter((label) => typeof label === "number");
  const { value, text } = wordsOfNumbers(numbers);
  findings.fact("labels used", value, text);
  const odd = labels.findIndex((label) => typeof label !== "number");
  if (odd >= 0) {
    findings.problem(
      `label ${odd} (from 0): expected a number, found ` +
        describePickleValue(labels[odd]),
    );
  }
}

function tellDictionary(
  findings: Findings,
  pickle: PickleFile,
  value: ReadonlyMap<unknown, PickleValue>,
  looking: Looking,
): void {
  const keys = [...value.keys()].slice(0, 20).map(String);
  findings.fact("keys", keys, keys.join(", ") || "none");
  const annotations = value.get("annotations");
  if (!Array.isArray(annotations)) return;
  findings.what = "annotations as PYSKL's and MMAction2's (pickle)";
  const split = value.get("split");
  if (split instanceof Map) {
    for (const [name, list] of split) {
      findings.fact(`split ${String(name)}`, Array.isArray(list) ? list.length : null);
    }
  }
  tellAnnotations(findings, pickle, annotations, looking);
}

function tellAnnotations(
  findings: Findings,
  pickle: PickleFile,
  annotations: readonly PickleValue[],
  { all, progress }: Looking,
): void {
  findings.fact("annotations", annotations.length);
  const maps = annotations.filter((one): one is Map<string, PickleValue> => one instanceof Map);
  if (maps.length < annotations.length) {
    const odd = annotations.findIndex((one) => !(one instanceof Map));
    findings.problem(
      `annotation ${odd} (from 0): expected a dictionary, found ` +
        describePickleValue(annotations[odd]),
    );
  }
  if (maps.length === 0) return;
  tellLabels(findings, maps.map((one) => one.get("label") ?? null));
  const frames = wordsOfNumbers(
    maps.map((one) => one.get("total_frames")).filter((n) => typeof n === "number"),
  );
  findings.fact("frames", frames.value, frames.text);
  const wanted = all ? maps.length : Math.min(maps.length, SAMPLE);
  const looked = Array.from({ length: wanted }, (_, i) => Math.floor(i * maps.length / wanted));
  const range = new ArrayFindings([wanted, 1, 1], false);
  const shapes = new Map<string, number>();
  const drawn = new Set(spread(wanted));
  for (const [i, at] of looked.entries()) {
    tellOne(findings, pickle, maps[at]!, { at, range, shapes, draw: drawn.has(i) });
    if ((i + 1) % 50 === 0 || i + 1 === wanted) progress(i + 1, wanted, "annotations");
  }
  const kinds = [...shapes].sort((a, b) => b[1] - a[1]);
  findings.fact(
    "keypoint",
    kinds.map(([kind]) => kind),
    kinds.slice(0, 4).map(([kind, count]) => `${kind} of ${count}`).join("; ") || "none",
  );
  range.tell(findings);
  if (wanted < maps.length) {
    findings.notes.push(
      `Looked at the coordinates of ${wanted} of ${maps.length} annotations, evenly spread; --all ` +
        "looks at all of them.",
    );
  }
}

interface Gathered {
  readonly at: number;
  readonly range: ArrayFindings;
  readonly shapes: Map<string, number>;
  readonly draw: boolean;
}

function tellOne(
  findings: Findings,
  pickle: PickleFile,
  annotation: ReadonlyMap<string, PickleValue>,
  { at, range, shapes, draw }: Gathered,
): void {
  const keypoint = annotation.get("keypoint");
  const name = annotation.get("frame_dir");
  const called = typeof name === "string" ? name : `annotation ${at}`;
  if (!(keypoint instanceof PickleArray)) {
    findings.problem(
      `${called}: keypoint: expected an array, found ${describePickleValue(keypoint)}`,
    );
    return;
  }
  const { shape, type } = keypoint.header;
  const kind = `(${shape.map((size, i) => i === 1 ? "T" : size).join(", ")}) ${type}`;
  shapes.set(kind, (shapes.get(kind) ?? 0) + 1);
  const array = pickle.array(keypoint, called);
  if (array.type === "str") return;
  range.take(array.data, at, 1);
  if (draw) {
    new ArrayFindings(shape, false).draw(findings, array.data, 0, called);
  }
}
