import { assertEquals } from "@std/assert";
import { parseArgs } from "@std/cli";

Deno.test("parseArgs() puts positional arguments in _ as strings", () => {
  assertEquals(parseArgs(["run", "007", "0x10"])._, ["run", "007", "0x10"]);
});

Deno.test("parseArgs() reads flags as booleans, false where not given", () => {
  const args = parseArgs(["--json", "x"], { boolean: ["json", "quiet"] });
  assertEquals([args.json, args.quiet, args._], [true, false, ["x"]]);
});

Deno.test("parseArgs() keeps string options as they were written", () => {
  const args = parseArgs(["--jobs", "007", "--path=a=b"], { string: ["jobs", "path", "none"] });
  assertEquals([args.jobs, args.path, args.none], ["007", "a=b", undefined]);
});

Deno.test("parseArgs() gives an empty text for a string option without a value", () => {
  assertEquals(parseArgs(["--store"], { string: ["store"] }).store, "");
});

Deno.test("parseArgs() collects repeated options in order, and none as an empty list", () => {
  const options = { string: ["set", "more"], collect: ["set", "more"] };
  const args = parseArgs(["--set", "a=1", "--set=b=2"], options);
  assertEquals([args.set, args.more], [["a=1", "b=2"], []]);
});

Deno.test("parseArgs() takes the last value of a repeated option that is not collected", () => {
  assertEquals(parseArgs(["--n", "1", "--n", "2"], { string: ["n"] }).n, "2");
});

Deno.test("parseArgs() knows an option by its alias", () => {
  const args = parseArgs(["-j4", "-q"], {
    string: ["jobs"],
    boolean: ["quiet"],
    alias: { jobs: "j", quiet: ["q", "silent"] },
  });
  assertEquals([args.jobs, args.quiet, args.silent], ["4", true, true]);
});

Deno.test("parseArgs() fills defaults", () => {
  assertEquals(parseArgs([], { string: ["n"], default: { n: "3" } }).n, "3");
});

Deno.test("parseArgs() ends options at --, and at the first argument with stopEarly", () => {
  assertEquals(parseArgs(["--", "--json"], { boolean: ["json"] })._, ["--json"]);
  const early = parseArgs(["run", "--json"], { boolean: ["json"], stopEarly: true });
  assertEquals([early._, early.json], [["run", "--json"], false]);
});

Deno.test("parseArgs() tells about unknown options, and leaves them out on request", () => {
  const seen: string[] = [];
  const args = parseArgs(["x", "--foo", "--json"], {
    boolean: ["json"],
    unknown: (arg) => {
      seen.push(arg);
      return false;
    },
  });
  assertEquals([seen, args.foo, args._, args.json], [["--foo"], undefined, ["x"], true]);
});

Deno.test("parseArgs() does not let an argument reach into every object", () => {
  parseArgs(["--__proto__.polluted", "yes", "--constructor.prototype.polluted", "yes"]);
  assertEquals(({} as Record<string, unknown>).polluted, undefined);
});
