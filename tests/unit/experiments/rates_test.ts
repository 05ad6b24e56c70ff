/** Learning rates of training with labels: docs/protocols.md says what the experiment files set. */
import { assertEquals } from "@std/assert";
import { MadeUpData, paperFiles } from "./experiment_files.ts";

const page = Deno.readTextFileSync(new URL("../../../docs/protocols.md", import.meta.url));

/** Stage types and, of few labels, how many: the rows' first column. */
const PROTOCOLS: readonly (readonly [type: string, id: RegExp, row: string])[] = [
  ["finetune", /^finetune/, "all labels"],
  ["semi_supervised", /^semi_10/, "10 % of the labels"],
  ["semi_supervised", /^semi_1\b/, "1 % of the labels"],
  ["transfer", /^transfer/, "transfer"],
];

const STREAMS = ["joint", "motion", "bone"] as const;

/** The rows of the table below "Learning rates", by protocol, file and stream. */
function said(): ReadonlyMap<string, string> {
  const section = page.split("### Learning rates\n")[1]!.split("\n## ")[0]!;
  const rows = section.split("\n").filter((line) => line.startsWith("|")).slice(2);
  const found = new Map<string, string>();
  for (const row of rows) {
    const [protocol, files, ...rates] = row.split("|").slice(1, -1).map((cell) => cell.trim());
    for (const file of files!.split(", ")) {
      STREAMS.forEach((stream, i) => {
        if (rates[i] !== "-") found.set(`${protocol}, ${file}, ${stream}`, rates[i]!);
      });
    }
  }
  return found;
}

/** The same of the files, as the table words it: 0.005 (50, 100). */
function set(): ReadonlyMap<string, string> {
  using data = new MadeUpData();
  const found = new Map<string, string>();
  for (const file of paperFiles()) {
    if (file.folder === "paper") continue;
    for (const { id, definition, params } of data.load(file).stages) {
      const protocol = PROTOCOLS.find(([type, its]) => type === definition.name && its.test(id));
      if (protocol === undefined) continue;
      const stream = /stream=([a-z]+)/.exec(id)?.[1] ?? "joint";
      const what = `${protocol[2]}, ${file.name.split("/")[1]}, ${stream}`;
      const rate = `${params.lr} (${(params.milestones as number[]).join(", ")})`;
      assertEquals(found.get(what) ?? rate, rate, `${what}: the same for every draw`);
      found.set(what, rate);
    }
  }
  return found;
}

Deno.test("docs/protocols.md: learning rates are those that the experiment files set", () => {
  const files = set();
  assertEquals(files.size, 5 * 3 + 2 * (2 * 3 + 3) + 4);
  assertEquals([...said()].sort(), [...files].sort());
});
