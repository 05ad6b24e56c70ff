/** Every experiment file opens with what one has to know before one runs it. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { loadExperiment } from "../../../pipeline/experiment.ts";
import { catalogue } from "../../../stages/mod.ts";
import {
  type ExperimentFile,
  experimentFiles,
  MadeUpData,
  paperFiles,
} from "./experiment_files.ts";

const root = new URL("../../../", import.meta.url);
const tables = Deno.readTextFileSync(new URL("docs/paper_tables.md", root));

/** What follows a word such as `Published:` in the opening. */
function said(file: ExperimentFile, word: string, until: string): string | undefined {
  return new RegExp(`${word}: (.*?)(?=${until}|$)`).exec(file.opening)?.[1]?.trim();
}

Deno.test("every experiment file opens with the command that runs it", () => {
  for (const { path, text } of experimentFiles()) {
    const [first] = text.split("\n");
    const runs = first!.includes(`deno task run ${path}`) ||
      /^# deno task (demo|demo:long)\b/.test(first!);
    assert(runs, `${path} opens with ${first}`);
  }
});

Deno.test("every experiment file of a folder is called by its path", () => {
  for (const { path, name, folder, text } of experimentFiles()) {
    if (folder === "") continue;
    assertEquals(/^name: (.*)$/m.exec(text)?.[1], name, path);
  }
});

Deno.test("the command sets the variables that the file asks for, and no others", () => {
  using data = new MadeUpData();
  for (const file of experimentFiles()) {
    data.asked.clear();
    data.load(file);
    const set = [...file.text.split("\n")[0]!.matchAll(/\b([A-Z][A-Z0-9_]*)=/g)].map(([, v]) => v!);
    assertEquals([...data.asked].sort(), set.sort(), file.path);
  }
});

Deno.test("a variable that is not set is named, with what to do, by every file that needs one", () => {
  for (const file of paperFiles()) {
    const path = new URL(file.path, root).pathname;
    const error = assertThrows(() => loadExperiment(path, { catalogue, env: () => undefined }));
    assert(error instanceof Error);
    assert(
      /environment variable (NTU60|NTU120|PKU1|PKU2)_DIR is not set; set it to the file or folder/
        .test(error.message),
      `${file.path}: ${error.message}`,
    );
  }
});

Deno.test("files of the paper's protocols say what is published, with its source, and what they cost", () => {
  // Only sources that docs/paper_tables.md explains, and only numbers that stand in its first section.
  const sources = new Set([...tables.matchAll(/\*\*\[([^\]]+)\]\*\*/g)].map(([, key]) => key!));
  const [, own = ""] = /## 1\. SkeAttnCLR itself\n([\s\S]*?)\n## 2\./.exec(tables) ?? [];
  for (const file of paperFiles()) {
    const published = said(file, "Published", "Cost:");
    assert(published !== undefined, `${file.path} does not say what is published`);
    const numbers = published.match(/\b\d+\.\d\b/g) ?? [];
    if (numbers.length === 0) {
      assert(published.startsWith("no published number was found"), `${file.path}: ${published}`);
    }
    for (const number of numbers) {
      assert(own.includes(`| ${number} `), `${file.path}: ${number} is not in paper_tables.md`);
    }
    const keys = [...published.matchAll(/\[([^\]]+)\]/g)].map(([, key]) => key!);
    assert(keys.length >= Math.min(1, numbers.length), `${file.path} names no source`);
    for (const key of keys) assert(sources.has(key), `${file.path}: unknown source ${key}`);

    const cost = said(file, "Cost", "\n") ?? "";
    for (const part of [/\bsteps\b/, /\d h\b/, /TFLOP\/s/, /GB of disk/]) {
      assert(part.test(cost), `${file.path}: the cost says nothing like ${part}: ${cost}`);
    }
  }
});

Deno.test("a published number stands in no table without standing in the opening", () => {
  for (const { path, text, opening } of paperFiles()) {
    for (
      const [, value, source] of text.matchAll(/^ +value: (.*)\n +source: "SkeAttnCLR (.*)"$/gm)
    ) {
      const number = Number(value).toFixed(1);
      assert(opening.includes(number) && opening.includes(source!), `${path}: ${value} ${source}`);
    }
  }
});

Deno.test("the cost follows from steps and 6.5 TFLOP a step", () => {
  for (const { path, opening } of paperFiles()) {
    const match = /Cost: (3 x )?(?:about )?([\d,]+) steps[^,]*, ([\d.]+) h/.exec(opening);
    assert(match !== null, `${path}: ${opening}`);
    const steps = Number(match[2]!.replaceAll(",", "")) * (match[1] === undefined ? 1 : 3);
    const hours = steps * 6.5 / 6.5 / 3600;
    assert(Math.abs(hours - Number(match[3])) <= Math.max(0.5, 0.01 * hours), `${path}: ${hours}`);
  }
});

Deno.test("docs/protocols.md lists every experiment of the paper's protocols, and none that is not there", () => {
  const page = Deno.readTextFileSync(new URL("docs/protocols.md", root));
  const linked = new Set(
    [...page.matchAll(/\(\.\.\/(experiments\/[a-z0-9_/]+\.yaml)\)/g)].map(([, f]) => f!),
  );
  const files = new Set(paperFiles().map(({ path }) => path));
  assertEquals([...files].filter((path) => !linked.has(path)), []);
  const all = new Set(experimentFiles().map(({ path }) => path));
  assertEquals([...linked].filter((path) => !all.has(path)), []);
});

Deno.test("deno task protocols runs every file of experiments/ci", () => {
  const { tasks } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", root)));
  const run = [...tasks.protocols.matchAll(/experiments\/ci\/\w+\.yaml/g)].map(([path]) => path);
  const files = experimentFiles().filter(({ folder }) => folder === "ci").map(({ path }) => path);
  assertEquals(run.toSorted(), files);
});
