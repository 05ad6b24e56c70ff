import { assert, assertEquals, assertRejects } from "@std/assert";
import { TextReader, Uint8ArrayWriter, ZipWriter } from "@zip.js/zip.js";
import { UnusableInput } from "../../../stages/formats/unusable_input.ts";
import { parsePku as definition, parsePkuParams } from "../../../stages/parse/pku/definition.ts";
import {
  parse,
  type ParsedPku,
  SMALL_PKU,
  splitText,
  valueAt,
  videoLines,
  videoText,
  writeFiles,
} from "./pku_fixture.ts";
import { temporaryFolder } from "./stage_run.ts";

const strict = { sanitizeOps: true, sanitizeResources: true };
const LABELS = "Label/Train_Label_PKU_final";
const SKELETONS = "Data/PKU_Skeleton_Renew";

async function parsed(
  files: Readonly<Record<string, string | Uint8Array>>,
  params: Record<string, unknown> = {},
): Promise<ParsedPku> {
  await using folder = await temporaryFolder();
  await writeFiles(`${folder.path}/in`, files);
  const run = await parse(`${folder.path}/in`, params);
  const clips = new Map<string, Float32Array>();
  for (const { name } of run.index.clips) clips.set(name, await run.read(name));
  return { ...run, read: (name) => Promise.resolve(clips.get(name)!) };
}

/** Frames (from 0) of a fixture's video as (F, M, 25, 3). */
function expected(video: number, first: number, frames: number, bodies = 2): Float32Array {
  return Float32Array.from(
    { length: frames * bodies * 75 },
    (_, i) => valueAt(video, first + Math.floor(i / (bodies * 75)), i % (bodies * 75)),
  );
}

const NAMES = [
  "F002V001C003L002",
  "F002V001C007L001",
  "F002V001C007L003",
  "F002V002C003L002",
  "F002V002C007L001",
  "F002V002C007L003",
  "F010V003C051L001",
];

Deno.test(
  "videos are cut by their labels into clips with names, identities and splits",
  strict,
  async () => {
    const run = await parsed(SMALL_PKU);
    assertEquals(run.index.clips.map(({ name }) => name), NAMES);
    assertEquals(run.index.clips.map(({ label }) => label), [2, 6, 6, 2, 6, 6, 50]);
    const { frames: _, shard: _shard, row: _row, ...clip } = run.index.clips[3]!;
    assertEquals(clip, {
      name: "F002V002C003L002",
      label: 2,
      subject: 0,
      camera: 2,
      setup: 2,
      replication: 2,
    });
    assertEquals(run.index.dataset, "pku");
    assertEquals([run.index.bodies, run.index.classes], [2, 51]);
    assertEquals(run.index.class_names[50], "write");
    assertEquals(run.index.splits, {
      xsub: { train: [0, 1, 2, 3, 4, 5], test: [6] },
      xview: { train: [3, 4, 5, 6], test: [0, 1, 2] },
    });
    const { excluded, files, labelled, part, other_files } = run.report;
    assertEquals([excluded, files, labelled, part, other_files], [[], 3, 7, 1, 0]);
    assertEquals(run.facts.raw, {
      dataset: "pku",
      bodies: 2,
      joints: 25,
      files: 3,
      clips: 7,
      classes: 51,
      splits: "xsub xview",
      clips_xsub_train: 6,
      clips_xsub_test: 1,
      clips_xview_train: 4,
      clips_xview_test: 3,
    });
    assertEquals(run.progress.at(-1), [3, 3]);
  },
);

Deno.test("under aimclr a clip is start to end, counted from 1, end included", strict, async () => {
  const run = await parsed(SMALL_PKU);
  assertEquals(await run.read("F002V001C007L001"), expected(1, 2, 10));
  assertEquals(await run.read("F002V001C007L003"), expected(1, 29, 11));
  assertEquals(await run.read("F010V003C051L001"), expected(3, 0, 50));
});

Deno.test("under cmd the first frame is dropped", strict, async () => {
  const run = await parsed(SMALL_PKU, { cut: "cmd" });
  assertEquals(run.index.clips.map(({ name }) => name), NAMES);
  assertEquals(await run.read("F002V001C007L001"), expected(1, 3, 9));
  assertEquals(await run.read("F010V003C051L001"), expected(3, 1, 49));
});

