/** The script that a bundle is started by, with a small program in Deno's place. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { launcherText } from "../../../pipeline/bundle/packed_deno.ts";
import { sha256 } from "../../../pipeline/fingerprint.ts";
import { BareMachine, programPath } from "./bundled_run.ts";

const XZ = await programPath("xz") !== undefined;

/** Prints how it was called. */
const PROGRAM = `#!/bin/sh
[ "$1" = --version ] && exit 0
printf '%s\\n' "$0" "$DENO_DIR" "\${LD_LIBRARY_PATH:-none}" "$@"
exit 7
`;

interface Setting {
  readonly machine: BareMachine;
  readonly folder: string;
  readonly bundle: string;
}

function launcherTest(name: string, test: (setting: Setting) => Promise<void>): void {
  Deno.test({
    name: `${name}${XZ ? "" : " [needs xz-utils]"}`,
    ignore: !XZ || Deno.build.os !== "linux",
    async fn() {
      const folder = await Deno.makeTempDir({ prefix: "skelrun-launcher-" });
      try {
        const bundle = `${folder}/b`;
        await Deno.mkdir(bundle);
        await Deno.writeTextFile(`${bundle}/skelrun`, launcherText(sha256(PROGRAM)));
        await Deno.chmod(`${bundle}/skelrun`, 0o755);
        await Deno.writeTextFile(`${bundle}/program`, PROGRAM);
        const { success } = await new Deno.Command("xz", {
          args: ["-0", "--check=crc32", "--suffix=.xz", `${bundle}/program`],
        }).output();
        assertEquals(success, true);
        await Deno.rename(`${bundle}/program.xz`, `${bundle}/deno.xz`);
        await test({ machine: await BareMachine.at(`${folder}/machine`), folder, bundle });
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

const where = (stdout: string) => stdout.split("\n")[0]!;

launcherTest(
  "arguments reach the program as they are, and its status comes back",
  async ({ machine, bundle }) => {
    const { code, stdout } = await machine.run(`${bundle}/skelrun`, ["run", "a b.yaml", "", "*"]);
    assertEquals(code, 7);
    assertEquals(stdout.split("\n").slice(-5), ["run", "a b.yaml", "", "*", ""]);
    assertEquals(where(stdout).startsWith(`${bundle}/.deno/deno-`), true);
  },
);

launcherTest("a link to the launcher does as well", async ({ machine, folder, bundle }) => {
  await Deno.symlink(`${bundle}/skelrun`, `${folder}/link`);
  const { code, stdout } = await machine.run(`${folder}/link`, []);
  assertEquals(code, 7);
  assertStringIncludes(stdout, `${bundle}/main.ts`);
});

launcherTest(
  "Deno is unpacked once, below TMPDIR where the bundle cannot be written",
  async ({ machine, folder, bundle }) => {
    await Deno.writeTextFile(`${bundle}/.deno`, "in the way");
    const first = await machine.run(`${bundle}/skelrun`, []);
    assertStringIncludes(first.stderr, "unpacking Deno");
    assertStringIncludes(where(first.stdout), `${folder}/machine/tmp/skelrun-`);
    const second = await machine.run(`${bundle}/skelrun`, []);
    assertEquals([second.stderr, second.stdout], ["", first.stdout]);
  },
);

launcherTest(
  "SKELRUN_DENO names the folder, and is not passed over where it cannot be used",
  async ({ machine, folder, bundle }) => {
    const named = await machine.run(`${bundle}/skelrun`, [], { SKELRUN_DENO: `${folder}/mine` });
    assertStringIncludes(where(named.stdout), `${folder}/mine/deno-`);
    await Deno.writeTextFile(`${folder}/file`, "");
    const wrong = await machine.run(`${bundle}/skelrun`, [], { SKELRUN_DENO: `${folder}/file` });
    assertEquals(wrong.code, 1);
    assertStringIncludes(wrong.stderr, `${folder}/file cannot be made (SKELRUN_DENO names it)`);
  },
);

launcherTest(
  "a damaged deno.xz, another system and a want of xz are sentences",
  async ({ machine, bundle }) => {
    const script = Deno.readTextFileSync(`${bundle}/skelrun`);
    const said = async (change: (text: string) => string) => {
      await Deno.writeTextFile(`${bundle}/skelrun`, change(script));
      const { code, stderr } = await machine.run(`${bundle}/skelrun`, []);
      assertEquals(code, 1);
      return stderr.split("\n").filter((line) => line !== "" && !line.includes("unpacking")).join(
        "\n",
      );
    };
    assertStringIncludes(
      await said((text) => text.replace(/digest='..../, "digest='0000")),
      "deno.xz is not what the bundle was made with; copy the bundle again",
    );
    assertStringIncludes(
      await said((text) => text.replace(/platform='\w+/, "platform='Plan9")),
      "this bundle is for Plan9",
    );
    await machine.lose("xz");
    assertStringIncludes(await said((text) => text), "this machine has neither xz nor python3");
    assertEquals([...Deno.readDirSync(`${bundle}/.deno`)].length, 0);
  },
);

launcherTest(
  "the bundle's Vulkan loader serves only where the system has none",
  async ({ machine, bundle }) => {
    await Deno.mkdir(`${bundle}/vulkan`);
    await Deno.writeTextFile(`${bundle}/vulkan/libvulkan.so.1`, "");
    const script = Deno.readTextFileSync(`${bundle}/skelrun`);
    const libraries = async (folder: string) => {
      const text = script.replace(/for libraries in .*; do/, `for libraries in ${folder}; do`);
      await Deno.writeTextFile(`${bundle}/skelrun`, text);
      return (await machine.run(`${bundle}/skelrun`, [])).stdout.split("\n")[2];
    };
    assertEquals(await libraries(`${bundle}/nothing`), `${bundle}/vulkan`);
    assertEquals(await libraries(`${bundle}/vulkan`), "none");
  },
);

launcherTest(
  "jobs that begin at once unpack apart from one another",
  async ({ machine, bundle }) => {
    const jobs = await Promise.all(
      Array.from({ length: 6 }, (_, i) => machine.run(`${bundle}/skelrun`, [`job ${i}`])),
    );
    for (const [i, { code, stdout }] of jobs.entries()) {
      assertEquals([code, stdout.split("\n").at(-2)], [7, `job ${i}`]);
    }
    assertEquals([...Deno.readDirSync(`${bundle}/.deno`)].length, 1);
  },
);
