/** A bundle, made from this checkout and used where there is nothing else. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { bundled } from "../../../main.ts";
import { assertSmall, makeBundle } from "../../../pipeline/bundle/bundle.ts";
import { PINNED_DENO } from "../../../pipeline/pinned_deno.ts";
import { UsageError } from "../../../pipeline/usage_error.ts";
import { adapterReport } from "../../../stages/tensor/adapter_report.ts";
import { BareMachine, programPath } from "./bundled_run.ts";

const LONG = Deno.env.has("SKELRUN_LONG");
const root = new URL("../../../", import.meta.url).pathname;
const XZ = await programPath("xz") !== undefined;
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** The command line of the checkout. */
async function checkout(args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-RWES", "--allow-run", "--no-prompt", "main.ts", ...args],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  assert(success, text(stderr));
  return text(stdout);
}

/** Keys of the results in a store, with the digests of their outputs. */
function results(store: string): Record<string, unknown> {
  return Object.fromEntries(
    [...Deno.readDirSync(`${store}/actions`)].map(({ name }) => {
      const { key, manifest, outputs } = JSON.parse(
        Deno.readTextFileSync(`${store}/actions/${name}`),
      );
      return [`${manifest.stage} ${key}`, outputs];
    }).sort(),
  );
}

function states(plan: string): Record<string, string> {
  const { stages } = JSON.parse(plan) as { stages: { id: string; state: string }[] };
  return Object.fromEntries(stages.map(({ id, state }) => [id, state]));
}

