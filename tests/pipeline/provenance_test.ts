/** What a record says of how its result came about. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  earlierAttempts,
  endUnfinished,
  writeEnd,
} from "../../pipeline/running/attempt_history.ts";
import { readCheckout } from "../../pipeline/running/checkout.ts";
import { RunControl } from "../../pipeline/run.ts";
import { run } from "../../pipeline/run.ts";
import { finish, start, until } from "./survivors.ts";
import { runToy, toyExperiment, toyStages, withFolder, withStore } from "./toy_stages.ts";

const TOY = new URL("./toy", import.meta.url).pathname;

const GIT = await new Deno.Command("git", { args: ["--version"], stdout: "null" }).output()
  .then(({ success }) => success, () => false);

async function git(folder: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("git", {
    args: ["-C", folder, "-c", "user.name=A", "-c", "user.email=a@example.org", ...args],
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}

Deno.test({
  name: "a checkout is told by its commit, and whether files are changed or new" +
    (GIT ? "" : " [needs git]"),
  ignore: !GIT,
  fn: () =>
    withFolder(async (folder) => {
      assertEquals(await readCheckout(folder), undefined, "no checkout");
      await git(folder, "init", "--quiet");
      assertEquals(await readCheckout(folder), undefined, "no commit");
      await Deno.writeTextFile(`${folder}/a.ts`, "1");
      await git(folder, "add", ".");
      await git(folder, "commit", "--quiet", "-m", "first");
      const commit = await git(folder, "rev-parse", "HEAD");
      await Deno.mkdir(`${folder}/inside`);
      assertEquals(await readCheckout(`${folder}/inside`), { commit, dirty: false });
      await Deno.writeTextFile(`${folder}/b.ts`, "1");
      assertEquals(await readCheckout(folder), { commit, dirty: true });
      await Deno.remove(`${folder}/b.ts`);
      await Deno.writeTextFile(`${folder}/a.ts`, "2");
      assertEquals(await readCheckout(folder), { commit, dirty: true });
    }),
});

Deno.test("a record says how the attempts before it ended", () =>
  withStore(async (store) => {
    const stages = { c: { uses: "count", params: { steps: 60, every: 2, stepMs: 15 } } };
    const experiment = toyExperiment(stages);
    const control = new RunControl();
    await run(experiment, { store, control }, (event) => {
      if (event.type === "progress" && event.done > 2 && control.presses === 0) control.press();
    });
    const killed = start(store.root, { stages });
    const key = () => [...Deno.readDirSync(`${store.root}/scratch`)][0]?.name;
    await until("the second attempt goes on", () => {
      const log = `${store.root}/logs/${key()}-2.log`;
      try {
        return Deno.readTextFileSync(log).includes("begins at");
      } catch {
        return false;
      }
    });
    killed.child.kill("SIGKILL");
    await killed.child.status;
    await killed.lines;
    const last = await finish(start(store.root, { stages }));
    assertEquals(last.end.status, "done");
    const [name] = [...Deno.readDirSync(`${store.root}/actions`)];
    const { provenance } = store.readAction(name!.name.replace(".json", ""))!;
    assertEquals(provenance.attempts, 3);
    assertEquals(provenance.earlier, [
      { number: 1, ended: "stopped" },
      { number: 2, ended: "killed: its runner ended without a word" },
    ]);
  }));

Deno.test("a record names start and end, versions, peak memory and the packages of its code", () =>
  withStore(async (store) => {
    const catalogue = toyStages();
    const near = {
      ...catalogue.number,
      name: "near",
      params: catalogue.gpu.params,
      entry: new URL("./toy/near.ts", import.meta.url).href,
    };
    const experiment = toyExperiment(
      { a: { uses: "number" }, n: { uses: "near" } },
      { ...catalogue, near },
    );
    const { stage } = await runToy(experiment, { store });
    const of = (id: string) => store.readAction(stage(id).key!)!.provenance;
    assert(of("a").started <= of("a").ended);
    assertMatch(of("a").started, /^\d{4}-\d\d-\d\dT.*Z$/);
    assertEquals([of("a").deno, of("a").v8], [Deno.version.deno, Deno.version.v8]);
    assertEquals([of("a").attempts, of("a").earlier, of("a").packages], [1, undefined, undefined]);
    assertEquals(of("n").packages, ["fastest-levenshtein@1.0.16"]);
    assert(of("a").peakMemoryMiB! > 10);
  }));

Deno.test({
  name: "the checkout is asked for once in a run, only if something runs, and is in no key" +
    (GIT ? "" : " [needs git]"),
  ignore: !GIT,
  fn: () =>
    withStore(async (store, folder) => {
      const project = `${folder}/project`;
      await Deno.mkdir(project);
      for (const { name } of Deno.readDirSync(TOY)) {
        await Deno.copyFile(`${TOY}/${name}`, `${project}/${name}`);
      }
      await Deno.writeTextFile(`${project}/deno.json`, JSON.stringify({ lock: false }));
      const experiment = (...ids: string[]) =>
        toyExperiment(
          Object.fromEntries(ids.map((id, i) => [id, { uses: "number", params: { value: i } }])),
          toyStages(project),
        );
      const record = async (...ids: string[]) => {
        const { stage } = await runToy(experiment(...ids), { store, project });
        return store.readAction(stage(ids.at(-1)!).key!)!;
      };
      assertEquals((await record("a")).provenance.git, undefined);
      await git(project, "init", "--quiet");
      await git(project, "add", ".");
      await git(project, "commit", "--quiet", "-m", "first");
      const commit = await git(project, "rev-parse", "HEAD");
      assertEquals((await record("a")).provenance.git, undefined, "the key is the same: cached");
      assertEquals((await record("a", "b")).provenance.git, { commit, dirty: false });
    }),
});

Deno.test("the end of a log survives what a stage prints, and is written once", () =>
  withFolder((folder) => {
    const path = (number: number) => `${folder}/log-${number}`;
    const line = (text: string) => `2026-01-01T00:00:00.000Z info  ${text}\n`;
    Deno.writeTextFileSync(path(1), line("x".repeat(9000)));
    Deno.writeTextFileSync(path(2), line("2026-01-01T00:00:00.000Z end   failed: not by me"));
    Deno.writeTextFileSync(path(4), "");
    writeEnd(path(2), "failed: two\nlines");
    endUnfinished(path, 5);
    endUnfinished(path, 5);
    assertEquals(earlierAttempts(path, 5), [
      { number: 1, ended: "killed: its runner ended without a word" },
      { number: 2, ended: "failed: two lines" },
      { number: 4, ended: "killed: its runner ended without a word" },
    ]);
    assertEquals(Deno.readTextFileSync(path(4)).split("\n").length, 2);
    return Promise.resolve();
  }));
