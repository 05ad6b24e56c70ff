import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { createHash } from "node:crypto";
import { digestExternal } from "../../pipeline/external.ts";
import { FileIndex } from "../../pipeline/file_index.ts";
import { withFolder } from "./toy_stages.ts";

const FILES = Deno.env.get("SKELRUN_LONG") ? 10_000 : 1000;

/** Fills folders, and digests them as inputs with an index of their own. */
function withInputs(use: (inputs: Inputs) => Promise<void>): Promise<void> {
  return withFolder((folder) => use(new Inputs(folder)));
}

class Inputs {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  write(name: string, text: string): void {
    const path = `${this.folder}/${name}`;
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(path, text);
  }

  /** Digests a file or folder, trusting nothing remembered unless an index is given. */
  async digest(name: string, index = new FileIndex(`${this.folder}/local`, true)): Promise<string> {
    return (await digestExternal(`${this.folder}/${name}`, index)).digest;
  }
}

Deno.test("a folder's digest is of its files' sorted names, sizes and bytes, whatever the order made", () =>
  withInputs(async (inputs) => {
    const names = [
      "b/c.txt",
      "b.txt",
      "B.txt",
      "a é/ü.txt",
      "日本.txt",
      "😀.txt",
      "\uFF5E.txt",
      "b-/x",
    ];
    for (const name of names) inputs.write(`one/${name}`, name);
    for (const name of names.toReversed()) inputs.write(`two/${name}`, name);
    const digest = await inputs.digest("one");
    assertEquals(await inputs.digest("two"), digest);
    // Held against the form that is written down: by UTF-16 code units, one file after the other.
    const hex = (text: string) => createHash("sha256").update(text).digest("hex");
    const files = names.toSorted().map((
      name,
    ) => [name, new TextEncoder().encode(name).length, hex(name)]);
    assertEquals(digest, `tree:${hex(`${JSON.stringify({ format: "tree/1", files })}\n`)}`);
  }));

Deno.test("each change of a name or a byte in a folder changes its digest", () =>
  withInputs(async (inputs) => {
    inputs.write("in/a.txt", "1");
    inputs.write("in/day/b.txt", "22");
    const seen = new Set([await inputs.digest("in")]);
    const path = `${inputs.folder}/in`;
    const steps: [string, () => void][] = [
      ["one byte", () => inputs.write("in/a.txt", "2")],
      ["one byte more", () => inputs.write("in/a.txt", "2\n")],
      ["renamed", () => Deno.renameSync(`${path}/a.txt`, `${path}/A.txt`)],
      ["into a folder", () => Deno.renameSync(`${path}/A.txt`, `${path}/day/A.txt`)],
      ["a folder renamed", () => Deno.renameSync(`${path}/day`, `${path}/day2`)],
      ["an empty file", () => inputs.write("in/empty", "")],
      ["é in one code point", () => inputs.write("in/\u00e9", "")],
      ["é in two", () => Deno.renameSync(`${path}/\u00e9`, `${path}/e\u0301`)],
      ["taken away", () => Deno.removeSync(`${path}/e\u0301`)],
    ];
    for (const [what, step] of steps.slice(0, -1)) {
      step();
      const digest = await inputs.digest("in");
      assert(!seen.has(digest), what);
      seen.add(digest);
    }
    steps.at(-1)![1]();
    assert(seen.has(await inputs.digest("in")), "back to what it was");
  }));

Deno.test("empty folders, modes and times are no part of a folder; links are what they lead to", () =>
  withInputs(async (inputs) => {
    inputs.write("in/day/a.txt", "1");
    inputs.write("other/a.txt", "1");
    const digest = await inputs.digest("in");
    const path = `${inputs.folder}/in`;
    Deno.mkdirSync(`${path}/empty/inner`, { recursive: true });
    Deno.chmodSync(`${path}/day/a.txt`, 0o600);
    Deno.utimeSync(`${path}/day/a.txt`, 1, 1);
    assertEquals(await inputs.digest("in"), digest);
    Deno.removeSync(`${path}/day/a.txt`);
    Deno.symlinkSync("../../other/a.txt", `${path}/day/a.txt`);
    assertEquals(await inputs.digest("in"), digest, "a link to a file");
    Deno.removeSync(`${path}/day`, { recursive: true });
    Deno.symlinkSync("../other", `${path}/day`);
    assertEquals(await inputs.digest("in"), digest, "a link to a folder");
    inputs.write("other/a.txt", "2");
    assertNotEquals(await inputs.digest("in"), digest, "a byte behind a link");
    Deno.symlinkSync(".", `${path}/round`);
    const round = await assertRejects(() => inputs.digest("in"), Error);
    assert(round.message.includes("links to a folder that holds it"), round.message);
    Deno.removeSync(`${path}/round`);
    Deno.symlinkSync("nowhere", `${path}/gone`);
    const gone = await assertRejects(() => inputs.digest("in"), Error);
    assert(gone.message.includes("is a link that leads nowhere"), gone.message);
  }));

Deno.test("a file and a folder of it alone are different inputs; a file's name does not count", () =>
  withInputs(async (inputs) => {
    inputs.write("in/a.txt", "1");
    inputs.write("b.txt", "1");
    const digests = [await inputs.digest("in"), await inputs.digest("in/a.txt")];
    assert(digests[0]!.startsWith("tree:") && digests[1]!.startsWith("file:"));
    assertEquals(await inputs.digest("b.txt"), digests[1]);
    Deno.mkdirSync(`${inputs.folder}/none`);
    assert((await inputs.digest("none")).startsWith("tree:"));
  }));

Deno.test(`of ${FILES} files one changed byte counts, also at the same size and time`, () =>
  withInputs(async (inputs) => {
    for (let i = 0; i < FILES; i++) inputs.write(`in/${i % 100}/${i}.txt`, `${i}`);
    const hour = Date.now() / 1000 - 3600;
    const settled = () => {
      for (let i = 0; i < FILES; i++) {
        Deno.utimeSync(`${inputs.folder}/in/${i % 100}/${i}.txt`, hour, hour);
      }
    };
    settled();
    const before = await inputs.digest("in");
    const local = `${inputs.folder}/local`;
    assertEquals(await inputs.digest("in", new FileIndex(local)), before);
    inputs.write("in/17/17.txt", "18");
    settled();
    // Size and modification time are what they were.
    const after = await inputs.digest("in", new FileIndex(local));
    assertNotEquals(after, before);
    assertEquals(await inputs.digest("in"), after);
    inputs.write("in/17/17.txt", "17");
    assertEquals(await inputs.digest("in", new FileIndex(local)), before);
  }));
