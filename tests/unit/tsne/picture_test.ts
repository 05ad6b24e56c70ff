import { assert, assertEquals } from "@std/assert";
import { randomStream } from "../../../stages/random.ts";
import { drawPicture, type Picture } from "../../../stages/tsne/picture.ts";
import { assertWellFormed } from "../charts/well_formed.ts";

/** A picture of so many points and classes, in so many panels. */
function made(points: number, classes: number, panels: number, scale = 1): Picture {
  const stream = randomStream(5, "picture");
  const values = () => new Float64Array(points).map(() => scale * stream.normal());
  return {
    title: 'A "title" <with> & more',
    description: "What it shows.",
    panels: Array.from({ length: panels }, (_, i) => ({
      title: `panel ${i}`,
      x: values(),
      y: values(),
      caption: ["a line that is long enough to be broken in the middle of it, once or twice or so"],
    })),
    labels: Int32Array.from({ length: points }, (_, i) => i % classes),
    classNames: Array.from({ length: classes }, (_, c) => `class <${c}>`),
    classes,
    notes: ["A note."],
  };
}

Deno.test("pictures are well formed for any number of panels, points and classes", () => {
  for (const panels of [1, 2, 3, 4, 7]) assertWellFormed(drawPicture(made(30, 3, panels)));
  for (const classes of [1, 10, 60, 120]) assertWellFormed(drawPicture(made(120, classes, 2)));
  for (const scale of [0, 1e-300, 1e300]) assertWellFormed(drawPicture(made(12, 2, 1, scale)));
  assertWellFormed(drawPicture({ ...made(1, 1, 1), classNames: [] }));
});

Deno.test("every point lies in the frame of its panel, and every class has its number and its name", () => {
  const svg = drawPicture(made(200, 12, 2));
  const frames = [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="400" height="400"/g)]
    .map((match) => [Number(match[1]), Number(match[2])] as const);
  assertEquals(frames.length, 2);
  const paths = [...svg.matchAll(/<path d="([^"]+)" fill="(#\w+)" fill-opacity/g)];
  assertEquals(paths.length, 24);
  let points = 0;
  paths.forEach(([, d], at) => {
    const [left, top] = frames[Math.floor(at / 12)]!;
    for (const [, x, y] of d!.matchAll(/M([\d.]+) ([\d.]+)/g)) {
      points++;
      assert(
        Number(x) > left && Number(x) < left + 400 && Number(y) > top && Number(y) < top + 400,
      );
    }
  });
  assertEquals(points, 400);
  for (let c = 1; c <= 12; c++) {
    assertEquals(svg.split(`font-weight="bold">${c}</text>`).length - 1, 2, `number ${c}`);
    assert(svg.includes(`>${c} class &lt;${c - 1}&gt;</text>`));
  }
});

Deno.test("a class's number stands where its points are dense, not in the middle between two groups", () => {
  // Nine points on the left, three on the right, one alone in the middle.
  const x = Float64Array.of(...Array.from({ length: 9 }, (_, i) => i / 100), 10, 10.1, 10.2, 5);
  const svg = drawPicture({
    ...made(13, 1, 1),
    panels: [{ title: "one", x, y: new Float64Array(13), caption: [] }],
  });
  const at = Number(/<text x="([\d.]+)"[^>]*>1<\/text>/.exec(svg)![1]);
  assert(at < 80, `${at}`);
});
