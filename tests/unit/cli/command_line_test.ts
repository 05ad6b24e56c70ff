import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { readCall, runCommandLine } from "../../../pipeline/command_line.ts";
import { ExperimentError } from "../../../pipeline/experiment/experiment_error.ts";
import { PINNED_DENO } from "../../../pipeline/pinned_deno.ts";
import { UsageError } from "../../../pipeline/usage_error.ts";
import type { Call, Verb } from "../../../pipeline/verb.ts";
import { CapturedTerminal } from "./captured_terminal.ts";

function echo(run: (call: Call) => Promise<number> = () => Promise.resolve(0)): Verb {
  return {
    name: "echo",
    summary: "Says what it was told, which takes a long line when all of it is said at once",
    arguments: [
      { name: "FILE", summary: "what to say" },
      { name: "MORE", summary: "what else", optional: true },
    ],
    options: {
      json: { kind: "flag", summary: "As JSON" },
      strict: { kind: "flag", summary: "Strictly" },
      store: { kind: "value", value: "DIR", summary: "Where" },
      jobs: { kind: "value", alias: "j", value: "N", summary: "How many" },
      set: { kind: "list", value: "PATH=VALUE", summary: "What; repeatable" },
    },
    example: "deno task echo hello",
    run,
  };
}

const resolveDevice = () =>
  Promise.resolve({ backend: "cpu", class: "cpu", software: false, why: "test" } as const);

function call(args: readonly string[], verb = echo()): Call {
  const terminal = new CapturedTerminal();
  return readCall(verb, args, {
    catalogue: {},
    terminal,
    resolveDevice,
    deno: { running: PINNED_DENO, pinned: PINNED_DENO },
  });
}

async function line(
  args: readonly string[],
  options: { verb?: Verb; deno?: string } = {},
): Promise<{ status: number; stdout: string; stderr: string }> {
  const terminal = new CapturedTerminal();
  const status = await runCommandLine(args, {
    verbs: [options.verb ?? echo(), { ...echo(), name: "export" }],
    catalogue: {},
    terminal,
    resolveDevice,
    deno: options.deno ?? PINNED_DENO,
  });
  return { status, stdout: terminal.stdout, stderr: terminal.stderr };
}

Deno.test("readCall() reads arguments, flags, values and lists in any order", () => {
  const read = call(["--set", "a=1", "x.yaml", "--json", "--jobs=3", "--set=b=2", "y"]);
  assertEquals(read.args, { FILE: "x.yaml", MORE: "y" });
  assertEquals(read.flag("json"), true);
  assertEquals(read.flag("strict"), false);
  assertEquals(read.value("jobs"), "3");
  assertEquals(read.value("store"), undefined);
  assertEquals(read.list("set"), ["a=1", "b=2"]);
});

Deno.test("readCall() keeps values as they were written", () => {
  const read = call(["007", "-j", "0x10", "--set", "a=1,b", "--", "--json"]);
  assertEquals(read.args, { FILE: "007", MORE: "--json" });
  assertEquals(read.value("jobs"), "0x10");
  assertEquals(read.list("set"), ["a=1,b"]);
  assertEquals(read.flag("json"), false);
});

Deno.test("readCall() takes the last of a value given twice", () => {
  assertEquals(call(["x", "--jobs", "1", "-j2"]).value("jobs"), "2");
});

Deno.test("readCall() finds the store in the option, then the variable, then the default", () => {
  const before = Deno.env.get("SKELRUN_STORE");
  try {
    Deno.env.set("SKELRUN_STORE", "/from/variable");
    assertEquals(call(["x", "--store", "here"]).store, "here");
    assertEquals(call(["x"]).store, "/from/variable");
    Deno.env.delete("SKELRUN_STORE");
    assertEquals(call(["x"]).store, ".skelrun");
  } finally {
    if (before !== undefined) Deno.env.set("SKELRUN_STORE", before);
  }
});

for (
  const [args, message] of [
    [["x", "--jbos", "3"], "unknown option --jbos; did you mean --jobs?"],
    [["x", "--jbos=3"], "unknown option --jbos; did you mean --jobs?"],
    [["x", "--no-json"], "unknown option --no-json"],
    [["x", "-z"], "unknown option -z."],
    [["x", "--json=yes"], "--json takes no value; write --json alone, or leave it out"],
    [["x", "--jobs"], "--jobs needs a value: --jobs N (or --jobs=N)"],
    [["x", "--jobs", "--json"], "--jobs needs a value"],
    [["x", "--set="], "--set needs a value: --set PATH=VALUE"],
    [[], "FILE is missing (what to say); usage: deno task echo FILE [MORE]"],
    [["a", "b", "c"], 'unexpected argument "c"; echo takes FILE [MORE]'],
    [["x", "--__proto__", "y"], "unknown option --__proto__"],
  ] as const
) {
  Deno.test(`readCall() refuses ${args.join(" ") || "nothing"}`, () => {
    assertThrows(() => call(args), UsageError, message);
  });
}

Deno.test("a wrong command line exits with 2, and says what to do on standard error alone", async () => {
  const { status, stdout, stderr } = await line(["echo"]);
  assertEquals([status, stdout], [2, ""]);
  assertEquals(
    stderr,
    "echo: FILE is missing (what to say); usage: deno task echo FILE [MORE]\n" +
      "More: deno task echo --help\n",
  );
});

