import { assert, assertEquals } from "@std/assert";
import { formatNtuName } from "../../../stages/formats/ntu_name.ts";
import { completeness, completenessText } from "../../../stages/parse/ntu/completeness.ts";
import { missingNames } from "../../../stages/parse/ntu/missing_lists.ts";
import type { NamedRecording } from "../../../stages/parse/recording_form.ts";
import { ntuGrid, type NtuScale } from "../../../stages/synth/ntu_grid.ts";

const lists = { ntu60: missingNames("ntu60"), ntu120: missingNames("ntu120") };

/** All recordings of a data set but the listed ones. */
function whole(scale: NtuScale): NamedRecording[] {
  return ntuGrid(scale)
    .map((parsed) => ({
      name: formatNtuName(parsed),
      identity: {
        label: parsed.action - 1,
        subject: parsed.performer,
        camera: parsed.camera,
        setup: parsed.setup,
        replication: parsed.replication,
      },
    }))
    .filter(({ name }) => !lists[scale].has(name));
}

const sets = { ntu60: whole("ntu60"), ntu120: whole("ntu120") };

Deno.test("the grid has as many names as published, the listed ones among them, each once", () => {
  for (const [scale, clips] of [["ntu60", 56_880], ["ntu120", 114_480]] as const) {
    const names = new Set(ntuGrid(scale).map(formatNtuName));
    assertEquals(names.size, clips);
    assertEquals([...lists[scale]].filter((name) => !names.has(name)), []);
  }
});

Deno.test("complete sets have 56,578 and 113,945 clips without the listed ones, and the published splits", () => {
  const counts = {
    ntu60: completeness("ntu60", sets.ntu60, lists.ntu60),
    ntu120: completeness("ntu120", sets.ntu120, lists.ntu120),
  };
  assertEquals([counts.ntu60.found, counts.ntu60.complete], [56_578, true]);
  assertEquals([counts.ntu120.found, counts.ntu120.complete], [113_945, true]);
  assertEquals(counts.ntu120.archives.map(({ expected }) => expected), [56_578, 57_367]);
  for (const { splits } of Object.values(counts)) {
    for (const { train, test, expected } of Object.values(splits)) {
      assertEquals({ train, test }, expected);
    }
  }
  assertEquals(
    completenessText(counts.ntu60),
    "ntu60 is complete: 56578 clips; xsub 40091 + 16487, xview 37646 + 18932",
  );
  assertEquals(counts.ntu60.setups.every(({ found, short }) => found > 0 && short === 0), true);
});

Deno.test("lists in other places than the data set's own change what is expected", () => {
  const none = completeness("ntu60", sets.ntu60, new Set());
  assertEquals([none.complete, none.expected, none.short], [false, 56_880, 302]);
  const other = completeness("ntu60", sets.ntu60, lists.ntu120);
  assertEquals([other.complete, other.expected], [true, 56_578]);
});

Deno.test("clips that lack in performances are told by setup, with the archive to fetch again", () => {
  let dropped = 0;
  const found = sets.ntu120.filter(({ identity: { setup } }) =>
    setup !== 20 || dropped >= 7 || ++dropped === 0
  );
  const count = completeness("ntu120", found, lists.ntu120);
  assertEquals([count.complete, count.short, count.found], [false, 7, 113_938]);
  assertEquals(
    count.setups.filter(({ short }) => short > 0).map(({ setup, short }) => [setup, short]),
    [
      [20, 7],
    ],
  );
  assertEquals(count.fetch, ["nturgbd_skeletons_s018_to_s032.zip"]);
  assertEquals(
    completenessText(count),
    "ntu120 is not complete: 7 of 113945 clips are not there; of performances that are there in part: " +
      "7 of setup 20. Fetch again: nturgbd_skeletons_s018_to_s032.zip (57360 of its 57367 are there). " +
      "report.json of this stage's output counts all setups",
  );
});

Deno.test("whole setups and whole performances that lack are told apart", () => {
  const first = sets.ntu60.find(({ identity }) => identity.setup === 5)!.identity;
  const found = sets.ntu60.filter(({ identity: { setup, subject, replication } }) =>
    setup !== 3 &&
    !(setup === 5 && subject === first.subject && replication === first.replication)
  );
  const count = completeness("ntu60", found, lists.ntu60);
  assertEquals([count.absent, count.complete], [[3], false]);
  assertEquals(count.short, 56_578 - found.length);
  const text = completenessText(count);
  assert(text.includes("nothing is there of setup 3; "), text);
  assert(text.includes(`${count.short} are of performances that are not there at all`), text);
  assertEquals(count.setups.every(({ short }) => short === 0), true);
});

Deno.test("the archive of the other setups alone is half of NTU 120", () => {
  const found = sets.ntu120.filter(({ identity: { setup } }) => setup >= 18);
  const count = completeness("ntu120", found, lists.ntu120);
  assertEquals([count.short, count.absent.length], [56_578, 17]);
  assertEquals(count.fetch, ["nturgbd_skeletons_s001_to_s017.zip"]);
});
