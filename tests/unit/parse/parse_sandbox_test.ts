import { assertEquals } from "@std/assert";
import { temporaryFolder } from "./stage_run.ts";

const MAIN = new URL("../../../main.ts", import.meta.url).pathname;

/** A hundred and fifty recordings: enough for three threads. */
const EXPERIMENT = `name: threads
stages:
  many:
    uses: synth
    params: { actions: 10, performers: 5, cameras: 3, replications: 1, frames: [2, 4] }
  parse: { uses: parse_ntu, inputs: { recordings: many.recordings } }
`;

async function digestOf(file: string, store: string, threads: number): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", MAIN, "run", file, "--store", store]
      .concat("--threads", String(threads), "--jobs", String(threads), "--json"),
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const { stages } = JSON.parse(new TextDecoder().decode(stdout)) as {
    stages: { id: string; outputs: { name: string; digest: string }[] }[];
  };
  return stages.find(({ id }) => id === "parse")!.outputs[0]!.digest;
}

Deno.test("threads parse inside the sandbox that a stage runs in, and leave the digest alone", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await Deno.writeTextFile(`${path}/threads.yaml`, EXPERIMENT);
  const digests = await Promise.all(
    [1, 3].map((threads) => digestOf(`${path}/threads.yaml`, `${path}/store${threads}`, threads)),
  );
  assertEquals(digests[1], digests[0]);
});
