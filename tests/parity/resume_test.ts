/** Interrupted runs end with the bytes of uninterrupted ones. */
import { assert, assertEquals } from "@std/assert";
import { Ended, treeOf } from "../unit/pretrain/fake_context.ts";
import { type Ending, TinyRun } from "../unit/pretrain/tiny_run.ts";

/** Runs until the end that was asked for; fails if the stage comes to its own end before. */
async function interrupted(how: Ended["how"], run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (error instanceof Ended && error.how === how) return;
    throw error;
  }
  throw new Error("the run ended before it was interrupted");
}

Deno.test("pretrain killed at three points ends with every byte of an uninterrupted run", async () => {
  await using run = await TinyRun.make();
  const whole = await run.pretrain("whole");
  const expected = await treeOf(`${run.home}/whole/out`);
  assert(whole.breaths >= 12, `only ${whole.breaths} moments to be killed at`);
  for (const share of [0.2, 0.55, 0.9]) {
    const killAfter = Math.ceil(whole.breaths * share);
    const name = `killed${killAfter}`;
    await interrupted("killed", () => run.pretrain(name, {}, { killAfter }));
    await run.pretrain(name);
    assertEquals(await treeOf(`${run.home}/${name}/out`), expected);
  }
});

Deno.test("pretrain stopped again and again still ends with the same bytes", async () => {
  await using run = await TinyRun.make();
  await run.pretrain("whole");
  const expected = await treeOf(`${run.home}/whole/out`);
  const endings: readonly Ending[] = [{ stopAfter: 1 }, { stopAfter: 2 }, { stopAfter: 3 }];
  for (const ending of endings) {
    await interrupted("stopped", () => run.pretrain("stopped", {}, ending));
  }
  const last = await run.pretrain("stopped");
  assert(last.logs.some(({ message }) => message.startsWith("goes on after step")));
  assertEquals(await treeOf(`${run.home}/stopped/out`), expected);
});

Deno.test("encode and untrained go on where they were stopped", async () => {
  await using run = await TinyRun.make();
  await run.untrained("whole", { members: 2 });
  await interrupted("stopped", () => run.untrained("part", { members: 2 }, { stopAfter: 4 }));
  await run.untrained("part", { members: 2 });
  assertEquals(await treeOf(`${run.home}/part/out`), await treeOf(`${run.home}/whole/out`));

  await run.encode("features", "whole");
  await interrupted("stopped", () => run.encode("rest", "whole", {}, { stopAfter: 6 }));
  const rest = await run.encode("rest", "whole");
  assert(rest.logs.some(({ message }) => message.startsWith("goes on after")));
  assertEquals(await treeOf(`${run.home}/rest/out`), await treeOf(`${run.home}/features/out`));
});