Deno.test(
  "of more than 300 frames aimclr keeps the middle and cmd the beginning",
  strict,
  async () => {
    const files = {
      "skeleton/0002-L.txt": videoText(1, 420),
      "label/0002-L.txt": "1,11,415,2\n2,5,304,2\n",
    };
    const aimclr = await parsed(files);
    // 405 frames: 52 are left out before them, 53 behind.
    assertEquals(await aimclr.read("F002V001C001L001"), expected(1, 62, 300));
    assertEquals(await aimclr.read("F002V001C002L002"), expected(1, 4, 300));
    const cmd = await parsed(files, { cut: "cmd" });
    assertEquals(await cmd.read("F002V001C001L001"), expected(1, 11, 300));
    assertEquals(await cmd.read("F002V001C002L002"), expected(1, 5, 299));
  },
);

Deno.test("with one slot the second body is not kept", strict, async () => {
  const run = await parsed(SMALL_PKU, { bodies: 1 });
  assertEquals(run.index.bodies, 1);
  assertEquals(await run.read("F002V002C003L002"), expected(2, 14, 7, 1));
});

Deno.test("part II names its people, and a zip archive is read like a folder", strict, async () => {
  await using folder = await temporaryFolder();
  const zip = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
  const files = {
    "v2/skeleton/A01N02-M.txt": videoText(1, 30),
    "v2/skeleton/A01N01-R.txt": videoText(2, 30),
    "v2/label/A01N02-M.txt": "5,1,10,2\n",
    "v2/label/A01N01-R.txt": "5,21,30,2\n",
    "v2/cross_subject_v2.txt": splitText(["A01N01-R"], ["A01N02-M"]),
  };
  for (const [path, text] of Object.entries(files)) await zip.add(path, new TextReader(text));
  await Deno.writeFile(`${folder.path}/pku.zip`, await zip.close());
  const run = await parse(`${folder.path}/pku.zip`);
  assertEquals(
    run.index.clips.map(({ name, subject, camera, setup, replication }) => [
      name,
      subject,
      camera,
      setup,
      replication,
    ]),
    [
      ["A001N001V003C005L001", 1, 3, 1, 1],
      ["A001N002V002C005L001", 2, 2, 1, 1],
    ],
  );
  assertEquals(await run.read("A001N001V003C005L001"), expected(2, 20, 10));
  assertEquals(run.index.splits, { xsub: { train: [0], test: [1] } });
  assertEquals(run.report.part, 2);
});

Deno.test(
  "rows that cannot be used are told by file and line and cost no other",
  strict,
  async () => {
    const rows = [
      "7,3,12,2",
      "0,1,2,2",
      "52,1,2,2",
      "7,20,19,2",
      "7,0,4,1",
      "7,30,41,2",
      "7,5",
      "7,8,9,2",
    ];
    const run = await parsed({
      ...SMALL_PKU,
      [`${LABELS}/0002-L.txt`]: rows.join("\n") + "\n\nx,1,2,3\n7,1,2,\n",
    });
    assertEquals(run.index.clips.filter(({ camera }) => camera === 1).map(({ name }) => name), [
      "F002V001C007L001",
      "F002V001C007L008",
    ]);
    assertEquals(run.index.clips.length, 6);
    assertEquals(run.report.excluded.map(({ name, line, reason }) => [name, line, reason]), [
      [`${LABELS}/0002-L.txt`, 2, "expected a class from 1 to 51, found 0"],
      [`${LABELS}/0002-L.txt`, 3, "expected a class from 1 to 51, found 52"],
      [
        `${LABELS}/0002-L.txt`,
        4,
        "expected an end from 20 on, where the action starts, found 19",
      ],
      [`${LABELS}/0002-L.txt`, 5, "expected a start from 1 on, since frames count from 1, found 0"],
      [`${LABELS}/0002-L.txt`, 7, 'expected class,start,end,confidence, found "7,5"'],
      [`${LABELS}/0002-L.txt`, 10, 'expected the class as a whole number, found "x"'],
      [`${LABELS}/0002-L.txt`, 11, "expected the confidence as a whole number, found nothing"],
      [
        `${LABELS}/0002-L.txt`,
        6,
        `expected an action within the 40 frames of ${SKELETONS}/0002-L.txt, found one that ends at 41 ` +
        "(with overhang: shorten what there is would be taken)",
      ],
    ]);
    assertEquals(run.metrics, { clips: 6, excluded: 8 });
  },
);

