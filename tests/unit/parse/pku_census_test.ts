import { assertEquals } from "@std/assert";
import { formatPkuName } from "../../../stages/formats/pku_name.ts";
import { census, type Found } from "../../../stages/parse/pku/census.ts";
import { fullProgramme, fullScaleParams } from "../../../stages/synth/pku/full_scale.ts";
import { videoSplits } from "../../../stages/synth/pku/write_videos.ts";

/** As many indices. */
const clips = (count: number) => Array.from({ length: count }, (_, i) => i);

/** A whole part, as its split files name it. */
function whole(part: 1 | 2): Found {
  const { xview, xsub } = videoSplits(fullProgramme(fullScaleParams(part)));
  const [train, test] = [new Set(xview.train), new Set(xview.test)];
  return {
    part,
    videos: [...xsub.train, ...xsub.test].sort(),
    rows: part === 1 ? 21_545 : 6_945,
    splits: [{ protocol: "xview", file: "Split/cross-view.txt", train, test }],
    clips: part === 1 ? { xview: { train: clips(14_357), test: clips(7_188) } } : {},
  };
}

Deno.test("nothing is said of what is as published", () => {
  assertEquals(census(whole(1)), []);
  assertEquals(census(whole(2)), []);
});

Deno.test("videos missing from what should be a whole download are named, as something serious", () => {
  const found = whole(1);
  const [gone, ...videos] = found.videos.filter((name) => name !== "0100-M");
  assertEquals(census({ ...found, videos }), [{
    serious: true,
    text:
      `2 videos of the 1076 in the split files have no skeleton file: ${gone}, 0100-M; unpack ` +
      "the archive of the skeletons again, or get it again",
  }]);
  assertEquals(census({ ...found, videos, splits: [] }), [
    { serious: true, text: "1074 videos of PKU-MMD I, published are 1076: 2 missing" },
  ]);
});

Deno.test("of a part of the videos the names that are missing are cut short", () => {
  const found = whole(2);
  const videos = found.videos.slice(0, 40);
  const [finding, ...more] = census({ ...found, videos });
  assertEquals([finding!.serious, more], [false, []]);
  const start = "969 videos of the 1009 in the split files have no skeleton file: ";
  assertEquals(finding!.text.startsWith(start), true, finding!.text);
  assertEquals(finding!.text.endsWith(" and 949 more"), true, finding!.text);
});

Deno.test("videos that no split file names, missing labels and other sizes are told", () => {
  const found = whole(1);
  const renamed = { ...found.splits[0]!, train: new Set([...found.splits[0]!.train].slice(1)) };
  const odd = [...found.splits[0]!.train][0]!;
  assertEquals(census({ ...found, splits: [renamed] }), [{
    serious: true,
    text: "Split/cross-view.txt: 1 video on neither side, so its clips neither train nor test: " +
      odd,
  }]);
  assertEquals(
    census({
      ...found,
      rows: 21_500,
      clips: { xview: { train: clips(14_300), test: clips(7_188) } },
    }),
    [
      {
        serious: true,
        text:
          "21500 labelled actions of PKU-MMD I, published are 21545: are all label files there?",
      },
      {
        serious: false,
        text: "xview has 14300 clips to train and 7188 to test on; papers quote 14357 and 7188",
      },
    ],
  );
  const extra = formatPkuName({ part: 1, video: 999, subject: 0, camera: 1 });
  assertEquals(census({ ...found, videos: [...found.videos, extra], splits: [] }), [
    { serious: true, text: "1077 videos of PKU-MMD I, published are 1076: 1 more than that" },
  ]);
});
