/** The command line as a process of its own, with only the permissions that its tasks give. */
import { assertEquals, assertStringIncludes } from "@std/assert";

const root = new URL("../../../", import.meta.url).pathname;

async function sh(command: string, env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", command],
    cwd: root,
    env: { DENO: Deno.execPath(), NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test("deno task plan reads, hashes and plans the demo with the permissions of its task", async () => {
  const store = await Deno.makeTempDir({ prefix: "skelrun-process-" });
  try {
    const { code, stdout, stderr } = await sh(
      `"$DENO" task -q plan experiments/demo.yaml --json`,
      { SKELRUN_STORE: store },
    );
    assertEquals([code, stderr], [0, ""]);
    assertEquals(JSON.parse(stdout).experiment, "demo");
  } finally {
    await Deno.remove(store, { recursive: true });
  }
});

Deno.test("a reader that goes away (| head) is no error", async () => {
  const { code, stdout, stderr } = await sh(`"$DENO" task -q schema --print | head -c 5`);
  assertEquals([code, stdout, stderr], [0, '{\n  "', ""]);
});

Deno.test("the exit status of a wrong command line reaches the shell", async () => {
  const { code, stdout, stderr } = await sh(`"$DENO" task -q run no_such_file.yaml`);
  assertEquals([code, stdout], [2, ""]);
  assertStringIncludes(stderr, "no_such_file.yaml: there is no such file in");
});
