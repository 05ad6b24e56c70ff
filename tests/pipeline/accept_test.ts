import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { acceptStages } from "../../pipeline/acceptance/accept.ts";
import { listAcceptances, revokeAcceptance } from "../../pipeline/acceptance/acceptances.ts";
import { personHere } from "../../pipeline/acceptance/person.ts";
import { plan } from "../../pipeline/plan.ts";
import { Planning } from "../../pipeline/planning.ts";
import { resultsTable } from "../../pipeline/screen/results_table.ts";
import { openStore, type Store } from "../../pipeline/store/store.ts";
import { UsageError } from "../../pipeline/usage_error.ts";
import { verify } from "../../pipeline/verify/verify.ts";
import { digestOf, runToy, toyExperiment, type ToyStage, toyStages } from "./toy_stages.ts";
import { withFolder } from "./toy_stages.ts";

const TOY = new URL("./toy", import.meta.url).pathname;

const ADA = { who: "Ada <ada@example.org>", why: "only a log line changed" };

const STAGES: Record<string, ToyStage> = {
  a: { uses: "number", params: { value: 1234 } },
  t: { uses: "total", inputs: { a: "a.number" } },
  u: { uses: "total", params: { modulo: 100 }, inputs: { t: "t.number" } },
};

/** A toy project that can be edited, with its results in a store. */
class Bench {
  readonly store: Store;
  readonly code: string;

  constructor(store: Store, code: string) {
    this.store = store;
    this.code = code;
  }

  get options() {
    return { store: this.store, project: this.code };
  }

  experiment(stages = STAGES) {
    return toyExperiment(stages, toyStages(this.code));
  }

  run(stages?: Record<string, ToyStage>) {
    return runToy(this.experiment(stages), this.options);
  }

  async states(stages?: Record<string, ToyStage>) {
    const planned = await plan(this.experiment(stages), this.options);
    return Object.fromEntries(planned.stages.map(({ node, state }) => [node.id, state]));
  }

  async accept(wanted?: readonly string[], stages?: Record<string, ToyStage>) {
    const planning = await Planning.begin(this.experiment(stages), this.options);
    return await acceptStages(planning, ADA, wanted && new Set(wanted));
  }

  async edit(file: string, from: string, to: string): Promise<void> {
    const text = await Deno.readTextFile(`${this.code}/${file}`);
    assert(text.includes(from), `${file} has no ${from}`);
    await Deno.writeTextFile(`${this.code}/${file}`, text.replace(from, to));
  }
}

/** Calls back with a toy project whose experiment was run. */
function withBench(use: (bench: Bench) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    const code = `${folder}/project`;
    await Deno.mkdir(code);
    for await (const { name } of Deno.readDir(TOY)) {
      await Deno.copyFile(`${TOY}/${name}`, `${code}/${name}`);
    }
    await Deno.writeTextFile(`${code}/deno.json`, JSON.stringify({ lock: false, imports: {} }));
    const bench = new Bench(await openStore(`${folder}/store`), code);
    assertEquals((await bench.run()).summary.status, "done");
    await use(bench);
  });
}

const HELPER = ["helper_three.ts", "return value + 0", "return value + 0 + 0"] as const;

Deno.test("an accepted result is cached under the new key, says so, and can be taken back", () =>
  withBench(async (bench) => {
    const before = await bench.run();
    await bench.edit(...HELPER);
    assertEquals(await bench.states(), { a: "runs", t: "waits", u: "waits" });
    const [row, ...more] = await bench.accept(["a"]);
    assertEquals(more, []);
    assertEquals([row!.state, row!.from], ["accepted", before.stage("a").key]);
    assertEquals(row!.differences, ["code changed: helper_three.ts"]);

    const after = await bench.run();
    assertEquals(after.statuses, { a: "cached", t: "cached", u: "cached" });
    assertEquals(digestOf(after.stage("a")), digestOf(before.stage("a")));
    assertEquals(after.stage("a").accepted, ADA.who);
    assertStringIncludes(await resultsTable(after.summary), "cached (accepted)");
    const planned = await plan(bench.experiment(), bench.options);
    assertEquals(planned.stages[0]!.reason, `accepted by ${ADA.who}: ${ADA.why}`);

    const [listed] = listAcceptances(bench.store);
    assertEquals([listed!.key, listed!.who, listed!.why, listed!.stage], [
      row!.key,
      ADA.who,
      ADA.why,
      "a",
    ]);
    await assertRejects(
      () => revokeAcceptance(bench.store, "0123456789"),
      UsageError,
      "no acceptance has a key that begins with 0123456789",
    );
    await revokeAcceptance(bench.store, row!.key!.slice(0, 10));
    assertEquals(listAcceptances(bench.store), []);
    assertEquals((await bench.states())["a"], "runs");
  }));

