/** Ctrl-C, a request to terminate and a closed terminal, with real processes. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import process from "node:process";
import { allEnded, names, pause, processesOf, stageProcesses, until } from "./survivors.ts";
import { withFolder } from "./toy_stages.ts";

const LINUX = Deno.build.os === "linux";
const ABSENT = LINUX ? "" : " [absent: Linux]";
const MAIN = new URL("./toy_main.ts", import.meta.url).pathname;

const COUNT = `name: stop
stages:
  c: { uses: count, params: { steps: 200, every: 1000, stepMs: 20 } }
  t: { uses: total, inputs: { c: c.number } }
`;
const SPIN = `name: stop
stages:
  c: { uses: fault, params: { how: spin } }
`;

interface Running {
  readonly store: string;
  readonly child: Deno.ChildProcess;
  /** What it wrote to standard error. */
  said(): string;
  /** Its exit status, when it has ended. */
  readonly ended: Promise<Deno.CommandStatus>;
}

/** Starts a run in a process group of its own, as a shell would, directly or by \`deno task\`. */
async function start(
  folder: string,
  text: string,
  how: "direct" | "task" | "terminal",
): Promise<Running> {
  const store = `${folder}/store`;
  await Deno.writeTextFile(`${folder}/stop.yaml`, text);
  const command = [Deno.execPath(), "run", "-A", "--no-check", MAIN];
  await Deno.writeTextFile(
    `${folder}/deno.json`,
    JSON.stringify({ tasks: { run: [...command, "run"].join(" ") } }),
  );
  const args = [`${folder}/stop.yaml`, "--store", store];
  const line = how === "task"
    ? [Deno.execPath(), "task", "--quiet", "run", ...args]
    : [...command, "run", ...args];
  const [program, ...rest] = how === "terminal"
    ? ["script", "-qfec", line.join(" "), "/dev/null"]
    : line;
  const child = new Deno.Command(program!, {
    args: rest,
    cwd: folder,
    stdin: how === "terminal" ? "piped" : "null",
    stdout: how === "terminal" ? "piped" : "null",
    stderr: "piped",
    detached: true,
  }).spawn();
  let said = "";
  const hear = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) said += text;
  };
  const heard = Promise.all([
    hear(child.stderr),
    ...(how === "terminal" ? [hear(child.stdout)] : []),
  ]);
  const ended = child.status.then(async (status) => (await heard, status));
  return { store, child, said: () => said, ended };
}

/** The child process of the stage, once it has counted a little. */
async function working(run: Running): Promise<number> {
  const begun = () => {
    try {
      return names(`${run.store}/logs`).some((name) =>
        /begins at|about to spin/.test(Deno.readTextFileSync(`${run.store}/logs/${name}`))
      );
    } catch {
      return false;
    }
  };
  await until("the stage works", begun);
  await pause(100);
  return stageProcesses(run.store)[0]!;
}

function checkpoints(store: string): string[] {
  return names(`${store}/scratch`).flatMap((key) =>
    names(`${store}/scratch/${key}`).flatMap((attempt) =>
      names(`${store}/scratch/${key}/${attempt}/checkpoints`)
    )
  );
}

for (
  const [how, signal, status] of [
    ["direct", "SIGINT", 130],
    ["task", "SIGINT", 130],
    ["direct", "SIGTERM", 143],
    ["direct", "SIGHUP", 129],
  ] as const
) {
  Deno.test({
    name: `${signal} to the ${how === "task" ? "whole tree under deno task" : "runner's group"} ` +
      `lets the stage save a checkpoint and stop, once` + ABSENT,
    ignore: !LINUX,
    fn: () =>
      withFolder(async (folder) => {
        const run = await start(folder, COUNT, how);
        const pid = await working(run);
        process.kill(-run.child.pid, signal);
        assertEquals((await run.ended).code, status);
        assertStringIncludes(run.said(), "stopping: running stages save a checkpoint first");
        assert(!run.said().includes("stopping now"), "it counts as one press");
        assertEquals(stageProcesses(run.store), [], `${pid} has ended`);
        assertEquals(checkpoints(run.store), ["checkpoint-1"]);
        const again = await start(folder, COUNT, "direct");
        await until("it resumes", () => again.said().includes("from its last checkpoint"));
        process.kill(-again.child.pid, "SIGKILL");
        await again.ended;
        await allEnded(run.store);
      }),
  });
}

Deno.test({
  name: "a second press ends a stage that does not listen, and the process with it" + ABSENT,
  ignore: !LINUX,
  fn: () =>
    withFolder(async (folder) => {
      const run = await start(folder, SPIN, "task");
      await working(run);
      process.kill(-run.child.pid, "SIGINT");
      await pause(1200);
      assertEquals(stageProcesses(run.store).length, 1, "it goes on after the first");
      process.kill(-run.child.pid, "SIGINT");
      assertEquals((await run.ended).code, 130);
      assertStringIncludes(run.said(), "stopping now");
      await allEnded(run.store);
      const [log] = names(`${run.store}/logs`);
      const text = Deno.readTextFileSync(`${run.store}/logs/${log}`);
      assertStringIncludes(text, "stopped: ended at once");
    }),
});

const SCRIPT = LINUX && await new Deno.Command("script", { args: ["--version"], stdout: "null" })
  .output().then(({ success }) => success, () => false);

Deno.test({
  name: "a terminal that is closed lets the stage save a checkpoint and stop" +
    (SCRIPT ? "" : LINUX ? " [needs bsdutils]" : " [absent: Linux]"),
  ignore: !SCRIPT,
  fn: () =>
    withFolder(async (folder) => {
      const run = await start(folder, COUNT, "terminal");
      await working(run);
      run.child.kill("SIGKILL"); // The terminal itself.
      await run.ended;
      await run.child.stdin.close().catch(() => {});
      await until("the runner has ended", () => processesOf(run.store).length === 0);
      assertEquals(checkpoints(run.store), ["checkpoint-1"]);
      const [record] = names(`${run.store}/runs`).filter((name) => name.endsWith(".json"));
      assert(record !== undefined, "the run is written down, though nobody could be told");
    }),
});
