import { assertEquals } from "@std/assert";
import { withFolder } from "../toy_stages.ts";
import { codeEdits } from "./code_edits.ts";
import { cutoffEdits } from "./cutoff_edits.ts";
import { dataEdits } from "./data_edits.ts";
import { expectedStates } from "./edit.ts";
import { harmlessChanges } from "./harmless_changes.ts";
import { parameterEdits } from "./parameter_edits.ts";
import { WHY_PAGE, whyPage } from "./why_page.ts";
import { Workbench } from "./workbench.ts";

Deno.test("each edit invalidates exactly the stages that it reaches, and why names it", (t) =>
  withFolder(async (folder) => {
    const bench = await Workbench.open(folder);
    for (
      const { what, apply, how, changes, runs = [], why } of [
        ...parameterEdits,
        ...codeEdits,
        ...dataEdits,
      ]
    ) {
      await t.step(what, async () => {
        await apply?.(bench);
        try {
          const seen = await bench.observe(how);
          assertEquals(seen.changes, changes);
          assertEquals(seen.states, expectedStates([...changes, ...runs]));
          assertEquals(seen.why, why);
        } finally {
          bench.restore();
        }
      });
    }
    await t.step("taken back, all is cached", async () => {
      assertEquals((await bench.observe()).states, expectedStates([]));
    });
  }));

Deno.test("changes that cannot change a result invalidate nothing", (t) =>
  withFolder(async (folder) => {
    const bench = await Workbench.open(folder);
    for (const { what, apply, how, states } of harmlessChanges) {
      await t.step(what, async () => {
        await apply?.(bench);
        try {
          const seen = await states?.(bench) ?? (await bench.observe(how)).states;
          assertEquals(Object.values(seen), Array(5).fill("cached"));
        } finally {
          bench.restore();
        }
      });
    }
  }));

Deno.test("a stage that runs again and makes the same bytes leaves all that follows cached", (t) =>
  withFolder(async (folder) => {
    const bench = await Workbench.open(folder);
    for (const { what, apply, why, ran } of cutoffEdits) {
      await t.step(what, async () => {
        apply(bench);
        try {
          assertEquals((await bench.observe()).why, why);
          const { stages } = await bench.run();
          const statuses = stages.map(({ id, status }) => [id, status]);
          const computed: readonly string[] = ran;
          assertEquals(
            statuses,
            stages.map(({ id }) => [id, computed.includes(id) ? "ran" : "cached"]),
          );
        } finally {
          bench.restore();
        }
      });
    }
  }));

Deno.test("docs/why.md is what the list of edits says", () => {
  assertEquals(
    Deno.readTextFileSync(WHY_PAGE),
    whyPage(),
    "write it anew: deno run -A tests/pipeline/edits/why_page.ts",
  );
});
