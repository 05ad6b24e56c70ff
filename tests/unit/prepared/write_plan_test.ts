import { assertEquals, assertMatch } from "@std/assert";
import { writePrepared, writePreparedParams } from "../../../stages/prepared/write/definition.ts";
import { temporaryFolder } from "../parse/stage_run.ts";

const MAIN = new URL("../../../main.ts", import.meta.url).pathname;

Deno.test("nothing to write is refused while planning, whatever else is given", async () => {
  const params = writePreparedParams.parse({});
  const problems = (inputs: Record<string, undefined>) =>
    writePrepared.check!(params, inputs).map(({ message }) => message.slice(0, 22));
  assertEquals(problems({ raw: undefined }), []);
  assertEquals(problems({ clips: undefined, split: undefined }), []);
  assertEquals(problems({ split: undefined }), ["expected the input raw"]);

  await using folder = await temporaryFolder();
  const file = `${folder.path}/write.yaml`;
  await Deno.writeTextFile(file, "name: write\nstages:\n  export: { uses: write_prepared }\n");
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", MAIN, "plan", file, "--store", `${folder.path}/store`],
  }).output();
  assertEquals(code, 2);
  const text = new TextDecoder().decode(stderr);
  assertMatch(text, /write\.yaml:3:\d+.*expected the input raw .*found neither/s);
});
