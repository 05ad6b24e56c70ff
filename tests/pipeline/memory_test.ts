/** Memory that stages work out: stated before they run, and too much of it refused. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { z } from "zod";
import { runCommandLine } from "../../pipeline/command_line.ts";
import { PINNED_DENO } from "../../pipeline/pinned_deno.ts";
import type { Machine, StageDefinition } from "../../pipeline/stage.ts";
import { pipelineVerbs } from "../../pipeline/verbs/mod.ts";
import { CapturedTerminal } from "../unit/cli/captured_terminal.ts";
import { toyStages, withFolder } from "./toy_stages.ts";

const machines: Machine[] = [];

/** Writes a number; takes as many MiB as that number, which it gets to know once it has its input. */
const params = z.strictObject({ value: z.number().default(1) });
const heavy: StageDefinition<typeof params> = {
  ...toyStages().number as StageDefinition<typeof params>,
  name: "heavy",
  params,
  inputs: { start: { type: "number", summary: "How much more", optional: true } },
  memory({ value }, { start }, machine) {
    machines.push(machine);
    const peakMiB = value + Number(start?.value ?? 0);
    if (peakMiB <= machine.memoryMiB) return { peakMiB };
    return { peakMiB, problem: { path: ["value"], message: `expected less, found ${value}` } };
  },
};

/** Calls back with a way to say things over an experiment, a chain of number and heavy. */
function withHeavy(
  use: (
    say: (verb: string, value: number, ...args: string[]) => Promise<
      CapturedTerminal & {
        status: number;
      }
    >,
  ) => Promise<void>,
): Promise<void> {
  return withFolder(async (folder) => {
    await use(async (verb, value, ...args) => {
      const file = `${folder}/heavy.yaml`;
      await Deno.writeTextFile(
        file,
        `name: heavy
stages:
  number:
    uses: number
    params: { value: 3 }
  heavy:
    uses: heavy
    params: { value: ${value} }
    inputs: { start: number.number }
`,
      );
      const terminal = new CapturedTerminal();
      const status = await runCommandLine([verb, file, ...args, "--store", `${folder}/store`], {
        verbs: pipelineVerbs,
        catalogue: { ...toyStages(), heavy: heavy as StageDefinition },
        terminal,
        resolveDevice: () => Promise.reject(new Error("no stage computes on a device")),
        deno: PINNED_DENO,
      });
      return Object.assign(terminal, { status });
    });
  });
}

Deno.test("plan --memory states what a stage works out, and what others declare", () =>
  withHeavy(async (say) => {
    const { status, stdout } = await say("plan", 250, "--memory");
    assertEquals(status, 0);
    assertMatch(
      stdout,
      /stage +memory at the peak\nnumber +100 MiB +declared\nheavy +253 MiB +worked out\n/,
    );
    assertMatch(stdout, /Stages may use \d+ MiB together\./);
    const machine = machines.at(-1)!;
    assert(machine.memoryMiB > 100 && machine.cores >= 1 && machine.backend === undefined);
    const json = JSON.parse((await say("plan", 250, "--json")).stdout);
    assertEquals(json.stages.map(({ memory }: { memory: unknown }) => memory), [
      { peakMiB: 100, workedOut: false },
      { peakMiB: 253, workedOut: true },
    ]);
    assert(!(await say("plan", 250)).stdout.includes("MiB"));
  }));

Deno.test("run --memory says it before anything runs", () =>
  withHeavy(async (say) => {
    const { status, stderr } = await say("run", 20, "--memory", "-q");
    assertEquals(status, 0);
    assertStringIncludes(stderr, "worked out");
    assert(stderr.indexOf("worked out") < stderr.indexOf("done in"));
  }));

Deno.test("what does not fit is refused at its parameter, before anything has run", () =>
  withHeavy(async (say) => {
    for (const verb of ["plan", "run"]) {
      const { status, stderr } = await say(verb, 1e12);
      assert(status !== 0);
      assertMatch(
        stderr,
        /heavy\.yaml:8:\d+: value of stage "heavy": expected less, found 10{12}/,
      );
    }
    // Nothing ran: all is still to do.
    assertStringIncludes((await say("plan", 1)).stdout, "0 cached");
  }));
