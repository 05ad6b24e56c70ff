import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { MemoryBlocks } from "../../../stages/tensor/simd/memory_blocks.ts";

const MOST = 1 << 16;

/** Blocks of a memory that grows by at least 256 bytes up to {@link MOST}. */
function blocks(): MemoryBlocks {
  let end = 1024;
  return new MemoryBlocks(64, end, (wanted) => {
    if (wanted > MOST) throw new Error("full");
    return end = Math.min(MOST, Math.max(wanted, end + 256));
  });
}

Deno.test("blocks never overlap, and leave one free part when all are given back", () => {
  const step = fc.record({ take: fc.boolean(), bytes: fc.nat(700), which: fc.nat() });
  fc.assert(fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
    const memory = blocks();
    const held: { at: number; bytes: number }[] = [];
    for (const { take, bytes, which } of steps) {
      if (!take && held.length > 0) {
        const [gone] = held.splice(which % held.length, 1);
        memory.give(gone!.at, gone!.bytes);
        continue;
      }
      const at = memory.take(bytes);
      assert(at >= 64 && at % 16 === 0 && at + bytes <= MOST);
      for (const other of held) {
        const apart = at + Math.max(bytes, 1) <= other.at || other.at + other.bytes <= at;
        assert(apart, `${at}, ${bytes} bytes, meets ${other.at}, ${other.bytes} bytes`);
      }
      held.push({ at, bytes });
    }
    for (const { at, bytes } of held) memory.give(at, bytes);
    assertEquals(memory.free.parts, 1);
  }));
});

Deno.test("the lowest room that is large enough is taken, and parts that meet become one", () => {
  const memory = blocks();
  const [a, b, c] = [memory.take(100), memory.take(30), memory.take(100)];
  assertEquals([a, b, c], [64, 176, 208]);
  memory.give(a, 100);
  assertEquals(memory.take(16), 64);
  memory.give(64, 16);
  memory.give(b, 30);
  assertEquals(memory.take(130), 64);
});

Deno.test("a full memory stays as it was, and smaller blocks still fit", () => {
  const memory = blocks();
  memory.take(50_000);
  const before = memory.free;
  assertThrows(() => memory.take(20_000), Error, "full");
  assertEquals(memory.free, before);
  memory.take(15_000);
});