Deno.test("a video without labels, and labels without a video, are told", strict, async () => {
  const { [`${LABELS}/0002-L.txt`]: _, [`${SKELETONS}/0010-R.txt`]: _video, ...files } = SMALL_PKU;
  const run = await parsed({ ...files, [`${LABELS}/0003-L.txt`]: "7,1,2,1\n" });
  assertEquals(run.index.clips.map(({ name }) => name), NAMES.slice(3, 6));
  assertEquals(run.report.excluded.map(({ name }) => name), [
    `${SKELETONS}/0002-L.txt`,
    `${LABELS}/0003-L.txt`,
    `${LABELS}/0010-R.txt`,
  ]);
  assert(run.report.excluded[0]!.reason.startsWith("no label file for video 0002-L"));
  assert(
    run.report.excluded[1]!.reason.startsWith("labels of video 0003-L, which has no skeleton"),
  );
  assert(
    run.infos.some((text) =>
      text === "1 video of the 3 in the split files has no skeleton file: 0010-R"
    ),
  );
});

Deno.test("clips without a body are dropped with a line in the report", strict, async () => {
  const zero = Array(150).fill("0").join(" ");
  const second = Array.from({ length: 150 }, (_, i) => i < 75 ? "0.0" : "1").join("\t");
  const lines = videoLines(1, 40);
  lines.fill(zero, 14, 20).fill(second, 29, 40);
  const run = await parsed({ ...SMALL_PKU, [`${SKELETONS}/0002-L.txt`]: lines.join("\n") });
  assertEquals(run.index.clips.filter(({ camera }) => camera === 1).map(({ name }) => name), [
    "F002V001C007L001",
  ]);
  assertEquals<unknown>(run.report.excluded, [
    {
      name: "F002V001C003L002",
      reason: `all coordinates are zero in frames 15 to 20 of ${SKELETONS}/0002-L.txt`,
    },
    {
      name: "F002V001C007L003",
      reason: `there is no first body in frames 30 to 40 of ${SKELETONS}/0002-L.txt`,
    },
  ]);
  assertEquals(run.index.splits!.xview!.test, [0]);
});

Deno.test(
  "a damaged number costs the clips it lies in, a damaged line its video",
  strict,
  async () => {
    const lines = videoLines(1, 40);
    lines[16] = lines[16]!.replace(/^(\S+ ){10}\S+/, (text) => text.replace(/\S+$/, "NaN"));
    lines[2] = lines[2]!.replace(/\S+$/, "1e308");
    lines[25] = lines[25]!.replace(/^\S+/, "no-one-reads-this");
    const short = videoLines(2, 40);
    short[39] = short[39]!.slice(0, 500);
    const run = await parsed({
      ...SMALL_PKU,
      [`${SKELETONS}/0002-L.txt`]: lines.join("\r\n"),
      [`${SKELETONS}/0002-M.txt`]: short.join("\n"),
    });
    assertEquals(run.index.clips.map(({ name }) => name), ["F002V001C007L003", "F010V003C051L001"]);
    const words = short[39]!.split(" ").length;
    assertEquals(run.report.excluded.map(({ line, reason }) => [line, reason]), [
      [
        17,
        'expected a finite number (number 11: y of joint 4 of body 1), found "NaN"; ' +
        "clip F002V001C003L002 is left out",
      ],
      [
        3,
        'expected a number that float32 can hold (number 150: z of joint 25 of body 2), found "1e308"; ' +
        "clip F002V001C007L001 is left out",
      ],
      [
        40,
        `expected 150 numbers (frame 40), found ${words}; the file ends on this line (39 frames before ` +
        "it); the video is left out with its 3 clips",
      ],
    ]);
  },
);

Deno.test("in strict mode the first fault ends the stage", strict, async () => {
  await using folder = await temporaryFolder();
  const files = { ...SMALL_PKU, [`${LABELS}/0002-M.txt`]: "7,4,3,2" };
  await writeFiles(`${folder.path}/in`, files);
  await assertRejects(
    () => parse(`${folder.path}/in`, {}, true),
    UnusableInput,
    `${LABELS}/0002-M.txt:1: expected an end from 4 on`,
  );
});

