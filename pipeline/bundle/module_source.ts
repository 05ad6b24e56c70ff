/**
 * A module of the project as it goes into a bundle: it finds its neighbours where it stood in the
 * project, although its code moves into another file.
 *
 * @module
 */
import { CodeError, loaderOf } from "../code/code_text.ts";

/** What stands for the module itself; no module of the project has such names. */
const OWN_URL = "bundledModuleUrl$";
const OWN_RESOLVE = "bundledModuleResolve$";
const IS_MAIN = "bundledModuleIsMain$";

/** How a sentence calls a verb in the project, and how it is called from a bundle. */
const TASK = /\bdeno task\b(?! (?:test\b|bundle\b|demo:|protocols\b))/g;

/** What help says of another way, which a bundle does not have. */
const OTHER_WAY = / +\(or: deno run -A main\.ts VERB \.\.\.\)/g;

/** A module to be bundled. */
export interface ModuleSource {
  /** Its path in the project. */
  readonly name: string;
  /** Its text. */
  readonly text: string;
  /**
   * It is part of some stage's key, so that nothing that it may write into a result can be changed.
   * In others, sentences that name a task name the bundle's launcher instead.
   */
  readonly keyed: boolean;
  /** Where files of the project that sentences name lie in the bundle. */
  readonly moved: Readonly<Record<string, string>>;
}

/**
 * The text of a module for a bundle whose code lies in a folder of its own beside the project's folders.
 *
 * @returns JavaScript if the module says where it is, else the text with its types.
 * @throws {CodeError} If it does not parse.
 */
export async function bundledSource(
  { name, text, keyed, moved }: ModuleSource,
  transform: typeof import("esbuild").transform,
): Promise<{ readonly text: string; readonly loader: "ts" | "js" | "tsx" | "jsx" }> {
  const loader = loaderOf(name) ?? "ts";
  const said = keyed ? text : reworded(text, moved);
  if (!said.includes("import.meta")) return { text: said, loader };
  const { code } = await transform(said, {
    loader,
    sourcefile: name,
    target: "esnext",
    logLevel: "silent",
    define: {
      "import.meta.url": OWN_URL,
      "import.meta.resolve": OWN_RESOLVE,
      "import.meta.main": IS_MAIN,
    },
  }).catch((error: Error) => {
    throw new CodeError(`${name}: ${error.message}`);
  });
  const prelude = [
    `const ${OWN_URL} = new URL(${JSON.stringify(`../${name}`)}, import.meta.url).href;`,
    code.includes(OWN_RESOLVE)
      ? `const ${OWN_RESOLVE} = (to) => new URL(to, ${OWN_URL}).href;`
      : "",
    code.includes(IS_MAIN) ? `const ${IS_MAIN} = Deno.mainModule === ${OWN_URL};` : "",
  ].filter((line) => line !== "");
  return { text: `${prelude.join("\n")}\n${code}`, loader: "js" };
}

function reworded(text: string, moved: ModuleSource["moved"]): string {
  let said = text.replaceAll(OTHER_WAY, "").replaceAll(TASK, "./skelrun");
  for (const [from, to] of Object.entries(moved)) {
    said = said.replaceAll(new RegExp(`(\\./skelrun \\w+ )${from}/`, "g"), `$1${to}/`);
  }
  return said;
}
