/** A strict look at XML, for the charts' tests. */
import { assert, assertEquals } from "@std/assert";

const TAG = /<(\/?)([A-Za-z][\w:-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/y;
const TEXT = /[^<]+/y;

/**
 * Asserts that a text is one well-formed XML element: tags nested and closed, attributes quoted and
 * given once, no stray `<` or `&`, no character that XML 1.0 forbids, no number that is none.
 *
 * @returns How often each element occurs.
 */
export function assertWellFormed(xml: string): Map<string, number> {
  const open: string[] = [], counts = new Map<string, number>();
  // deno-lint-ignore no-control-regex
  assert(!/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(xml), "forbidden control character");
  let at = 0;
  const source = xml.trim();
  while (at < source.length) {
    const pattern = source[at] === "<" ? TAG : TEXT;
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    assert(match !== null, `not XML at: ${source.slice(at, at + 80)}`);
    const [whole, closing, name, attributes, empty] = match;
    assert(!/&(?!(amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)/i.test(whole), `stray & in: ${whole}`);
    if (pattern === TAG) {
      if (closing) assertEquals(open.pop(), name);
      else {
        counts.set(name!, (counts.get(name!) ?? 0) + 1);
        assert(open.length > 0 || at === 0, `a second root element ${name}`);
        if (!empty) open.push(name!);
      }
      const names = [...(attributes ?? "").matchAll(/([\w:-]+)=/g)].map((m) => m[1]!);
      assertEquals(new Set(names).size, names.length, `an attribute twice in: ${whole}`);
      assert(!/"[^"]*(NaN|Infinity|undefined)[^"]*"/.test(attributes ?? ""), `in: ${whole}`);
    } else assert(open.length > 0, `text outside the root: ${whole}`);
    at += whole.length;
  }
  assertEquals(open, []);
  return counts;
}
