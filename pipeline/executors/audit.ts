/**
 * What a child process touched, as Deno's permission audit wrote it down, against what it was granted.
 *
 * Denials are found here also when the stage's code swallowed them: a file that a stage looks for and
 * may not see is part of what its result hangs on.
 *
 * @module
 */

/** What was granted: absolute files and folders. */
export interface Grants {
  readonly read: readonly string[];
  readonly write: readonly string[];
}

/** An access outside the grants. */
export interface Trespass {
  readonly permission: string;
  readonly value: string;
}

/**
 * Accesses that carry nothing into a result: the environment reads as empty, and what the system tells
 * of itself is denied in the same way everywhere.
 */
const HARMLESS = new Set(["env", "sys"]);

/**
 * The accesses of an audit file that were not granted, each once, in their order.
 *
 * @param ignored Folders that Deno itself reads, such as its npm cache.
 */
export function trespasses(
  auditFile: string,
  grants: Grants,
  ignored: readonly string[],
): Trespass[] {
  let text;
  try {
    text = Deno.readTextFileSync(auditFile);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  const found = new Map<string, Trespass>();
  const seen = new Set<string>();
  const inside = covering([...grants.read, ...ignored]);
  const insideWrite = covering(grants.write);
  for (const line of text.split("\n")) {
    const from = line.indexOf('"permission"');
    if (from < 0 || seen.has(line.slice(from))) continue;
    seen.add(line.slice(from));
    const { permission, value = "" } = JSON.parse(line) as { permission: string; value?: string };
    if (HARMLESS.has(permission)) continue;
    if (permission === "read" && inside(value)) continue;
    if (permission === "write" && insideWrite(value)) continue;
    found.set(`${permission} ${value}`, { permission, value });
  }
  return [...found.values()];
}

/** Says what was touched and what to write so that it may be. */
export function explainTrespass(stage: string, { permission, value }: Trespass): string {
  if (permission === "read") {
    return `It read ${value}, which is not among its inputs. Declare it: add an input to the ` +
      `definition of ${stage} and "NAME: { path: ${value} }" under the stage's inputs, or, if it ` +
      `is part of the stage's code, add new URL(..., import.meta.url).href to the definition's roots.`;
  }
  if (permission === "write") {
    return `It wrote ${value}, which is outside its outputs. ` +
      `Write into the folder that ctx.output(NAME) gives.`;
  }
  return `It asked for "${permission}" access (${value}), which a stage does not have: ` +
    `its result would hang on more than its inputs.`;
}

function covering(paths: readonly string[]): (path: string) => boolean {
  const exact = new Set(paths);
  return (path) => {
    for (let at = path.length; at > 0; at = path.lastIndexOf("/", at - 1)) {
      if (exact.has(path.slice(0, at))) return true;
    }
    return false;
  };
}
