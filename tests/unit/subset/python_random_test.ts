import { assertEquals, assertThrows } from "@std/assert";
import { PythonRandom } from "../../../stages/subset/python_random.ts";
import { randomStream } from "../../../stages/random.ts";
import { pythonTest } from "../formats/python.ts";

const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);
const ascending = (values: readonly number[]) => [...values].sort((a, b) => a - b);

Deno.test("PythonRandom draws the released subset: seed 2, 7 of 668 twice", () => {
  const random = new PythonRandom(2);
  const first = random.sample(range(0, 668), 7), second = random.sample(range(668, 668), 7);
  assertEquals(ascending(first), [57, 86, 93, 173, 257, 315, 369]);
  assertEquals(ascending(second), [704, 830, 885, 1109, 1263, 1288, 1289]);
});

Deno.test("PythonRandom samples all places once, from short lists and long ones", () => {
  const random = new PythonRandom(5);
  for (const [n, k] of [[1, 1], [21, 5], [22, 5], [85, 6], [86, 6], [500, 500], [7, 0]] as const) {
    const drawn = random.sample(range(0, n), k);
    assertEquals(new Set(drawn).size, k);
    if (n === k) assertEquals(ascending(drawn), range(0, n));
  }
});

Deno.test("PythonRandom refuses samples and seeds that there are not", () => {
  assertThrows(() => new PythonRandom(2).sample([1, 2], 3), RangeError, "from 0 to 2, found 3");
  assertThrows(() => new PythonRandom(-1), RangeError, "seed");
  assertThrows(() => new PythonRandom(0.5), RangeError, "seed");
});

const SCRIPT = `
import json, random, sys
out = []
for seed, calls in json.loads(sys.argv[1]):
    random.seed(seed)
    out.append([[random.getrandbits(32)] + random.sample(range(n), k) for n, k in calls])
print(json.dumps(out))
`;

await pythonTest(
  "json",
  "PythonRandom draws as CPython does, for random seeds and sizes",
  async (run) => {
    const stream = randomStream(71, "sizes");
    const cases = range(0, 40).map((i) => {
      const seed = i < 4 ? [0, 2, 2 ** 32, 2 ** 53 - 1][i]! : stream.integer(0, 2 ** 31);
      const calls = range(0, 6).map(() => {
        const n = stream.integer(1, [5, 21, 30, 100, 1000, 30000][stream.integer(0, 5)]!);
        return [n, stream.integer(0, Math.min(n, 700))] as const;
      });
      return [seed, calls] as const;
    });
    const expected = await run(SCRIPT, JSON.stringify(cases));
    const drawn = cases.map(([seed, calls]) => {
      const random = new PythonRandom(seed);
      return calls.map(([n, k]) => [random.bits(32), ...random.sample(range(0, n), k)]);
    });
    assertEquals(drawn, expected);
  },
);
