/**
 * A lineage as text: an indented tree in which each result is told once.
 *
 * @module
 */
import { bytes, duration } from "../screen/duration.ts";
import type { Verdict } from "../verify/kept_verification.ts";
import type { ActionNode, ArtifactNode, Lineage, RawNode } from "./lineage_graph.ts";
import { moment } from "../screen/moment.ts";
import type { Provenance } from "../store/record.ts";
import { valueText } from "./value_text.ts";
import { wrapped } from "../screen/wrapped_text.ts";

/** Hex digits of keys and digests that are shown. */
const SHORT = 12;
/** Columns of a level. */
const STEP = 2;

/**
 * The whole text, with a line break at its end.
 *
 * @param columns Lines are broken at this width; undefined where they may be of any length.
 */
export function lineageText(lineage: Lineage, columns: number | undefined): string {
  const common = commonOf(lineage);
  const lines: string[] = [];
  const told = new Set<string>();
  const say = (depth: number, text: string) =>
    lines.push(...wrapped(text, columns && Math.max(40, columns), depth * STEP));
  const stack: { readonly id: string; readonly depth: number; readonly as: string }[] = [
    { id: lineage.root, depth: 0, as: "" },
  ];
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { id, depth, as } = next;
    const node = lineage.nodes.get(id)!;
    const edges = lineage.edges.get(id) ?? [];
    if (node.kind === "raw") {
      say(depth, `${as}${rawText(node)}`);
    } else if (node.kind === "artifact") {
      const again = told.has(id) && edges.length > 0;
      say(depth, `${as}${artifactText(node, edges.length === 0)}${again ? ", as above" : ""}`);
      if (again) continue;
      told.add(id);
      for (const { to } of edges) stack.push({ id: to, depth: depth + 1, as: "" });
      if (node.others.length > 0) say(depth + 1, othersText(node));
    } else {
      if (told.has(id)) {
        const { experiment, stage } = node.provenance;
        say(depth, `made by ${stage} of ${experiment}, key ${node.key.slice(0, SHORT)}, as above`);
        continue;
      }
      told.add(id);
      for (const text of actionTexts(node, common)) say(depth, text);
      for (const { to, kind, name } of edges.toReversed()) {
        stack.push({ id: to, depth, as: kind === "accepted" ? "" : `from ${name}: ` });
      }
    }
  }
  const where = commonText(common);
  const head = where === "" ? [] : [...wrapped(where, columns), ""];
  return `${[...head, ...lines].join("\n")}\n`;
}

/** What all results have in common is told once. */
interface Common {
  readonly host?: string;
  readonly deno?: string;
  readonly device?: string;
  readonly commit?: string;
}

function commonOf({ nodes }: Lineage): Common {
  const actions = [...nodes.values()].filter((node) => node.kind === "action");
  const one = (values: readonly (string | undefined)[]) => {
    const all = new Set(values.filter((value) => value !== undefined));
    return all.size === 1 ? [...all][0] : undefined;
  };
  const host = one(actions.map(({ provenance }) => provenance.host));
  const deno = one(actions.map(({ manifest }) => manifest.deno));
  const device = one(actions.map(({ manifest }) => manifest.device));
  const commits = actions.map(({ provenance }) => commitText(provenance));
  const commit = commits.includes(undefined) ? undefined : one(commits);
  return {
    ...(host === undefined ? {} : { host }),
    ...(deno === undefined ? {} : { deno }),
    ...(device === undefined ? {} : { device }),
    ...(commit === undefined ? {} : { commit }),
  };
}

/** The checkout that a result was computed from. */
function commitText({ git }: Provenance): string | undefined {
  return git && `commit ${git.commit.slice(0, SHORT)}${git.dirty ? " with changes" : ""}`;
}

function commonText({ host, deno, device, commit }: Common): string {
  const parts = [
    ...host === undefined ? [] : [`on ${host}`],
    ...deno === undefined ? [] : [`with Deno ${deno}`],
    ...commit === undefined ? [] : [`from ${commit}`],
    ...device === undefined ? [] : [`on the device ${device} where a stage computes on one`],
  ];
  return parts.length === 0 ? "" : `All of it was computed ${parts.join(", ")}.`;
}

function artifactText({ digest, name, type, bytes: size }: ArtifactNode, lost: boolean): string {
  const short = digest.slice(0, SHORT);
  if (lost) return `${short}, of which no record here says how it was made`;
  return `${name} ${short} (${type}, ${bytes(size!)})`;
}

function othersText({ others }: ArtifactNode): string {
  const shown = others.slice(0, 3).map((key) => key.slice(0, SHORT)).join(", ");
  const more = others.length > 3 ? ` and ${others.length - 3} more` : "";
  return `(the same bytes also came from ${shown}${more})`;
}

function rawText({ digest, path }: RawNode): string {
  const [kind, hex] = digest.split(":") as [string, string];
  const what = kind === "file" ? "raw file" : "raw folder";
  return path === undefined
    ? `a ${what} ${hex.slice(0, SHORT)}`
    : `${path} (${what}, ${hex.slice(0, SHORT)})`;
}

function actionTexts(node: ActionNode, common: Common): string[] {
  const { key, manifest, provenance, accepted, takenBy } = node;
  const { experiment, stage, started, seconds, host } = provenance;
  if (accepted) {
    return [
      `accepted by ${accepted.who}, ${moment(accepted.when)}, because: ${accepted.why} (${
        key.slice(0, SHORT)
      } taken as ${accepted.from.slice(0, SHORT)}: ${accepted.differences.join("; ")})`,
    ];
  }
  const where = [
    ...common.host === undefined ? [host] : [],
    ...common.deno === undefined ? [`Deno ${manifest.deno}`] : [],
    ...common.device === undefined && manifest.device !== undefined ? [manifest.device] : [],
    ...takenBy === undefined ? [] : [`accepted on ${takenBy}`],
    ...common.commit === undefined ? [commitText(provenance) ?? ""] : [],
  ];
  const type = manifest.stage === stage ? "" : ` (${manifest.stage})`;
  const made = [
    `made by ${stage} of ${experiment}${type}, ${moment(started)}`,
    `in ${duration(seconds)}`,
    ...where,
    `code ${manifest.code.slice(0, SHORT)}`,
    `key ${key.slice(0, SHORT)}`,
    ...node.verified ? [verifiedText(node.verified)] : [],
  ].filter((part) => part !== "").join(", ");
  const params = flat(manifest.params, "");
  return params.length === 0 ? [made] : [made, `with ${params.join(", ")}`];
}

/** `recomputed 3 times with the same result`, or that it came out otherwise. */
function verifiedText({ same, differing }: Verdict): string {
  const times = `recomputed ${same + differing === 1 ? "once" : `${same + differing} times`}`;
  if (differing === 0) return `${times} with the same result`;
  return `${times}, with ANOTHER RESULT ${differing === 1 ? "once" : `${differing} times`}`;
}

/** Parameters one after the other: `epochs 3`, `crop.ratio 0.5`. */
function flat(value: unknown, path: string): string[] {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([name, inner]) =>
      flat(inner, path === "" ? name : `${path}.${name}`)
    );
  }
  return [`${path} ${valueText(value)}`];
}
