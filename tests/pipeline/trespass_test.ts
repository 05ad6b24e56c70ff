/** Accesses that a stage did not declare: each is found, and the line to add is said. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { AuditTrail } from "../../pipeline/executors/audit.ts";
import { endings } from "./toy_endings.ts";
import { runToy, withFolder, withStore } from "./toy_stages.ts";

const HERE = new URL(".", import.meta.url).pathname;
const ROOT = new URL("../..", import.meta.url).pathname;

Deno.test("each kind of undeclared access fails the stage with what it touched and what to write", () =>
  withStore(async (store, folder) => {
    await Deno.writeTextFile(`${folder}/prices 2.csv`, "1");
    const table = `${HERE}toy_stages.ts`;
    const { stage, summary } = await runToy(
      endings({
        read: `${folder}/prices 2.csv`,
        "read-swallowed": table,
        "read-relative": "",
        write: `${folder}/elsewhere.txt`,
        env: "DATA_DIR",
        "env-node": "DATA_DIR",
        net: "127.0.0.1",
        run: "ls",
        "write-relative": "",
        early: `${store.root}/actions`,
      }),
      { store, jobs: 4 },
    );
    const said = Object.fromEntries(summary.stages.map(({ id, reason }) => [id, reason]));
    assertEquals(said, {
      read: `It read ${folder}/prices 2.csv, which is not among its inputs. Declare it: ` +
        `in toy.yaml, stages.read.inputs: \`table: { path: ${folder}/prices 2.csv }\``,
      "read-swallowed": `It read ${table}, which is not among its inputs. If it is part of the ` +
        `stage's code, in the definition of ending (seen from tests/pipeline/toy/): ` +
        `\`roots: [new URL("../toy_stages.ts", import.meta.url).href]\`; if it is data, ` +
        `in toy.yaml, stages.read-swallowed.inputs: \`table: { path: ${table} }\``,
      "read-relative":
        "It read table.json, seen from its process's current folder, where nothing " +
        "of the user's is. Ask for the place of an input: ctx.input(NAME)",
      write: `It wrote ${folder}/elsewhere.txt, which is outside its outputs. Write into one of ` +
        'them: `${ctx.output("number")}/elsewhere.txt`',
      env: "It read the environment variable DATA_DIR, which no key covers: a stage sees none. " +
        "Make it a parameter: in the definition of ending, params: `data_dir: z.string()`, and " +
        "read it as `ctx.params.data_dir`",
      "env-node": said["env"],
      net: 'It asked for "net" access (127.0.0.1:8123), which a stage does not have: its result ' +
        "would hang on more than its inputs. Fetch the file beforehand and give it as an input; " +
        "or, if the answer is always the same, in the definition of ending: " +
        '`allow: { net: ["127.0.0.1:8123"] }`',
      run: "It started a process (ls), which a stage may not: its result would hang on a program " +
        "that no key covers. If what it does is always the same, in the definition of ending: " +
        '`allow: { run: ["ls"] }`',
      "write-relative": undefined,
      early:
        `It read ${store.root}/actions, which is not among its inputs. It lies in the store: ` +
        'take the output of another stage as an input, by "NAME: STAGE.OUTPUT" in toy.yaml, under ' +
        "stages.early.inputs",
    });
    assert(stage("early").seconds < 20, "it did not go on for its minute");
    assertEquals(stage("write-relative").status, "ran", "a path inside its folder, said otherwise");
    assert(!ROOT.includes("//"));
  }));

Deno.test("what a definition asks for by name is granted, and no more", () =>
  withStore(async (store) => {
    const allow = { net: ["127.0.0.1"], run: ["true"] };
    const { stage } = await runToy(
      endings({ net: "127.0.0.1", run: "true", env: "X" }, allow),
      { store },
    );
    assertEquals([stage("net").reason, stage("run").reason], [undefined, undefined]);
    assertEquals([stage("net").status, stage("run").status], ["ran", "ran"]);
    const other = await runToy(endings({ net: "127.0.0.2" }, allow), { store });
    assertStringIncludes(other.stage("net").reason!, "127.0.0.2:8123");
  }));

Deno.test("an audit is read as it grows, also in the middle of a line", () =>
  withFolder((folder) => {
    const path = `${folder}/audit`;
    const trail = new AuditTrail(path, "/work", { read: ["/in"], write: [], net: ["h:1"] }, []);
    assertEquals(trail.look(), undefined, "nothing yet");
    const line = (permission: string, value: string) =>
      JSON.stringify({ v: 1, datetime: "now", permission, value }) + "\n";
    const add = (text: string) => Deno.writeTextFileSync(path, text, { append: true });
    add(line("read", "/in/a") + line("net", "http://h:1/") + line("env", "HOME"));
    add(line("read", "/inside/ü").slice(0, 60));
    assertEquals(trail.look(), undefined);
    add(line("read", "/inside/ü").slice(60));
    assertEquals(trail.look(), { permission: "read", value: "/inside/ü" });
    add(line("read", "/in/../etc/passwd"));
    assertEquals(trail.look(), { permission: "read", value: "/etc/passwd" });
    add(line("write", "/in/a"));
    assertEquals(trail.look(), { permission: "write", value: "/in/a" });
    return Promise.resolve();
  }));
