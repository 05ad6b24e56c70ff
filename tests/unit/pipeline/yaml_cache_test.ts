/** Values of long texts that are kept, and that experiments of many stages are loaded quickly. */
import { assert, assertEquals } from "@std/assert";
import { YamlCache } from "../../../pipeline/experiment/yaml_cache.ts";
import { readYamlValue } from "../../../pipeline/experiment/yaml_value.ts";
import { ExperimentFiles } from "./experiment_files.ts";

/** A chain of stages, each with a parameter of its own. */
function chain(stages: number): string {
  const lines = ["name: chain", "stages:", "  s0: {uses: numbers}"];
  for (let i = 1; i < stages; i++) {
    lines.push(
      `  s${i}:`,
      "    uses: scale",
      `    inputs: {numbers: s${i - 1}.numbers}`,
      `    params: {factor: ${i}, optim: {rate: 0.5}}`,
    );
  }
  return `${lines.join("\n")}\n`;
}

function kept(folder: string): string[] {
  return [...Deno.readDirSync(`${folder}/yaml`)].map(({ name }) => `${folder}/yaml/${name}`);
}

Deno.test("a long text is read once; a byte that differs makes it another", () => {
  using files = new ExperimentFiles({});
  const cache = new YamlCache(files.folder);
  let reads = 0;
  const read = (text: string) => {
    reads++;
    return readYamlValue(text);
  };
  const text = chain(600);
  const value = cache.value(text, read);
  assertEquals(cache.value(text, read), value);
  assertEquals(reads, 1);
  assertEquals(new YamlCache(files.folder).value(text, read), value);
  assertEquals(reads, 1);
  cache.value(`${text}#`, read);
  assertEquals(reads, 2);
});

Deno.test("short texts, texts that are refused and values that JSON does not hold are not kept", () => {
  using files = new ExperimentFiles({ "yaml/none": "" });
  const cache = new YamlCache(files.folder);
  cache.value("a: 1\n", readYamlValue);
  assertEquals(cache.value(`${chain(600)}\tx\n`, readYamlValue), undefined);
  for (const odd of [".nan", ".inf", "-0"]) {
    cache.value(`${chain(600)}x-n: ${odd}\n`, readYamlValue);
  }
  assertEquals(kept(files.folder).length, 1);
});

Deno.test("a damaged entry is read anew, and a folder that cannot be written does no harm", () => {
  using files = new ExperimentFiles({ file: "" });
  const cache = new YamlCache(files.folder);
  const text = chain(600);
  const value = cache.value(text, readYamlValue);
  const [path] = kept(files.folder);
  const body = Deno.readTextFileSync(path!);
  for (const damaged of ["", body.slice(0, -9), body.replace('"factor":7', '"factor":8')]) {
    assert(damaged !== body);
    Deno.writeTextFileSync(path!, damaged);
    assertEquals(cache.value(text, readYamlValue), value);
    assertEquals(Deno.readTextFileSync(path!), body, "it is written anew");
  }
  assertEquals(new YamlCache(`${files.folder}/file`).value(text, readYamlValue), value);
});

Deno.test("of many texts the last ones are kept", () => {
  using files = new ExperimentFiles({});
  const cache = new YamlCache(files.folder);
  const text = chain(600);
  for (let i = 0; i < 20; i++) cache.value(`${text}# ${i}\n`, readYamlValue);
  assertEquals(kept(files.folder).length, 16);
});

Deno.test("an experiment from the cache is the one from the file, with the same places and faults", () => {
  const text = `${chain(600)}expect: {s1.sum: {min: 1}}\n`;
  using files = new ExperimentFiles({ "main.yaml": text, "bad.yaml": `${text}sead: 3\n` });
  const cacheFolder = files.folder;
  const { locate: _, ...plain } = files.load();
  for (let i = 0; i < 2; i++) {
    const { locate, ...cached } = files.load("main.yaml", { cacheFolder });
    assertEquals(cached, plain);
    assertEquals(locate(["stages", "s3", "params", "factor"]), {
      file: `${files.folder}/main.yaml`,
      line: 15,
      column: 22,
    });
    assertEquals(
      files.complaints("bad.yaml", { cacheFolder }),
      files.complaints("bad.yaml"),
    );
  }
});

Deno.test("a file that goes is missed, whatever the cache has", () => {
  using files = new ExperimentFiles({
    "numbers.txt": "1",
    "main.yaml": `${chain(600)}  r: {uses: read_numbers, inputs: {file: {path: numbers.txt}}}\n`,
  });
  const cacheFolder = files.folder;
  files.load("main.yaml", { cacheFolder });
  files.load("main.yaml", { cacheFolder });
  Deno.removeSync(`${files.folder}/numbers.txt`);
  assertEquals(files.complaints("main.yaml", { cacheFolder }), [
    "main.yaml:2400:49: file: there is no file or folder numbers.txt",
  ]);
});

Deno.test("ten thousand stages load in a fraction of what the reader of places takes", () => {
  using files = new ExperimentFiles({ "main.yaml": chain(10_000) });
  const time = (options: { cacheFolder?: string }) => {
    const start = performance.now();
    assertEquals(files.load("main.yaml", options).stages.length, 10_000);
    return performance.now() - start;
  };
  // 0.2 s and 0.06 s on an idle machine; the reader of places takes 3.7 s.
  const cold = time({});
  time({ cacheFolder: files.folder });
  const cached = Math.min(...[1, 2, 3].map(() => time({ cacheFolder: files.folder })));
  assert(cold < 1500, `cold: ${cold} ms`);
  assert(cached < 500, `cached: ${cached} ms`);
});
