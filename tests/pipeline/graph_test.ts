import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { buildGraph, PlanError } from "../../pipeline/graph.ts";
import { toyExperiment, type ToyStage } from "./toy_stages.ts";

function faults(stages: Record<string, ToyStage>): string {
  return assertThrows(() => buildGraph(toyExperiment(stages)), PlanError).message;
}

Deno.test("a graph keeps the file's order where it allows, and puts inputs first where it does not", () => {
  const { nodes } = buildGraph(toyExperiment({
    sum: { uses: "total", inputs: { b: "b.number", a: "a.number" } },
    a: { uses: "number" },
    b: { uses: "number" },
    c: { uses: "number" },
  }));
  assertEquals(nodes.map((n) => n.id), ["a", "b", "sum", "c"]);
  assertEquals(nodes[2]!.dependencies.map((n) => n.id), ["a", "b"]);
  assertEquals(nodes[0]!.dependents.map((n) => n.id), ["sum"]);
});

Deno.test("a stage that is not there, an output and an input that are not, are named with a near name", () => {
  const message = faults({
    alpha: { uses: "number" },
    x: { uses: "total", inputs: { a: "alpa.number", b: "alpha.numbr" } },
    y: { uses: "count", inputs: { strat: "alpha.number" } },
  });
  assertStringIncludes(message, 'toy.yaml#stages.x.inputs.a:1:1: Input "a" of stage "x"');
  assertStringIncludes(message, 'did you mean "alpha"?');
  assertStringIncludes(message, 'did you mean "number"?');
  assertStringIncludes(message, 'has no input "strat"; did you mean "start"?');
});

Deno.test("a missing input, a wrong type and a path where none is taken are all found at once", () => {
  const message = faults({
    a: { uses: "number" },
    b: { uses: "lines" },
    c: { uses: "lines", inputs: { files: "a.number" } },
    d: { uses: "total", inputs: { n: "/some/file" } },
  });
  assertEquals(message.split("\n").length, 3);
  assertStringIncludes(message, '(lines) needs the input "files"');
  assertStringIncludes(message, "expects an artifact of type text, but a.number is of type number");
  assertStringIncludes(message, 'not a path; write STAGE.OUTPUT instead of "/some/file"');
});

Deno.test("a circle is said as it goes", () => {
  const message = faults({
    a: { uses: "total", inputs: { n: "c.number" } },
    b: { uses: "total", inputs: { n: "a.number" } },
    c: { uses: "total", inputs: { n: "b.number" } },
  });
  assertStringIncludes(message, "The stages form a circle: a -> b -> c -> a.");
});

Deno.test("a chain of 20,000 stages is ordered without deep recursion", () => {
  const stages: Record<string, ToyStage> = {};
  for (let i = 20_000; i > 0; i--) {
    stages[`s${i}`] = { uses: "total", inputs: { n: `s${i - 1}.number` } };
  }
  stages["s0"] = { uses: "number" };
  const { nodes } = buildGraph(toyExperiment(stages));
  assertEquals(nodes.length, 20_001);
  assertEquals(nodes.at(-1)!.id, "s20000");
});
