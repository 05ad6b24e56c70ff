/**
 * Changes that must invalidate nothing.
 *
 * @module
 */
import { INTEGRITY } from "./code_edits.ts";
import type { HarmlessChange } from "./edit.ts";
import { copyFolder, type Workbench } from "./workbench.ts";

const TOY = "experiments/toy.yaml";

/** Changes of experiment files. */
const OF_EXPERIMENTS: readonly HarmlessChange[] = [
  { what: "a comment in an experiment file", apply: (p) => p.append(TOY, "# Done.\n") },
  {
    what: "stages, parameters and inputs in another order",
    apply: (p) => {
      const text = p.read(TOY);
      const [head, stages, variants] = text.split(/^(?:stages|variants):\n/m);
      const blocks = stages!.split(/^(?= {2}\w)/m).reverse().join("");
      p.write(TOY, `variants:\n${variants}${head}stages:\n${blocks}`);
      p.replace(TOY, "tau: 0.1, crop: { ratio: 0.5 }", "crop: { ratio: 0.5 }, tau: 0.1");
      p.replace(
        TOY,
        "clips: parse.clips, model: pretrain.model",
        "model: pretrain.model, clips: parse.clips",
      );
    },
  },
  {
    what: "an anchor instead of a repeated text",
    apply: (p) => {
      p.replace(TOY, "clips: parse.clips }", "clips: &from parse.clips }");
      p.replace(TOY, "clips: parse.clips, model", "clips: *from, model");
    },
  },
  {
    what: "numbers and texts written otherwise",
    apply: (p) => {
      p.replace(TOY, "tau: 0.1", "tau: 1.0e-1");
      p.replace(TOY, "title: Results", 'title: "Results"');
    },
  },
  {
    what: "a default written out",
    apply: (p) => p.replace(TOY, "tau: 0.1,", "tau: 0.1, epochs: 2,"),
  },
  {
    what: "a parameter left out that has its default",
    apply: (p) => p.replace(TOY, "tau: 0.1,", ""),
  },
  {
    what: "`extends` written out in one file",
    apply: (p) => {
      const base = p.read("experiments/base.yaml");
      p.replace(TOY, "extends: base.yaml\nstages:\n", base);
    },
  },
  {
    what: "another name of the experiment and of its file",
    apply: (p) => {
      p.replace(TOY, "name: toy", "name: plaything");
      p.write("experiments/plaything.yaml", p.read(TOY));
    },
    how: { file: "experiments/plaything.yaml" },
  },
  {
    what: "a matrix that leads to the same values",
    how: { file: "experiments/grid.yaml" },
  },
  {
    what: "a stage renamed",
    apply: (p) => {
      p.write(
        TOY,
        p.read(TOY).replaceAll("pretrain:\n", "teach:\n").replaceAll("pretrain.", "teach."),
      );
      p.replace(TOY, "{ pretrain: { params: { epochs", "{ teach: { params: { epochs");
    },
  },
  {
    what: "another variant, and what the experiment expects",
    apply: (p) => {
      p.append(TOY, "  short:\n    stages: { pretrain: { params: { epochs: 1 } } }\n");
      p.append(TOY, "expect:\n  evaluate.near: { min: 0 }\n");
    },
  },
  {
    what: "an experiment file with Windows line ends",
    apply: (p) => p.write(TOY, p.read(TOY).replaceAll("\n", "\r\n")),
  },
];

/** Changes of code, of what surrounds it, and of packages. */
const OF_CODE: readonly HarmlessChange[] = [
  {
    what: "comments in code",
    apply: (p) => {
      p.append("lib/three.ts", "\n// The end. /* Really. */\n");
      p.replace("train.ts", "/** Trains", "/** It trains");
    },
  },
  {
    what: "another format of code",
    apply: (p) => {
      p.replace(
        "evaluate.ts",
        "(value) => Math.abs(two(value) - model) <",
        "value=>\n(Math.abs(two(value)-model))<",
      );
      p.replace("lib/lines.ts", 'split("\\n")', "split('\\n',)");
    },
  },
  {
    what: "code with Windows line ends",
    apply: (p) => {
      for (const file of p.files().filter((name) => name.endsWith(".ts"))) {
        p.write(file, p.read(file).replaceAll("\n", "\r\n"));
      }
    },
  },
  {
    what: "types: an interface, an annotation, a cast",
    apply: (p) => {
      p.append("lib/two.ts", "\nexport interface Two {\n  readonly two: 2;\n}\n");
      p.replace(
        "lib/two.ts",
        "return round(three(value));",
        "return round(three(value) as number) satisfies number;",
      );
    },
  },
  {
    what: "an import of types alone, and what it leads to",
    apply: (p) => {
      p.replace(
        "evaluate.ts",
        "import { two }",
        'import type { Params } from "./train.ts";\nimport { two }',
      );
      p.replace("evaluate.ts", "const near", "const near: readonly number[]");
      p.append("lib/shift.ts", "\nexport type Shifts = readonly Shift[];\n");
    },
  },
  {
    what: "an import that only types need, and code behind it",
    apply: (p) => {
      p.replace(
        "evaluate.ts",
        "import { two }",
        'import { type EXTRA } from "./lib/extra.ts";\nimport { two }',
      );
      p.replace("lib/extra.ts", "EXTRA = 0", "EXTRA = 1");
    },
  },
  {
    what: "an imported JSON file in another format",
    apply: (p) => p.write("words.json", JSON.stringify(JSON.parse(p.read("words.json")), null, 4)),
  },
  { what: "a module that nothing imports", apply: (p) => p.replace("lib/extra.ts", "0", "1") },
  {
    what: "a kernel's source, where results are the CPU's",
    apply: (p) => p.replace("lib/kernel.wgsl", "64", "32"),
  },
  { what: "tests", apply: (p) => p.replace("tests/lines_test.ts", "nothing", "something") },
  { what: "docs", apply: (p) => p.append("docs/page.md", "\nMore of it.\n") },
  {
    what: "what a definition says for people, its needs and rules",
    apply: (p) => {
      p.replace("definitions.ts", "Normalizes clips", "Brings clips into one form");
      p.replace("definitions.ts", "memoryMiB: 100", "memoryMiB: 200");
      p.replace(
        "definitions.ts",
        'entry: here("./parse.ts"),',
        'entry: here("./parse.ts"),\n    check: () => [],',
      );
    },
  },
  {
    what: "the lockfile's integrity of a package that no stage reaches",
    apply: (p) => p.replace("deno.lock", INTEGRITY.unreached, "sha512-AAAA"),
  },
  {
    what: "`deno.json` in another order, and a name in the import map that nothing uses",
    apply: (p) => {
      const { imports, ...rest } = JSON.parse(p.read("deno.json"));
      p.write(
        "deno.json",
        JSON.stringify({ tasks: {}, imports: { more: "./lib/extra.ts", ...imports }, ...rest }),
      );
    },
  },
];