Deno.test(
  "skeletons and labels are told apart by content where their folders say nothing",
  strict,
  async () => {
    const run = await parsed({
      "a/0002-L.txt": SMALL_PKU[`${SKELETONS}/0002-L.txt`]!,
      "a/0002-M.txt": "\u0001\u0002 damaged",
      "b/0002-L.txt": SMALL_PKU[`${LABELS}/0002-L.txt`]!,
      "b/0002-M.txt": "7,1,2,2\n",
      "subjects.txt": splitText(["0002-L"], []),
      "readme.txt": "a text of someone",
      "Actions.xlsx": "binary",
    });
    assertEquals(run.index.clips.map(({ name }) => name), NAMES.slice(0, 3));
    assertEquals(run.report.other_files, 2);
    assertEquals(run.index.splits, { xsub: { train: [0, 1, 2], test: [] } });
    assertEquals(run.report.excluded.map(({ name, line }) => [name, line]), [["a/0002-M.txt", 1]]);
  },
);

Deno.test("both parts in one folder are told apart, and one must be chosen", strict, async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/in`;
  await writeFiles(path, {
    ...SMALL_PKU,
    "v2/skeleton/A01N02-M.txt": videoText(1, 30),
    "v2/label/A01N02-M.txt": "5,1,10,2\n",
    "v2/cross_subject_v2.txt": splitText(["A01N02-M"], []),
  });
  await assertRejects(
    () => parse(path),
    UnusableInput,
    "in: found 3 videos of part I and 1 of part II: say which with the parameter part: 1 or 2",
  );
  const first = await parse(path, { part: 1 });
  assertEquals(first.index.clips.map(({ name }) => name), NAMES);
  assertEquals(Object.keys(first.index.splits!), ["xsub", "xview"]);
  assertEquals(first.report.other_part, 1);
  const second = await parse(path, { part: 2 });
  assertEquals(second.index.clips.map(({ name }) => name), ["A001N002V002C005L001"]);
  assertEquals(second.index.splits, { xsub: { train: [0], test: [] } });
});

Deno.test(
  "input without videos, with two files for one, or with two splits is refused",
  strict,
  async () => {
    const skeleton = SMALL_PKU[`${SKELETONS}/0002-L.txt`]!;
    const labels = SMALL_PKU[`${LABELS}/0002-L.txt`]!;
    const whole = { "skeleton/0002-L.txt": skeleton, "label/0002-L.txt": labels };
    for (
      const [files, message] of [
        [{ "Skeleton.7z": "7z", "label/0002-L.txt": labels }, "Skeleton.7z is packed in a way"],
        [{ "label/0002-L.txt": labels }, "found none among 1 file; there are labels of 1 video"],
        [
          { ...whole, "old/skeleton/0002-L.txt": skeleton },
          "two skeleton files for video 0002-L: old/",
        ],
        [
          {
            ...whole,
            "Split/cross_view.txt": splitText(["0002-L"], []),
            "Split/view.txt": splitText([], ["0002-L"]),
          },
          "two split files for xview of part 1 differ: Split/cross_view.txt and Split/view.txt",
        ],
        [
          { ...whole, "label/0002-L.txt": "7,8,90,2" },
          "no clip can be had from 1 video:\n  label/",
        ],
      ] as const
    ) {
      await using folder = await temporaryFolder();
      await writeFiles(`${folder.path}/in`, files);
      await assertRejects(() => parse(`${folder.path}/in`), UnusableInput, message);
    }
  },
);

Deno.test(
  "split files with odd spellings are read; what names no video is told by line",
  strict,
  async () => {
    const run = await parsed({
      ...SMALL_PKU,
      "Split/cross-subject.txt": "\ufeffTRAINING VIDEOS:\r\n 0002-L ,0002-M.txt,,\r\n" +
        "Validation videos: '0010-R', nobody\r\n0002-M, 0099-L,",
      "Split/cross-view.txt": "Training videos:\n0002-L\n",
    });
    assertEquals(run.index.splits, { xsub: { train: [0, 1, 2], test: [6] } });
    assertEquals(run.report.excluded.map(({ name, line, reason }) => [name, line, reason]), [
      [
        "Split/cross-subject.txt",
        3,
        'expected names of videos such as 0002-L (part I) or A01N01-L (part II), with L, M or R, found "nobody"',
      ],
      ["Split/cross-subject.txt", 4, "0002-M both trains and tests: it is on neither side"],
      ["Split/cross-view.txt", undefined, 'expected a header "Validation videos:", found none'],
    ]);
    assert(run.report.notes.some(({ note }) => note.includes("1 video on neither side")));
  },
);

Deno.test("a subset is even over cameras, and what it leaves out is counted", strict, async () => {
  const run = await parsed(SMALL_PKU, { per_class: 1 });
  assertEquals(run.index.clips.map(({ name }) => name), [
    "F002V001C003L002",
    "F002V002C007L001",
    "F010V003C051L001",
  ]);
  assertEquals(run.report.left_out, 4);
  assertEquals(run.report.labelled, 7);
});

Deno.test("facts are known while planning as far as parameters tell", () => {
  const facts = (params: unknown, recordings?: Record<string, number>) =>
    definition.facts!(parsePkuParams.parse(params), { recordings }).raw;
  const plain = { dataset: "pku", joints: 25, bodies: 2, classes: 51 };
  assertEquals(facts({}), plain);
  assertEquals(facts({ per_class: 3 }), { ...plain, clips: 153 });
  assertEquals(facts({ bodies: 1 }, { classes: 4, clips: 90 }), {
    ...plain,
    bodies: 1,
    classes: 4,
    clips: 90,
  });
});

Deno.test("a damaged member of an archive costs its video alone", strict, async () => {
  await using folder = await temporaryFolder();
  for (const level of [0, 6]) {
    const zip = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
    for (const [path, text] of Object.entries(SMALL_PKU)) {
      await zip.add(path, new TextReader(text), { level });
    }
    const bytes = await zip.close();
    // The first member is the first video; its bytes begin a little after its name.
    bytes.fill(0x35, 5000, 5020);
    await Deno.writeFile(`${folder.path}/pku.zip`, bytes);
    const run = await parse(`${folder.path}/pku.zip`);
    assertEquals(run.index.clips.map(({ name }) => name), NAMES.slice(3));
    assertEquals(await run.read("F010V003C051L001"), expected(3, 0, 50));
    assertEquals(run.report.excluded.map(({ name }) => name), [`${SKELETONS}/0002-L.txt`]);
  }
});

Deno.test(
  "an action that ends after its video is cut short where that is asked for",
  strict,
  async () => {
    const files = {
      "skeleton/0002-L.txt": videoText(1, 420),
      "label/0002-L.txt": "1,11,500,2\n2,5,304,2\n3,401,421,1\n4,421,430,1\n",
    };
    const run = await parsed(files, { overhang: "shorten" });
    // 410 frames are there: 55 are left out before the middle 300.
    assertEquals(await run.read("F002V001C001L001"), expected(1, 65, 300));
    assertEquals(await run.read("F002V001C002L002"), expected(1, 4, 300));
    assertEquals(await run.read("F002V001C003L003"), expected(1, 400, 20));
    assertEquals(run.report.excluded.map(({ line, reason }) => [line, reason]), [
      [
        4,
        "expected an action within the 420 frames of skeleton/0002-L.txt, found one that ends at 430",
      ],
    ]);
    assertEquals(run.report.notes.slice(0, 2), [
      {
        name: "F002V001C001L001",
        note: "the action ends 80 frames after the video and is cut there",
      },
      {
        name: "F002V001C003L003",
        note: "the action ends 1 frame after the video and is cut there",
      },
    ]);
    const cmd = await parsed(files, { overhang: "shorten", cut: "cmd" });
    assertEquals(await cmd.read("F002V001C003L003"), expected(1, 401, 19));
  },
);

Deno.test(
  "a file among skeletons or labels that no video is called like is told",
  strict,
  async () => {
    const copy = `${SKELETONS}/0002-L (1).txt`;
    const run = await parsed({ ...SMALL_PKU, [copy]: "0 0 0", "notes.txt": "mine" });
    assertEquals(run.index.clips.length, 7);
    assertEquals(run.report.other_files, 2);
    assertEquals(run.report.notes[0], {
      name: copy,
      note:
        "left alone: expected the name of a video such as 0002-L (part I) or A01N01-L (part II), " +
        "with L, M or R",
    });
  },
);
