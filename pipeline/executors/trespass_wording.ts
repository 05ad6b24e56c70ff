/**
 * What is said of an access that a stage did not declare: what it touched, and the lines to add so that
 * it may.
 *
 * @module
 */
import { basename, dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Trespass } from "./audit.ts";
import type { Job } from "./executor.ts";

/** Says what was touched and what to write so that it may be. */
export function explainTrespass(
  job: Pick<Job, "instance" | "entry" | "project" | "folder" | "store" | "experimentFile">,
  { permission, value }: Trespass,
): string {
  const { definition: { name, outputs } } = job.instance;
  switch (permission) {
    case "read":
      return explainRead(job, value);
    case "write": {
      const output = Object.keys(outputs)[0] ?? "NAME";
      return `It wrote ${value}, which is outside its outputs. Write into one of them: ` +
        `\`\${ctx.output("${output}")}/${basename(value)}\``;
    }
    case "env": {
      const param = identifier(value).toLowerCase();
      return `It read the environment variable ${value}, which no key covers: a stage sees none. ` +
        `Make it a parameter: ${
          inDefinition(name)
        }, params: \`${param}: z.string()\`, and read it as ` +
        `\`ctx.params.${param}\``;
    }
    case "net":
      return `It asked for "net" access (${value}), which a stage does not have: its result would ` +
        `hang on more than its inputs. Fetch the file beforehand and give it as an input; or, if ` +
        `the answer is always the same, ${inDefinition(name)}: \`allow: { net: ["${value}"] }\``;
    case "run":
      return `It started a process (${value}), which a stage may not: its result would hang on a ` +
        `program that no key covers. If what it does is always the same, ${inDefinition(name)}: ` +
        `\`allow: { run: ["${value}"] }\``;
    default:
      return `It asked for "${permission}" access (${value}), which a stage does not have: ` +
        `its result would hang on more than its inputs.`;
  }
}

function explainRead(
  { instance, entry, project, folder, store, experimentFile }: Parameters<
    typeof explainTrespass
  >[0],
  path: string,
): string {
  const { definition, id, base = id } = instance;
  const read = `It read ${path}, which is not among its inputs.`;
  if (path.startsWith(`${folder}/`)) {
    return `It read ${
      relative(folder, path)
    }, seen from its process's current folder, where nothing ` +
      `of the user's is. Ask for the place of an input: ctx.input(NAME)`;
  }
  if (path.startsWith(`${store}/`)) {
    return `${read} It lies in the store: take the output of another stage as an input, by ` +
      `"NAME: STAGE.OUTPUT" in ${experimentFile}, under stages.${base}.inputs`;
  }
  const free = Object.entries(definition.inputs).find(([name, port]) =>
    name !== "*" && port.external && !Object.hasOwn(instance.inputs, name)
  )?.[0];
  const name = free ?? identifier(basename(path).replace(/\.[^.]*$/, ""));
  const port = `${name}: { type: "file", summary: "...", external: true }`;
  const asInput = (free ? "" : `${inDefinition(definition.name)}, inputs: \`${port}\`, and `) +
    `in ${experimentFile}, stages.${base}.inputs: \`${name}: { path: ${path} }\``;
  if (!path.startsWith(`${project}/`)) return `${read} Declare it: ${asInput}`;
  const from = relative(dirname(fileURLToPath(entry)), path);
  const url = `new URL("${from.startsWith(".") ? from : `./${from}`}", import.meta.url).href`;
  const roots = definition.roots ? `one more of its roots: \`${url}\`` : `\`roots: [${url}]\``;
  const beside = relative(project, fileURLToPath(entry));
  return `${read} If it is part of the stage's code, ${inDefinition(definition.name)} ` +
    `(seen from ${dirname(beside)}/): ${roots}; if it is data, ${asInput}`;
}

function inDefinition(stage: string): string {
  return `in the definition of ${stage}`;
}

/** A name that an input or a parameter may have. */
function identifier(text: string): string {
  const name = text.replaceAll(/[^A-Za-z0-9_]+/g, "_").replace(/^_+|_+$/g, "");
  return /^[A-Za-z]/.test(name) ? name : `file_${name}`;
}
