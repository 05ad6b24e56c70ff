import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runToy, spinningPid, toyExperiment, withStore } from "./toy_stages.ts";

for (const how of ["read", "read-quietly"]) {
  Deno.test(`an undeclared ${how} fails the stage with the path and what to declare`, () =>
    withStore(async (store, folder) => {
      const path = `${folder}/secret.txt`;
      await Deno.writeTextFile(path, "42");
      const { stage } = await runToy(
        toyExperiment({ f: { uses: "fault", params: { how, path } } }),
        { store },
      );
      assertEquals(stage("f").status, "failed");
      assertStringIncludes(stage("f").reason!, `It read ${path}, which is not among its inputs.`);
      assertStringIncludes(
        stage("f").reason!,
        `in toy.yaml, stages.f.inputs: \`secret: { path: ${path} }\``,
      );
    }));
}

Deno.test("a stage may not look at the store's other artifacts, nor write anywhere else", () =>
  withStore(async (store, folder) => {
    const path = `${store.root}/format`;
    const { stage } = await runToy(
      toyExperiment({
        peek: { uses: "fault", params: { how: "read-quietly", path } },
        write: { uses: "fault", params: { how: "write", path: `${folder}/elsewhere` } },
        net: { uses: "fault", params: { how: "fetch" } },
      }),
      { store },
    );
    assertStringIncludes(stage("peek").reason!, `It read ${path}`);
    assertStringIncludes(stage("write").reason!, `It wrote ${folder}/elsewhere`);
    assertStringIncludes(stage("net").reason!, 'It asked for "net" access');
  }));

Deno.test("a stage reads its inputs, also a user's folder by way of a link, and paths keep their names", () =>
  withStore(async (store, folder) => {
    const odd = `${folder}/odd, name`;
    await Deno.mkdir(odd);
    await Deno.writeTextFile(`${odd}/a b.txt`, "1\n2\n3\n");
    const { stage } = await runToy(
      toyExperiment({
        l: { uses: "lines", inputs: { files: odd } },
        f: { uses: "lines", inputs: { files: `${odd}/a b.txt` } },
        t: { uses: "total", inputs: { l: "l.number", f: "f.number" } },
      }),
      { store },
    );
    assertEquals(stage("t").metrics["value"], 6);
  }));

/** Whether a process of this id is alive. */
function alive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

Deno.test({
  name: "a stage's process ends with its runner, also while it spins" +
    (Deno.build.os === "linux" ? "" : " [absent: Linux]"),
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withStore(async (store) => {
      const runner = new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "-A",
          "--no-check",
          new URL("./toy_runner.ts", import.meta.url).pathname,
          store.root,
          JSON.stringify({ spin: { uses: "fault", params: { how: "spin" } } }),
        ],
        stdout: "null",
        stderr: "null",
      }).spawn();
      let pid: number | undefined;
      for (let i = 0; i < 200 && pid === undefined; i++) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        for (const { name } of Deno.readDirSync(`${store.root}/scratch`)) {
          pid ??= spinningPid(`${store.root}/scratch/${name}`);
        }
      }
      assert(pid !== undefined && alive(pid), "the stage is running");
      runner.kill("SIGKILL");
      await runner.status;
      for (let i = 0; i < 100 && alive(pid); i++) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert(!alive(pid), "the stage has ended");
    }),
});
