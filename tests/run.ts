/**
 * The one gate: formatting, lint, types, then every test; closes with the plain count
 * `N passed, N failed, N skipped` alone on its line. Run by `deno task test`.
 *
 * `--long` asks for full fuzz and crash counts. With `SKELRUN_CI` set, a test that was skipped for
 * want of something that Debian or npm offers counts as failed: such tests end their name with
 * `[needs NAME]`; what no package registry has (recordings, a GPU) is written `[absent: NAME]`.
 *
 * @module
 */

const root = new URL("../", import.meta.url).pathname;

/** Counts of one test run. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** One test of a JUnit report. */
export interface TestCase {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
}

/**
 * Reads the test cases of the JUnit report that `deno test` writes.
 *
 * @param xml The report.
 */
export function testCases(xml: string): TestCase[] {
  const cases: TestCase[] = [];
  for (const match of xml.matchAll(/<testcase\b([^>]*?)(\/>|>([\s\S]*?)<\/testcase>)/g)) {
    const name = /\bname="([^"]*)"/.exec(match[1] ?? "")?.[1] ?? "";
    const body = match[3] ?? "";
    cases.push({
      name: name.replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&gt;", ">")
        .replaceAll("&apos;", "'").replaceAll("&amp;", "&"),
      outcome: /<(failure|error)\b/.test(body)
        ? "failed"
        : /<skipped\b/.test(body)
        ? "skipped"
        : "passed",
    });
  }
  return cases;
}

/** Whether a skipped test says that CI could have installed what it lacked. */
export function installable(name: string): boolean {
  return /\[needs [^\]]+\]\s*$/.test(name);
}

async function deno(args: string[], env: Record<string, string> = {}): Promise<number> {
  const status = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: root,
    env,
    stdout: "inherit",
    stderr: "inherit",
  }).spawn().status;
  return status.code;
}

async function main(): Promise<number> {
  const long = Deno.args.includes("--long");
  const only = Deno.args.filter((arg) => !arg.startsWith("--"));
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  const gate = async (name: string, args: string[]) => {
    const code = await deno(args);
    if (code === 0) counts.passed++;
    else {
      counts.failed++;
      console.log(`FAILED  ${name}: deno ${args.join(" ")}`);
    }
  };
  if (only.length === 0) {
    await gate("formatting", ["fmt", "--check", "--quiet"]);
    await gate("lint", ["lint", "--quiet"]);
    await gate("types", ["check", "--quiet", "."]);
  }
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  try {
    const code = await deno(
      ["test", "-A", "--no-check", "--quiet", "--parallel", `--junit-path=${report}`, ...only],
      long ? { SKELRUN_LONG: "1" } : {},
    );
    const cases = testCases(await Deno.readTextFile(report));
    for (const test of cases) counts[test.outcome]++;
    const strict = Deno.env.has("SKELRUN_CI");
    for (const test of cases.filter((test) => test.outcome === "skipped")) {
      const missing = strict && installable(test.name);
      console.log(
        `${missing ? "FAILED (skipped, but CI can install it)" : "skipped"}  ${test.name}`,
      );
      if (missing) {
        counts.skipped--;
        counts.failed++;
      }
    }
    if (cases.length === 0 || (code !== 0 && counts.failed === 0)) {
      counts.failed++;
      console.log(`FAILED  deno test ended with status ${code} after ${cases.length} tests`);
    }
  } finally {
    await Deno.remove(report);
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  return counts.failed === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main());
