/**
 * Which artifact a user means: a stage's output in a run, an exported file or folder, or a digest.
 *
 * @module
 */
import type { ActionIndex } from "./action_index.ts";
import { FileIndex } from "../file_index.ts";
import type { LineageQuery } from "./lineage.ts";
import type { RunRecord } from "../history/run_record.ts";
import { splitOutput } from "../stage_reference.ts";
import { exists } from "../store/blobs.ts";
import type { ActionRecord } from "../store/record.ts";
import type { Store } from "../store/store.ts";
import { didYouMean, listed } from "../suggest.ts";
import { hashFile, treeDigest } from "../tree.ts";
import { UsageError } from "../usage_error.ts";

/** Hex digits that a digest must at least be given by. */
const LEAST = 4;

/**
 * Finds the artifact that a user names. A stage of the run goes before a path, a path before a digest.
 *
 * @param run The run at hand; undefined where there is none.
 * @throws {UsageError} If there is none, or several.
 */
export async function artifactNamed(
  store: Store,
  index: ActionIndex,
  text: string,
  run: RunRecord | undefined,
): Promise<LineageQuery> {
  const keys = new Set(run?.stages.flatMap(({ key }) => key ?? []));
  const ofRun = { run: keys, device: run?.device };
  const named = run && splitOutput(text, run.stages.map(({ id }) => id));
  if (named) return { ...ofStage(store, run, named.stage, named.output), ...ofRun };
  if (exists(text)) return { digest: await ofPath(store, index, text, keys), ...ofRun };
  const ofDigest = byDigest(index, text);
  if (ofDigest) return { ...ofDigest, ...ofRun };
  const ids = run?.stages.map(({ id }) => id) ?? [];
  throw new UsageError(
    `no artifact ${JSON.stringify(text)}: it is neither a stage of the last run${
      run ? ` of ${run.experiment}` : ""
    } nor a file nor a digest that the store knows${didYouMean(text, ids) || "."} ` +
      `Its stages: ${listed(ids)}`,
  );
}

function ofStage(
  store: Store,
  run: RunRecord,
  stage: string,
  output: string | undefined,
): LineageQuery {
  const { key, status } = run.stages.find(({ id }) => id === stage)!;
  const record = key === undefined ? undefined : store.readAction(key);
  if (!record) {
    const why = key === undefined || (status !== "ran" && status !== "cached")
      ? `it ${status} in the last run`
      : "its record is gone";
    throw new UsageError(`stage ${stage} of ${run.experiment} has no outputs: ${why}`);
  }
  const { digest } = outputNamed(record, stage, output);
  return { digest, key: record.key };
}

function outputNamed({ outputs }: ActionRecord, stage: string, output: string | undefined) {
  const names = Object.keys(outputs);
  const name = output ?? (names.length === 1 ? names[0] : undefined);
  if (name === undefined) {
    const forms = names.map((name) => `${stage}.${name}`);
    throw new UsageError(`stage ${stage} has several outputs; name one: ${listed(forms)}`);
  }
  const found = Object.hasOwn(outputs, name) ? outputs[name] : undefined;
  if (!found) {
    throw new UsageError(
      `stage ${stage} has no output ${JSON.stringify(name)}${didYouMean(name, names) || "."} ` +
        `Its outputs: ${listed(names)}`,
    );
  }
  return found;
}

/** The artifact that an exported file or folder is. */
async function ofPath(
  store: Store,
  index: ActionIndex,
  path: string,
  run: ReadonlySet<string>,
): Promise<string> {
  if (Deno.statSync(path).isDirectory) {
    const tree = await new FileIndex(store.local, true).folder(Deno.realPathSync(path));
    const digest = treeDigest(tree);
    if (index.yielding(digest).length > 0) return digest;
    throw new UsageError(
      `the folder ${path} (${tree.length} files, ${digest.slice(0, 12)}) is no artifact of the ` +
        `store ${store.root} as it is: a file in it was changed, added or taken away, or it holds ` +
        `several artifacts, each in a folder of its own`,
    );
  }
  const { digest } = await hashFile(path);
  const holding = index.digests("").filter((tree) =>
    store.readTree(tree)?.some((entry) => entry.digest === digest)
  );
  const ofRun = holding.filter((tree) => index.yielding(tree).some(({ key }) => run.has(key)));
  const found = ofRun.length > 0 ? ofRun : holding;
  if (found.length === 1) return found[0]!;
  throw new UsageError(
    found.length === 0
      ? `the file ${path} (${digest.slice(0, 12)}) is in no artifact of the store ${store.root}`
      : `the file ${path} is in several artifacts; name one: ${listed(found.map(nameIn(index)))}`,
  );
}

/** A digest or a key by its beginning. */
function byDigest(index: ActionIndex, text: string): LineageQuery | undefined {
  const prefix = text.replace(/^tree:/, "").toLowerCase();
  if (!/^[0-9a-f]+$/.test(prefix) || prefix.length < LEAST) return undefined;
  const digests = index.digests(prefix);
  const keys = index.actions.filter(({ key }) => key.startsWith(prefix));
  if (digests.length + keys.length > 1) {
    const names = [
      ...digests.map(nameIn(index)),
      ...keys.map(({ key, stage }) => `${key.slice(0, 12)} (the key of ${stage})`),
    ];
    throw new UsageError(`${JSON.stringify(text)} begins several digests: ${listed(names)}`);
  }
  const [digest] = digests;
  if (digest !== undefined) return { digest };
  const [action] = keys;
  if (!action) return undefined;
  const outputs = Object.entries(action.outputs);
  if (outputs.length > 1) {
    const names = outputs.map(([name, digest]) => `${digest.slice(0, 12)} (${name})`);
    throw new UsageError(
      `${text} is the key of ${action.stage}, which has several outputs; name one: ${
        listed(names)
      }`,
    );
  }
  return { digest: outputs[0]![1], key: action.key };
}

/** A digest with the stage and output that it comes from: `0123456789ab (normalize.clips)`. */
function nameIn(index: ActionIndex): (digest: string) => string {
  return (digest) => {
    const [action] = index.yielding(digest);
    const output = Object.entries(action?.outputs ?? {}).find(([, d]) => d === digest)?.[0];
    return `${digest.slice(0, 12)} (${action?.stage}.${output})`;
  };
}
