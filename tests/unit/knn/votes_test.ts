import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { fillVotes, nextBelow, type Voters, type Voting } from "../../../stages/knn/votes.ts";

const UNIFORM: Voting = { weights: "uniform", temperature: 0.1 };
const SIMILAR: Voting = { weights: "similarity", temperature: 0.1 };

function votes(voters: Voters, k: number, voting: Voting, classes: number): Float32Array {
  const out = new Float32Array(classes);
  fillVotes(voters, k, voting, out);
  return out;
}

/** Classes by their votes, most first, the smaller class in a tie. */
function ranking(out: Float32Array): number[] {
  return Array.from(out, (_, c) => c).sort((a, b) => out[b]! - out[a]! || a - b);
}

Deno.test("the majority wins, and of equal votes the class with the nearer neighbour", () => {
  const voters = {
    labels: [3, 1, 1, 2, 3],
    cosines: [0.9, 0.8, 0.7, 0.6, 0.5],
    order: [3, 1, 2, 0],
  };
  assertEquals(ranking(votes(voters, 1, UNIFORM, 5)), [3, 1, 2, 0, 4]);
  assertEquals(ranking(votes(voters, 3, UNIFORM, 5)), [1, 3, 2, 0, 4]);
  const five = votes(voters, 5, UNIFORM, 5);
  assertEquals(ranking(five), [3, 1, 2, 0, 4], "3 and 1 have two votes each; 3 is nearer");
  assertEquals([five[3], five[2]], [2, 1]);
  assert(five[1]! < 2 && five[1]! > 1.999999);
});

Deno.test("classes without votes follow by their nearest row, those without rows come last", () => {
  const voters = { labels: [1], cosines: [0.5], order: [1, 4, 0] };
  const out = votes(voters, 1, UNIFORM, 5);
  assertEquals(ranking(out), [1, 4, 0, 2, 3]);
  assert(out[4]! < 0 && out[0]! > -1 && out[2] === -1 && out[3] === -1);
});

Deno.test("votes by similarity are the released sums, over the nearest neighbour's weight", () => {
  const cosines = [0.9, 0.88, 0.87, 0.5];
  const voters = { labels: [0, 1, 1, 0], cosines, order: [0, 1] };
  const out = votes(voters, 4, SIMILAR, 2);
  const weight = (i: number) => Math.exp(cosines[i]! / 0.1);
  assertAlmostEquals(out[0]! * weight(0), weight(0) + weight(3), 1e-2);
  assertAlmostEquals(out[1]! * weight(0), weight(1) + weight(2), 1e-2);
  assertEquals(ranking(out), [1, 0]);
  const sharp = votes(voters, 4, { weights: "similarity", temperature: 1e-5 }, 2);
  assertEquals(ranking(sharp), [0, 1], "nothing overflows, and the nearest decides");
});

Deno.test("equal sums of votes by similarity go to the nearer class too", () => {
  const voters = { labels: [1, 0], cosines: [0.5, 0.5], order: [1, 0] };
  assertEquals(ranking(votes(voters, 2, SIMILAR, 2)), [1, 0]);
});

Deno.test("nextBelow is the float32 just below", () => {
  for (const value of [3, 1, 0.5, -0.25, 0]) {
    const below = nextBelow(value);
    assert(below < value && Math.fround(below) === below);
    assertEquals(
      Math.fround((below + value) / 2) === below ||
        Math.fround((below + value) / 2) === Math.fround(value),
      true,
    );
  }
});
