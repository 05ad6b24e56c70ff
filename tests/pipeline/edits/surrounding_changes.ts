/**
 * Changes of what surrounds a project: its place, its files' times, the store, the machine.
 *
 * @module
 */
import type { HarmlessChange } from "./edit.ts";
import { copyFolder, type Workbench } from "./workbench.ts";

/** Changes of files' surroundings and of the machine's. */
export const surroundingChanges: readonly HarmlessChange[] = [
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