Deno.test({
  name:
    "a bundle without network, cache or Deno computes what the checkout computes, under the same keys" +
    (XZ ? "" : " [needs xz-utils]"),
  ignore: !XZ,
  async fn(t) {
    const folder = await Deno.makeTempDir({ prefix: "skelrun-bundle-test-" });
    try {
      const machine = await BareMachine.at(`${folder}/machine`);
      const bundle = `${folder}/a bundle`;
      const here = (args: readonly string[]) => machine.run(`${bundle}/skelrun`, args);
      const experiment = new URL("tiny.yaml", import.meta.url).pathname;
      const store = `${folder}/checkout`;
      // As quickly as xz can, and so larger than a bundle may be.
      const options = { level: 1, vulkan: false, mostBytes: 80e6 };
      await Promise.all([
        makeBundle(bundle, bundled, options),
        checkout(["run", experiment, "--backend", "simd", "--store", store]),
      ]);
      await Deno.copyFile(experiment, `${machine.folder}/tiny.yaml`);

      await t.step(
        "the launcher unpacks Deno once and passes arguments and statuses on",
        async () => {
          const first = await here(["--version"]);
          assertEquals(first.code, 0, first.stderr);
          assertStringIncludes(first.stdout, `Deno ${Deno.version.deno}`);
          assertMatch(first.stderr, /^skelrun: unpacking Deno [\d.]+ into .*, once\n$/);
          const wrong = await here(["run", "no such file.yaml"]);
          assertEquals(wrong.code, 2);
          assertMatch(wrong.stderr, /^no such file\.yaml: there is no such file in/m);
        },
      );

      await t.step("a run there gives the checkout's keys and bytes", async () => {
        const ran = await here(["run", "tiny.yaml", "--backend", "simd"]);
        assertEquals(ran.code, 0, ran.stderr);
        assertEquals(results(`${machine.folder}/.skelrun`), results(store));
      });

      await t.step(
        "what the bundle computed is cached in the checkout, and the reverse",
        async () => {
          const args = ["--backend", "simd", "--json", "--store"];
          const plans = [
            await checkout(["plan", experiment, ...args, `${machine.folder}/.skelrun`]),
            (await here(["plan", "tiny.yaml", ...args, store])).stdout,
          ];
          for (const plan of plans) {
            assertEquals(new Set(Object.values(states(plan))), new Set(["cached"]), plan);
          }
        },
      );

      await t.step("`why` in the checkout explains by what the bundle left", async () => {
        const why = await checkout([
          ...["why", experiment, "normalize", "--backend", "simd"],
          ...[
            "--set",
            "stages.normalize.params.frames=12",
            "--store",
            `${machine.folder}/.skelrun`,
          ],
        ]);
        assertStringIncludes(why, "frames 8 -> 12");
      });

      await t.step("doctor, help and refusals speak of the bundle", async () => {
        const doctor = await here(["doctor"]);
        assertEquals(doctor.code, 0, doctor.stderr);
        assertMatch(doctor.stdout, /esbuild +not needed: a bundle carries the digests of its code/);
        assertMatch((await here(["help"])).stdout, /^usage: \.\/skelrun VERB .*\[options\]$/m);
        const help = await here(["parity", "--help"]);
        assertStringIncludes(help.stdout, "./skelrun parity goldens/golden_train.json");
        const refusals = {
          test: "the tests need the sources",
          schema: "the schema of this bundle as it was made",
          "bundle elsewhere": "is a bundle itself and has no sources",
        };
        for (const [words, said] of Object.entries(refusals)) {
          const { code, stderr } = await here(words.split(" "));
          assert(code !== 0, words);
          assertStringIncludes(stderr, said);
        }
      });

      await t.step("parity passes there, in float64 and by the kernels", async () => {
        const goldens = JSON.parse(Deno.readTextFileSync(`${bundle}/goldens/peer_train.json`));
        await Deno.writeTextFile(`${machine.folder}/one.json`, JSON.stringify(goldens.slice(-1)));
        const { code, stdout, stderr } = await here(["parity", "one.json", "--backend", "simd"]);
        assertEquals(code, 0, stderr);
        assertStringIncludes(stdout, ": passes");
      });

      if (LONG && (await adapterReport()).found) {
        await t.step("what it computes on webgpu, the checkout computes to the bit", async () => {
          const device = ["--backend", "webgpu", "--allow-software", "--store", `${folder}/gpu`];
          const ran = await here(["run", "tiny.yaml", ...device]);
          assertEquals(ran.code, 0, ran.stderr);
          const verified = await checkout(["verify", experiment, "pretrain", ...device]);
          assertMatch(verified, /pretrain +same/);
        });
      }

      await t.step("its sums hold, and it names the commit, the system and Deno", async () => {
        const { code, stderr } = await machine.run("/bin/sh", [
          ...["-c", `cd "$1" && sha256sum -c --quiet SHA256SUMS`, "sh", bundle],
        ]);
        assertEquals([code, stderr], [0, ""]);
        const manifest = JSON.parse(Deno.readTextFileSync(`${bundle}/manifest.json`));
        assertEquals([manifest.format, manifest.deno], ["bundle/1", PINNED_DENO]);
      });

      await t.step("code that is not what the bundle was made with is refused", async () => {
        const { closures } = JSON.parse(Deno.readTextFileSync(`${bundle}/closures.json`)) as {
          closures: Record<string, { files: string[] }>;
        };
        const file = closures["stages/normalize/entry.ts"]!.files.find((name) =>
          name.startsWith("code/entry-")
        )!;
        const whole = Deno.readTextFileSync(`${bundle}/${file}`);
        await Deno.writeTextFile(`${bundle}/${file}`, `${whole}\n`);
        const edited = await here(["plan", "tiny.yaml"]);
        assertEquals(edited.code, 2, edited.stdout);
        assertStringIncludes(edited.stderr, `${file} is not what the bundle was made with`);
        await Deno.remove(`${bundle}/${file}`);
        const lost = await here(["plan", "tiny.yaml"]);
        assertStringIncludes(lost.stderr, `${file} is missing`);
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("a bundle is made neither over another folder's files nor larger than it may be", async () => {
  const folder = await Deno.makeTempDir({ prefix: "skelrun-bundle-test-" });
  try {
    await Deno.writeTextFile(`${folder}/mine`, "");
    await assertRejects(
      () => makeBundle(folder, bundled, { level: 1, vulkan: false }),
      UsageError,
      "is not empty",
    );
    assertEquals([...Deno.readDirSync(folder)].length, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  assertSmall(55e6, 30e6, 55e6);
  const error = await assertRejects(
    () => Promise.resolve().then(() => assertSmall(55_100_000, 30e6, 55e6)),
    UsageError,
  );
  assertStringIncludes(error.message, "takes 55.1 MB, more than the 55.0 MB");
});