Deno.test("with --all each acceptance makes the key of what follows known", () =>
  withBench(async (bench) => {
    for (const file of ["number.ts", "total.ts"]) {
      await bench.edit(file, "export default", "globalThis.name;\nexport default");
    }
    assertEquals(await bench.states(), { a: "runs", t: "waits", u: "waits" });
    assertEquals((await bench.accept(["t"]))[0]!.state, "refused", "its key is not known");
    const rows = await bench.accept();
    assertEquals(rows.map(({ id, state }) => [id, state]), [
      ["a", "accepted"],
      ["t", "accepted"],
      ["u", "accepted"],
    ]);
    assertEquals((await bench.run()).statuses, { a: "cached", t: "cached", u: "cached" });
    assertEquals((await bench.accept()).map(({ state }) => state), ["cached", "cached", "cached"]);
  }));

Deno.test("other parameters or inputs are never accepted, and what differs is said", () =>
  withBench(async (bench) => {
    await bench.edit(...HELPER);
    const other = { ...STAGES, a: { uses: "number", params: { value: 5 } } };
    const [a] = await bench.accept(["a"], other);
    assertEquals(a!.state, "refused");
    assertStringIncludes(
      a!.reason!,
      "differ in more than code, Deno, device or runner: value 1234",
    );
    await bench.run(other);
    await bench.edit("total.ts", "export default", "globalThis.name;\nexport default");
    const rewired = { ...other, t: { uses: "total", inputs: { b: "a.number" } } };
    const [t] = await bench.accept(["t"], rewired);
    assertStringIncludes(t!.reason!, "input");
    const [fresh] = await bench.accept(["c"], { ...STAGES, c: { uses: "count" } });
    assertEquals(fresh!.reason, "it was never computed, so there is no result to accept");
    assertEquals(listAcceptances(bench.store), []);
  }));

Deno.test("a verification confirms an acceptance that is right and refutes one that is wrong", () =>
  withBench(async (bench) => {
    await bench.edit(...HELPER);
    await bench.accept(["a"]);
    const right = await verify(bench.experiment(), { ...bench.options, only: ["a"] });
    assertEquals(right.stages.map(({ state }) => state), ["same"]);
    await bench.edit("helper_three.ts", "value + 0 + 0", "value + 1");
    await bench.accept(["a"]);
    const wrong = await verify(bench.experiment(), { ...bench.options, only: ["a"] });
    assertEquals(wrong.stages.map(({ state }) => state), ["differs"]);
    assertStringIncludes(wrong.stages[0]!.note!, ADA.who);
  }));

Deno.test("an accepted stage that is computed after all confirms itself, or says whose word was wrong", () =>
  withBench(async (bench) => {
    const forget = async () => {
      await Deno.remove(`${bench.store.root}/blobs`, { recursive: true });
      await Deno.mkdir(`${bench.store.root}/blobs`);
    };
    const more = (modulo: number): Record<string, ToyStage> => ({
      ...STAGES,
      more: { uses: "total", params: { modulo }, inputs: { a: "a.number" } },
    });
    await bench.edit(...HELPER);
    const [right] = await bench.accept(["a"]);
    await forget();
    assertEquals((await bench.run(more(7))).statuses["a"], "ran");
    assertEquals(bench.store.readAction(right!.key!)!.accepted, undefined);

    await bench.edit("helper_three.ts", "value + 0 + 0", "value + 1");
    const [wrong] = await bench.accept(["a"]);
    await forget();
    const refuted = await bench.run(more(8));
    assertEquals(refuted.statuses["a"], "failed");
    const reason = refuted.stage("a").reason!;
    assertStringIncludes(reason, `${ADA.who} accepted for it ("${ADA.why}")`);
    assertStringIncludes(reason, `deno task accept --revoke ${wrong!.key!.slice(0, 12)}`);
  }));

Deno.test("who states something is git's user, else the account at the host", async () => {
  const who = await personHere((name) => name === "USER" ? "ada" : undefined);
  assert(who === `ada@${Deno.hostname()}` || !who.startsWith("ada@"), who);
  assert(who !== "");
});