for (
  const [args, message] of [
    [["ecoh"], 'unknown verb "ecoh"; did you mean echo? The verbs are: echo, export'],
    [["banana"], 'unknown verb "banana". The verbs are: echo, export'],
    [["x.yaml"], "expected a verb first, found a file; did you mean: run x.yaml"],
    [["--json"], "expected a verb first, found --json; the verbs are: echo, export"],
    [["help", "ehco"], 'unknown verb "ehco"; did you mean echo?'],
  ] as const
) {
  Deno.test(`the command line refuses ${args.join(" ")}`, async () => {
    const { status, stdout, stderr } = await line(args);
    assertEquals([status, stdout], [2, ""]);
    assertStringIncludes(stderr, `skelrun: ${message}`);
  });
}

Deno.test("no verb at all shows the help on standard error and exits with 2", async () => {
  const { status, stdout, stderr } = await line([]);
  assertEquals([status, stdout], [2, ""]);
  assertStringIncludes(stderr, "verbs:\n  echo FILE [MORE]");
});

Deno.test("--help of a verb is made from its table, even where arguments are missing", async () => {
  const { status, stdout, stderr } = await line(["echo", "--help"]);
  assertEquals([status, stderr], [0, ""]);
  assertEquals(
    stdout,
    `echo: Says what it was told, which takes a long line when all of it is said at once

usage: deno task echo FILE [MORE] [options]

arguments:
  FILE  what to say
  MORE  what else

options:
  --json            As JSON
  --strict          Strictly
  --store DIR       Where
  -j, --jobs N      How many
  --set PATH=VALUE  What; repeatable
  -h, --help        Show this help

example:
  deno task echo hello
`,
  );
});

Deno.test("help, --help and -h show all verbs; help VERB is VERB --help", async () => {
  const { stdout } = await line(["help"]);
  assertEquals((await line(["--help"])).stdout, stdout);
  assertEquals((await line(["-h"])).stdout, stdout);
  assertStringIncludes(
    stdout,
    "  echo FILE [MORE]    Says what it was told, which takes a long line when all of\n" +
      "                      it is said at once\n",
  );
  assertEquals((await line(["help", "echo"])).stdout, (await line(["echo", "-h"])).stdout);
});

Deno.test("--version names the project, the Deno in use and the pinned one", async () => {
  const { stdout } = await line(["--version"], { deno: "9.9.9" });
  assertEquals(stdout, `skelrun 0.1.0 (Deno 9.9.9, tested with ${PINNED_DENO})\n`);
});

Deno.test("another Deno than the pinned one is said first; --strict refuses it", async () => {
  const said = await line(["echo", "x"], { deno: "2.8.0" });
  assertEquals([said.status, said.stdout], [0, ""]);
  assertStringIncludes(said.stderr, "note: this is Deno 2.8.0; the project is tested with");
  let called = false;
  const verb = echo(() => {
    called = true;
    return Promise.resolve(0);
  });
  const refused = await line(["echo", "x", "--strict"], { deno: "2.8.0", verb });
  assertEquals([refused.status, called], [2, false]);
  assertStringIncludes(refused.stderr, "echo: --strict: this is Deno 2.8.0;");
  assertEquals((await line(["echo", "x", "--strict"])).status, 0);
});

Deno.test("the exit status is the verb's", async () => {
  assertEquals((await line(["echo", "x"], { verb: echo(() => Promise.resolve(130)) })).status, 130);
});

const complaint = new ExperimentError(
  [
    { position: { file: "x.yaml", line: 1, column: 2 }, message: "first" },
    { position: { file: "x.yaml", line: 3, column: 4 }, message: "second" },
  ],
  () => undefined,
);

Deno.test("a wrong experiment exits with 2 and shows all complaints", async () => {
  const { status, stderr } = await line(["echo", "x"], {
    verb: echo(() => Promise.reject(complaint)),
  });
  assertEquals(status, 2);
  assertEquals(stderr, "x.yaml:1:2: first\n\nx.yaml:3:4: second\n\n2 problems; nothing was run\n");
});

Deno.test("with --json an error is one JSON document on standard output too", async () => {
  const { status, stdout } = await line(["echo", "x", "--json"], {
    verb: echo(() => Promise.reject(complaint)),
  });
  assertEquals(status, 2);
  assertEquals(JSON.parse(stdout).complaints, [
    { place: "x.yaml:1:2", message: "first" },
    { place: "x.yaml:3:4", message: "second" },
  ]);
});

Deno.test("with --json a wrong command line and a failure in words are JSON documents too", async () => {
  const usage = await line(["echo", "--json"]);
  assertEquals([usage.status, JSON.parse(usage.stdout).error], [2, "UsageError"]);
  const failed = await line(["echo", "x", "--json"], {
    verb: echo((call) => {
      call.terminal.err("echo: no echo here\n");
      return Promise.resolve(1);
    }),
  });
  assertEquals(JSON.parse(failed.stdout), { error: "Failed", message: "echo: no echo here" });
  const printed = await line(["echo", "x", "--json"], {
    verb: echo((call) => {
      call.terminal.out("{}\n");
      return Promise.resolve(1);
    }),
  });
  assertEquals([printed.status, printed.stdout], [1, "{}\n"]);
});

Deno.test("an error of the machine is a sentence; a fault of the project shows where it is", async () => {
  const machine = await line(["echo", "x"], {
    verb: echo(() => Promise.reject(new Deno.errors.PermissionDenied("cannot write /x"))),
  });
  assertEquals([machine.status, machine.stderr], [1, "echo: cannot write /x\n"]);
  const fault = await line(["echo", "x"], {
    verb: echo(() => Promise.reject(new TypeError("x is undefined"))),
  });
  assertEquals(fault.status, 1);
  assertStringIncludes(fault.stderr, "a fault of skelrun rather than yours; please report it:");
  assert(fault.stderr.includes("command_line_test.ts"));
});
