import { assert, assertEquals } from "@std/assert";
import { installable, testCases } from "../../run.ts";

Deno.test("testCases() reads names and outcomes of a JUnit report", () => {
  const xml = `<testsuites><testsuite name="a">
    <testcase name="adds &quot;one&quot;" time="0.1"></testcase>
    <testcase name="fails"><failure message="x">no</failure></testcase>
    <testcase name="waits [needs python3-torch]"><skipped/></testcase>
    <testcase name="short" />
  </testsuite></testsuites>`;
  assertEquals(testCases(xml), [
    { name: 'adds "one"', outcome: "passed" },
    { name: "fails", outcome: "failed" },
    { name: "waits [needs python3-torch]", outcome: "skipped" },
    { name: "short", outcome: "passed" },
  ]);
});

Deno.test("installable() tells a package CI can install from a thing nobody can", () => {
  assert(installable("loads in PyTorch [needs python3-torch]"));
  assert(!installable("reads the real recordings [absent: NW_UCLA_DIR]"));
});
