import { assertEquals } from "@std/assert";
import { fnv1a, threefry2x32 } from "../../../stages/random.ts";

function block(key: [number, number], counter: [number, number]): string[] {
  const out = new Uint32Array(2);
  threefry2x32(...key, ...counter, out);
  return [...out].map((word) => word.toString(16).padStart(8, "0"));
}

Deno.test("threefry2x32() gives the known answers published with the generator", () => {
  assertEquals(block([0, 0], [0, 0]), ["6b200159", "99ba4efe"]);
  assertEquals(block([0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff]), ["1cb996fc", "bb002be7"]);
  assertEquals(block([0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3]), ["c4923a9c", "483df7a0"]);
});

Deno.test("fnv1a() gives the hashes published with FNV", () => {
  assertEquals(fnv1a(""), 0x811c9dc5);
  assertEquals(fnv1a("a"), 0xe40c292c);
  assertEquals(fnv1a("foobar"), 0xbf9cf968);
});