/** Changes of files' surroundings and of the machine's. */
const OF_SURROUNDINGS: readonly HarmlessChange[] = [
  {
    what: "every file touched",
    apply: (p) => {
      const later = new Date(Date.now() + 5000);
      for (const file of p.files()) Deno.utimeSync(`${p.project}/${file}`, later, later);
    },
  },
  { what: "another branch of git, and back", apply: gitRoundTrip },
  {
    what: "the checkout in another folder",
    apply: (p) => copyBeside(p, "moved far/é"),
    how: { project: "moved far/é" },
  },
  {
    what: "the store in another folder",
    apply: (p) => {
      Deno.renameSync(`${p.folder}/store`, `${p.folder}/moved store`);
      p.afterwards(() => Deno.renameSync(`${p.folder}/moved store`, `${p.folder}/store`));
    },
    how: { store: "moved store" },
  },
  {
    what: "this machine's caches in the store gone",
    apply: async (p) => Deno.removeSync((await p.store()).local, { recursive: true }),
  },
  {
    what: "modes of data files, and an empty folder beside them",
    apply: (p) => {
      Deno.chmodSync(`${p.project}/data/a.txt`, 0o600);
      Deno.mkdirSync(`${p.project}/data/empty`);
      p.afterwards(() => Deno.removeSync(`${p.project}/data/empty`));
    },
  },
  {
    what: "a data file replaced by a link to the same bytes",
    apply: (p) => {
      const [link, file] = [`${p.project}/data/a.txt`, `${p.folder}/elsewhere.txt`];
      p.rename("data/a.txt", "../elsewhere.txt");
      Deno.symlinkSync(file, link);
      p.afterwards(() => Deno.removeSync(link));
    },
  },
  {
    what: "`--jobs 1`",
    states: async (p) => {
      const { stages } = await p.run({}, { jobs: 1 });
      return Object.fromEntries(stages.map(({ id, status }) => [id, status]));
    },
  },
  {
    what: "another current folder, time zone, language and umask",
    states: elsewhere,
  },
];

/** All changes that must invalidate nothing. */
export const harmlessChanges: readonly HarmlessChange[] = [
  ...OF_EXPERIMENTS,
  ...OF_CODE,
  ...OF_SURROUNDINGS,
];

function copyBeside(p: Workbench, name: string): void {
  copyFolder(p.project, `${p.folder}/${name}`);
  p.afterwards(() => Deno.removeSync(`${p.folder}/${name}`, { recursive: true }));
}

/**
 * Commits all, edits it on a branch, and comes back: every file is written anew. Without git the files
 * are, as it would do.
 */
async function gitRoundTrip(p: Workbench): Promise<void> {
  const files = p.files();
  if (!hasGit()) {
    for (const file of files) {
      const text = p.read(file);
      p.remove(file);
      p.write(file, text);
    }
    return;
  }
  const git = async (...args: string[]) => {
    const { success, stderr } = await new Deno.Command("git", {
      args: ["-c", "user.name=toy", "-c", "user.email=toy@example.org", ...args],
      cwd: p.project,
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
  };
  p.afterwards(() => Deno.removeSync(`${p.project}/.git`, { recursive: true }));
  await git("init", "--quiet", "--initial-branch=main");
  await git("add", ".");
  await git("commit", "--quiet", "--message=All");
  await git("checkout", "--quiet", "-b", "other");
  for (const file of files) {
    Deno.writeTextFileSync(`${p.project}/${file}`, "// Another.\n");
  }
  await git("commit", "--quiet", "--all", "--message=Another");
  await git("checkout", "--quiet", "main");
}

/** The states of a plan that another process makes, in other circumstances. */
async function elsewhere(p: Workbench): Promise<Record<string, string>> {
  const { stdout, stderr } = await new Deno.Command("sh", {
    args: [
      "-c",
      'umask 077; exec "$0" "$@"',
      Deno.execPath(),
      "run",
      "-A",
      "--quiet",
      "--config",
      new URL("../../../deno.json", import.meta.url).pathname,
      new URL("./plan_elsewhere.ts", import.meta.url).pathname,
      p.folder,
    ],
    cwd: "/",
    env: { TZ: "Pacific/Apia", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" },
  }).output();
  const text = new TextDecoder().decode(stdout);
  if (text === "") throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(text);
}

function hasGit(): boolean {
  try {
    return new Deno.Command("git", { args: ["--version"] }).outputSync().success;
  } catch {
    return false;
  }
}
