import { dirname } from "node:path";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { denoCache } from "../../pipeline/executors/child_environment.ts";
import { inline } from "../../pipeline/executors/inline.ts";
import { openStore, StoreError } from "../../pipeline/store/store.ts";
import { runToy, toyExperiment, withFolder } from "./toy_stages.ts";

const STAGES = {
  a: { uses: "number", params: { value: 3 } },
  t: { uses: "total", inputs: { a: "a.number" } },
};

/** Runs toy stages in a process that may write nothing but one folder. */
async function runReading(store: string, writable: string, stages: unknown): Promise<string> {
  const runner = new URL("./toy_runner.ts", import.meta.url).pathname;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--no-check",
      "--allow-read",
      "--allow-env",
      "--allow-sys",
      "--allow-run",
      `--allow-write=${writable}`,
      runner,
      store,
      JSON.stringify(stages),
    ],
    env: { XDG_CACHE_HOME: writable, DENO_DIR: dirname(denoCache()[0]!) },
  }).output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

Deno.test("a store that may only be read serves runs of which all is cached, and refuses others", () =>
  withFolder(async (folder) => {
    const root = `${folder}/store`;
    await runToy(toyExperiment(STAGES), { store: await openStore(root), executor: inline });
    for (const cache of ["kept", "lost"]) {
      // Caches that another machine would not have are made in the user's cache folder.
      if (cache === "lost") await Deno.remove(`${root}/local`, { recursive: true });
      const said = await runReading(root, `${folder}/cache`, STAGES);
      const { status, reasons } = JSON.parse(said.split("\n")[0]!);
      assertEquals([status, reasons], ["done", []], said);
    }
    const refused = await runReading(root, `${folder}/cache`, { b: { uses: "count" } });
    assertStringIncludes(refused, `Cannot use ${root} as a store`);
  }));

Deno.test("what cannot be written or read is said in words", () =>
  withFolder(async (folder) => {
    const store = await openStore(`${folder}/store`);
    await Deno.remove(`${store.root}/runs`, { recursive: true });
    const unwritten = await assertRejects(
      () => store.write(`${store.root}/runs/a`, ""),
      StoreError,
    );
    assertEquals(
      unwritten.message,
      `Cannot write ${store.root}/runs/a: there is no such file or folder.`,
    );
    await Deno.mkdir(store.actionPath("k"));
    const unread = await assertRejects(
      () => Promise.resolve().then(() => store.readAction("k")),
      StoreError,
    );
    assertStringIncludes(unread.message, `Cannot read ${store.actionPath("k")}: `);
  }));

Deno.test("a store's path may hold a comma and what means something in a URL or a shell", () =>
  withFolder(async (folder) => {
    const store = await openStore(`${folder}/a,b c#d?e%20f\\g'h$i`);
    const { statuses } = await runToy(toyExperiment(STAGES), { store });
    assertEquals(statuses, { a: "ran", t: "ran" });
  }));
