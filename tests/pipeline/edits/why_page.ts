/**
 * The page `docs/why.md`, made from the list of edits: `deno run -A tests/pipeline/edits/why_page.ts`
 * writes it anew.
 *
 * @module
 */
import { RUNNER } from "../../../pipeline/manifest.ts";
import { PINNED_DENO } from "../../../pipeline/pinned_deno.ts";
import { codeEdits } from "./code_edits.ts";
import { cutoffEdits } from "./cutoff_edits.ts";
import { dataEdits } from "./data_edits.ts";
import { type CutoffEdit, type Edit, expectedStates, type StageId } from "./edit.ts";
import { harmlessChanges } from "./harmless_changes.ts";
import { parameterEdits } from "./parameter_edits.ts";

/** Where the page is. */
export const WHY_PAGE: string = new URL("../../../docs/why.md", import.meta.url).pathname;

const HEAD = `# What makes a stage run again

This page is made from a list of edits that the tests apply, one by one, to a small project
(\`tests/pipeline/edits\`), plan, and hold against what is written here. The project has five stages:

\`\`\`
parse -> normalize -> pretrain -> evaluate -> report      (evaluate also takes the clips of parse)
\`\`\`

Of each edit it gives the line that \`deno task why FILE STAGE\` begins with for the stage that runs
at once, then the stages whose action is another one by the edit itself, and those that wait: their
keys are known when their inputs exist, and if those turn out to be the bytes they were, they stay
cached. All other stages are cached, and for them no process is started.

`;

const KEY =
  `The key of an action is a fingerprint of: the stage's name; its parameters after defaults and
validation; the content of each input; the types of its outputs; the code closure of the entry in
use; Deno's version; the class of device, where the stage computes on one; the runner's own version
of what an action means. Two keys are compared by all of it.

The code closure is what the entry's code loads, by imports of code: each module without comments,
white space and types, under its path in the project, with where each of its imports leads; imported
JSON by its value; imported text byte by byte; the npm packages that are reached, with all they
need, by the lockfile's integrities; the compiler's settings by which the same code runs otherwise;
and the roots that the definition lists because no import shows them: Workers, with their own
imports, and files that are read by URL. An \`import()\` of anything but a written-out path is an
error that names its file and line. An import of which only types are used counts for nothing, since
Deno does not run it.

The class of device says what can change bits: \`cpu\`, or \`webgpu\` with adapter and driver.
\`deno task plan FILE --device CLASS\` plans for another machine. With \`--accept-device any\` a stage
whose own result is missing takes that of another class, if its bytes are in the store; the plan,
\`why\`, the table of the run and \`lineage\` say so, and what is computed from it has that result's
content in its key.`;

/** The whole page. */
export function whyPage(): string {
  return HEAD +
    section("Parameters, wiring, declarations", editTexts(parameterEdits)) +
    section("Code, kernels, imports, packages", editTexts(codeEdits)) +
    section("Data, records, versions, devices", editTexts(dataEdits)) +
    section(
      "Cut off early",
      "Stages that run again and make the same bytes leave all that follows cached: what the plan says, " +
        "and\nwhat the run then computes.\n\n" + cutoffTexts(cutoffEdits),
    ) +
    section(
      "Changes that invalidate nothing",
      harmlessChanges.map(({ what }) => `- ${what}`).join("\n"),
    ) +
    section("What a key covers", KEY).trimEnd() + "\n";
}

function section(title: string, text: string): string {
  return `## ${title}\n\n${text}\n\n`;
}

function editTexts(edits: readonly Edit[]): string {
  return fenced(edits.map(({ what, changes, runs = [], why }) => {
    const states = expectedStates([...changes, ...runs]);
    const ids = Object.keys(states) as StageId[];
    const waits = ids.filter((id) => states[id] === "waits");
    const gone = runs.length === 0 ? [] : [`runs: ${runs.join(", ")}`];
    const own = changes.length === 0 ? gone : [`another action: ${changes.join(", ")}`];
    const then = waits.length === 0 ? [] : [`waits: ${waits.join(", ")}`];
    return [what, ...why.map(printed), [...own, ...then].join("; ")];
  }));
}

function cutoffTexts(edits: readonly CutoffEdit[]): string {
  return fenced(
    edits.map(({ what, why, ran }) => [what, ...why.map(printed), `computed: ${ran.join(", ")}`]),
  );
}

/** A line of output as it is printed by the Deno that the page speaks of. */
function printed(text: string): string {
  return text.replaceAll(RUNNER.deno, PINNED_DENO);
}

/** Texts in a block that no formatter touches: the first line of each, the others indented. */
function fenced(texts: readonly (readonly string[])[]): string {
  const blocks = texts.map(([first, ...rest]) => [first, ...rest.map((line) => `  ${line}`)]);
  return `\`\`\`text\n${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n\`\`\``;
}

if (import.meta.main) Deno.writeTextFileSync(WHY_PAGE, whyPage());
