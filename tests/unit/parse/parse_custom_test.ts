import { assert, assertEquals, assertRejects } from "@std/assert";
import { BadRecording } from "../../../stages/formats/bad_recording.ts";
import { encodeNpy, encodeNpyStrings } from "../../../stages/formats/npy.ts";
import { UnusableInput } from "../../../stages/formats/unusable_input.ts";
import { parseCustom, parseCustomParams } from "../../../stages/parse/custom/definition.ts";
import entry from "../../../stages/parse/custom/entry.ts";
import { jointMap } from "../../../stages/parse/custom/joint_map.ts";
import { JOINT_SOURCES } from "../../../stages/parse/nw_ucla/nw_ucla_form.ts";
import { pythonTest } from "../formats/python.ts";
import {
  clipFile,
  coordinate,
  type CustomReport,
  laidOut,
  parseCustomFiles,
  type Sizes,
  writeFiles,
} from "./custom_fixture.ts";
import { runStage, temporaryFolder } from "./stage_run.ts";

const LIST = `name,label,subject,camera,setup,split_xsub
walk_1,walk,3,1,7,train
walk_2,walk,4,2,7,test
sit_1,sit,3,1,7,train
sit_2,sit,4,2,7,
`;

const FILES = {
  "clips.csv": LIST,
  "walk_1.npy": clipFile(1, 5),
  "walk_2.npy": clipFile(2, 9),
  "sit_1.npy": clipFile(3, 1),
  "sit_2.npy": clipFile(4, 12),
};

for (const archive of [false, true]) {
  const where = archive ? "a zip archive" : "a folder";
  Deno.test(`arrays in ${where} with a table become clips with labels, subjects and splits`, async () => {
    const { index, report, positions, run } = await parseCustomFiles(FILES, {}, { archive });
    assertEquals(index.dataset, "custom");
    assertEquals([index.bodies, index.classes, index.class_names], [1, 2, ["sit", "walk"]]);
    assertEquals(
      index.clips.map(({ name, label, subject, camera, setup, frames }) => [
        name,
        label,
        subject,
        camera,
        setup,
        frames,
      ]),
      [
        ["sit_1", 0, 3, 1, 7, 1],
        ["sit_2", 0, 4, 2, 7, 12],
        ["walk_1", 1, 3, 1, 7, 5],
        ["walk_2", 1, 4, 2, 7, 9],
      ],
    );
    assertEquals(index.splits, { xsub: { train: [0, 2], test: [3] } });
    assertEquals(
      positions.walk_2,
      Float32Array.from(
        laidOut("TVC", { T: 9, V: 25, C: 3, M: 1 }, ({ T, V, C }) => coordinate(2, T!, 0, V!, C!))
          .data,
      ),
    );
    assertEquals([report.files, report.clips, report.excluded, report.other_files], [4, 4, [], 1]);
    assertEquals(run.facts.raw, {
      dataset: "custom",
      joints: 25,
      bodies: 1,
      classes: 2,
      clips: 4,
      splits: "xsub",
      clips_xsub_train: 2,
      clips_xsub_test: 1,
    });
  });
}

Deno.test("every layout and type of numbers gives the same coordinates", async () => {
  const sizes: Sizes = { T: 6, V: 25, C: 3, M: 2 };
  const files: Record<string, Uint8Array | string> = {};
  const whole = ({ T, V, C, M }: Readonly<Record<string, number>>) =>
    1 + C! + 3 * M! + 6 * V! + 200 * T!;
  const classes = {
    f2: Float16Array,
    f4: Float32Array,
    f8: Float64Array,
    i2: Int16Array,
    i4: Int32Array,
    u2: Uint16Array,
  };
  let expected: Float32Array | undefined;
  for (const layout of ["MTVC", "TMVC", "CTVM", "VCMT"]) {
    const { data, shape } = laidOut(layout, sizes, whole);
    for (const [type, Class] of Object.entries(classes)) {
      files[`${type}.npy`] = encodeNpy(Class.from(data), shape);
    }
    files["i8.npy"] = encodeNpy(BigInt64Array.from(data, BigInt), shape);
    files["clips.csv"] = `name,label\n${
      [...Object.keys(classes), "i8"].map((name) => `${name}.npy,1`).join("\n")
    }`;
    const { positions, index } = await parseCustomFiles(files, { layout, bodies: 2 });
    assertEquals(index.clips.length, 7);
    for (const found of Object.values(positions)) {
      expected ??= Float32Array.from(laidOut("TMVC", sizes, whole).data);
      assertEquals(found, expected);
    }
  }
});

Deno.test("big endian and Fortran order are read, and one axis less is one body", async () => {
  const sizes: Sizes = { T: 4, V: 25, C: 3, M: 1 };
  const value = ({ T, V, C }: Readonly<Record<string, number>>) => coordinate(0, T!, 0, V!, C!);
  const turned = laidOut("CVT", sizes, value);
  const head = new TextDecoder("latin1");
  const fortran = encodeNpy(Float32Array.from(turned.data), turned.shape);
  const at = head.decode(fortran).indexOf("False, 'shape': (3, 25, 4)");
  fortran.set(new TextEncoder().encode("True , 'shape': (4, 25, 3)"), at);
  const big = encodeNpy(Float64Array.from(laidOut("TVC", sizes, value).data), [4, 25, 3]);
  big.set(new TextEncoder().encode(">"), head.decode(big).indexOf("<f8"));
  big.subarray(big.length - 4 * 75 * 8).forEach((_, i, data) => {
    if (i % 8 === 0) data.subarray(i, i + 8).reverse();
  });
  const { positions } = await parseCustomFiles({
    "clips.csv": "name,label\nfortran,0\nbig,0\nplain,0",
    "fortran.npy": fortran,
    "big.npy": big,
    "plain.npy": clipFile(0, 4),
  }, { layout: "MTVC" });
  assertEquals(positions.fortran, positions.plain);
  assertEquals(positions.big, positions.plain);
});

Deno.test("joints are mapped, coordinates scaled and turned upright", async () => {
  const sizes: Sizes = { T: 2, V: 20, C: 3, M: 1 };
  const { data, shape } = laidOut("TVC", sizes, ({ V, C }) => 1000 * V! + [100, 200, 300][C!]!);
  const files = {
    "clips.csv": "name,label\na,0",
    "a.npy": encodeNpy(Int32Array.from(data), shape),
  };
  const read = async (params: Record<string, unknown>) =>
    (await parseCustomFiles(files, { scale: 0.001, ...params })).positions.a!;
  const joint = (found: Float32Array, v: number) => [...found.subarray(v * 3, v * 3 + 3)];
  const near = (found: number[], expected: number[]) =>
    assert(found.every((x, c) => Math.abs(x - expected[c]!) < 1e-6), `${found}`);
  const v1 = await read({ joints: "kinect_v1" });
  near(joint(v1, 19), [19.1, 19.2, 19.3]);
  near(joint(v1, 20), [2.1, 2.2, 2.3]);
  near(joint(v1, 22), [7.1, 7.2, 7.3]);
  near(joint(v1, 24), [11.1, 11.2, 11.3]);
  const own = await read({ joints: Array.from({ length: 25 }, (_, v) => v % 5), up: "z" });
  near(joint(own, 8), [3.1, 3.3, -3.2]);
  near(joint(await read({ joints: "kinect_v1", up: "-y" }), 1), [1.1, -1.2, -1.3]);
});

Deno.test("the first Kinect's joints are those that Northwestern-UCLA's become", () => {
  assertEquals(jointMap("kinect_v1").sources, JOINT_SOURCES);
});

Deno.test("bodies that are zero or NaN throughout are not there; others beyond the slots are noted", async () => {
  const sizes: Sizes = { T: 3, V: 25, C: 3, M: 3 };
  const { data, shape } = laidOut("TMVC", sizes, ({ T, M, V, C }) => {
    if (M === 1) return T === 0 ? NaN : 0;
    return M === 2 && T! > 0 ? 0 : coordinate(0, T!, M!, V!, C!);
  });
  const { positions, report } = await parseCustomFiles({
    "clips.csv": "name,label\na,0",
    "a.npy": encodeNpy(Float32Array.from(data), shape),
  }, { layout: "TMVC", bodies: 2 });
  const a = positions.a!;
  assertEquals(a.length, 3 * 2 * 75);
  for (const t of [0, 1, 2]) {
    assert(a.subarray((t * 2 + 1) * 75, (t * 2 + 2) * 75).every((x) => x === 0));
  }
  assertEquals(report.notes, [{
    name: "a.npy",
    note: "1 body beyond slot 2 left out; 1 body of NaN alone taken for none",
  }]);
});

Deno.test("clips whose spine base is the origin are told of, with what to do", async () => {
  const { data, shape } = laidOut("TVC", { T: 3, V: 25, C: 3, M: 1 }, ({ V }) => V!);
  const { run, report } = await parseCustomFiles({
    "clips.csv": "name,label\na,0",
    "a.npy": encodeNpy(Float32Array.from(data), shape),
  });
  assertEquals(report.rooted_clips, 1);
  assert(run.warnings.some((line) => line.includes('give normalize "resize: linear"')));
});

Deno.test("words of labels and subjects are numbered in one order, whatever the order of rows", async () => {
  const rows = ["c,jump,P02,left", "a,walk,P10,right", "b,jump,P10,left"];
  const files = { "a.npy": clipFile(1, 2), "b.npy": clipFile(2, 2), "c.npy": clipFile(3, 2) };
  for (const order of [[0, 1, 2], [2, 0, 1], [1, 2, 0]]) {
    const list = ["name,label,subject,camera", ...order.map((i) => rows[i])].join("\r\n");
    const { index, report } = await parseCustomFiles({ ...files, "clips.csv": list });
    assertEquals(index.class_names, ["jump", "walk"]);
    assertEquals(index.clips.map((clip) => [clip.label, clip.subject, clip.camera]), [
      [1, 2, 2],
      [0, 2, 1],
      [0, 1, 1],
    ]);
    assertEquals(report.words, { subject: ["P02", "P10"], camera: ["left", "right"] });
  }
});

Deno.test("class_names give order and names; labels that are none of them exclude their clip", async () => {
  const files = { "a.npy": clipFile(1, 2), "b.npy": clipFile(2, 2), "c.npy": clipFile(3, 2) };
  const params = { class_names: ["walk", "sit", "jump"] };
  const words = await parseCustomFiles(
    { ...files, "clips.csv": "name,label\na,sit\nb,run\nc,walk" },
    params,
  );
  assertEquals(words.index.clips.map(({ name, label }) => [name, label]), [["a", 1], ["c", 0]]);
  assertEquals([words.index.classes, words.index.class_names], [3, params.class_names]);
  assertEquals(words.report.excluded, [{
    name: "clips.csv",
    line: 3,
    reason: '"b": label: expected one of class_names, found "run"',
  }]);
  const numbers = await parseCustomFiles(
    { ...files, "clips.csv": "name,label\na,1\nb,4\nc,3" },
    { ...params, first_label: 1 },
  );
  assertEquals(numbers.index.clips.map(({ name, label }) => [name, label]), [["a", 0], ["c", 2]]);
  assertEquals(
    numbers.report.excluded[0]!.reason,
    '"b": label: expected a number from 1 to 3, as there are class_names for, found 4',
  );
});

const bad = (text: string): Promise<readonly unknown[]> =>
  parseCustomFiles({ ...FILES, "clips.csv": text + "\nsit_2,1" }).then(({ report, index }) => {
    assert(index.clips.some(({ name }) => name === "sit_2"), "the good clip is there");
    return report.excluded.filter(({ name }) => name === "clips.csv").map(({ line, reason }) => [
      line,
      reason,
    ]);
  });

Deno.test("a row that cannot be used is excluded by line and name and costs no other", async () => {
  const head = "name,label";
  assertEquals(await bad(`${head}\nwalk_1,1,9`), [
    [2, '"walk_1": expected 2 fields, as the first line has, found 3'],
  ]);
  assertEquals(await bad(`${head}\nwalk_9,1`), [[2, '"walk_9": there is no such .npy file']]);
  assertEquals(await bad(`${head}\n,1`), [[2, "expected a name, found nothing"]]);
  assertEquals(await bad(`${head}\nwalk_1,`), [
    [2, '"walk_1": label: expected a number or a word, found nothing'],
  ]);
  assertEquals(await bad(`${head}\nwalk_1,"1`), [
    [2, "a quote is opened and not closed on its line"],
  ]);
  assertEquals(await bad(`${head}\nwalk_1,1\nwalk_2,one`), [
    [
      3,
      '"walk_2": label: expected a whole number from 0 to 1000000, as others in this column are, ' +
      'found "one"',
    ],
  ]);
  assertEquals(await bad(`${head}\nwalk_1,1\nwalk_1,2`), [
    [3, '"walk_1": line 2 says otherwise of the same clip; neither is taken'],
  ]);
  assertEquals(await bad(`${head}\nwalk_1,1\n\nwalk_1.npy,1`), []);
});

Deno.test("a table of other columns is refused as a whole, naming file and line", async () => {
  const refuse = (list: string, message: string) =>
    assertRejects(
      () => parseCustomFiles({ ...FILES, "clips.csv": list }),
      UnusableInput,
      message,
    );
  await refuse(
    "",
    "clips.csv: expected a first line with the columns name and label, found nothing",
  );
  await refuse("\n\nfile,label\na,1", "clips.csv:3: expected a first line with the columns name");
  await refuse("name,label,Label\na,1,1", 'clips.csv:1: the column "label" is there twice');
  await refuse(
    "name,label,split_x y\n",
    'expected a protocol\'s name, a word, behind split_, found "x y"',
  );
  await refuse("name,label\n", "clips.csv: the table lists no clip");
  await refuse("name,label\nno,1\nnone,2", "none of 2 listed clips can be used");
});

Deno.test("other separators, quotes and UTF-16 are read", async () => {
  const text = 'name;label;"split_a"\n"walk_1";" say ""hi""; twice ";train\nwalk_2; ü ;TEST\n';
  const utf16 = new Uint8Array(2 + 2 * text.length);
  utf16.set([0xff, 0xfe]);
  [...text].forEach((c, i) =>
    new DataView(utf16.buffer).setUint16(2 + 2 * i, c.charCodeAt(0), true)
  );
  for (const list of [text, `\ufeff${text}`, utf16]) {
    const { index } = await parseCustomFiles({ ...FILES, "clips.csv": list });
    assertEquals(index.class_names, ['say "hi"; twice', "ü"]);
    assertEquals(index.splits, { a: { train: [0], test: [1] } });
  }
});

Deno.test("arrays that cannot be used are excluded by name with the reason", async () => {
  const array = (data: Float32Array<ArrayBuffer>, shape: number[]) => encodeNpy(data, shape);
  const one = clipFile(1, 4);
  const spoilt = (at: number, value: number) => {
    const { data, shape } = laidOut(
      "TVC",
      { T: 4, V: 25, C: 3, M: 1 },
      ({ T, V, C }) => coordinate(1, T!, 0, V!, C!),
    );
    data[at] = value;
    return encodeNpy(data, shape);
  };
  const object = one.slice();
  object.set(
    new TextEncoder().encode("|O'"),
    new TextDecoder("latin1").decode(object).indexOf("<f4'"),
  );
  const cases: Record<string, [Uint8Array | string, string]> = {
    cut: [one.slice(0, -5), "expected 1200 bytes of data for shape (4, 25, 3), found 1195"],
    empty: ["", "not an .npy file"],
    text: ["hello", "not an .npy file"],
    words: [encodeNpyStrings(["a", "b"]), "expected numbers, found text"],
    object: [object, "holds pickled Python objects, which are never read"],
    axes: [
      array(new Float32Array(75), [75]),
      "expected an array of 3 axes (layout TVC), found the shape (75)",
    ],
    turned: [
      array(new Float32Array(300), [3, 4, 25]),
      "expected 3 coordinates (C), found 25 in the shape (3, 4, 25), read as (T, V, C)",
    ],
    joints: [array(new Float32Array(240), [4, 20, 3]), "expected 25 joints (V), found 20"],
    none: [array(new Float32Array(0), [0, 25, 3]), "expected at least 1 frame (T), found 0"],
    zeros: [
      array(new Float32Array(300), [4, 25, 3]),
      "no frame has a body with coordinates (4 frames)",
    ],
    nan: [
      spoilt(2 * 75 + 7 * 3 + 1, NaN),
      "expected a finite number as y of joint 7 (left hand) of body 1 in frame 3 of 4, found NaN",
    ],
    huge: [spoilt(0, 1e308), "expected a finite float32 number as x of joint 0 (spine base)"],
  };
  const { index, report } = await parseCustomFiles({
    ...Object.fromEntries(Object.entries(cases).map(([name, [file]]) => [`${name}.npy`, file])),
    "good.npy": one,
    "clips.csv": ["name,label", "good,1", ...Object.keys(cases).map((name) => `${name},1`)].join(
      "\n",
    ),
  });
  assertEquals(index.clips.map(({ name }) => name), ["good"]);
  const reasons = Object.fromEntries(report.excluded.map(({ name, reason }) => [name, reason]));
  for (const [name, [, reason]] of Object.entries(cases)) {
    assert(reasons[`${name}.npy`]?.startsWith(reason), `${name}: ${reasons[`${name}.npy`]}`);
  }
  assertEquals(report.excluded.length, Object.keys(cases).length);
});

Deno.test("files that no row names are listed, and folders tell equal names apart", async () => {
  const { index, report, positions } = await parseCustomFiles({
    "data/clips.csv": "name,label,remark\ns1/a,0,x\ns2\\a.npy,0,x\na,0,x",
    "data/s1/a.npy": clipFile(1, 2),
    "data/s2/a.npy": clipFile(2, 2),
    "data/rest.npy": clipFile(3, 2),
  });
  assertEquals(index.clips.map(({ name }) => name), ["s1/a", "s2\\a"]);
  assertEquals([positions["s1/a"]![0], positions["s2\\a"]![0]], [2, 3]);
  assertEquals(report.excluded, [
    {
      name: "data/clips.csv",
      line: 4,
      reason:
        '"a": 2 files have this name (data/s1/a.npy, data/s2/a.npy): write the folder before it',
    },
    { name: "data/rest.npy", reason: "not listed in data/clips.csv" },
  ]);
  assertEquals(report.notes, [{ name: "data/clips.csv", note: "the column remark is not read" }]);
});

Deno.test("no table, two tables and a table of another name are told apart", async () => {
  const { "clips.csv": list, ...arrays } = FILES;
  const refuse = (files: Record<string, Uint8Array | string>, message: string) =>
    assertRejects(() => parseCustomFiles(files), UnusableInput, message);
  await refuse(
    arrays,
    "expected a table of names and labels, clips.csv, among the files, found none",
  );
  await refuse({ ...arrays, "labels.csv": list }, "is it labels.csv? Then say so with list");
  await refuse({ ...FILES, "more/clips.csv": list }, "expected one table clips.csv, found 2");
  const { index } = await parseCustomFiles({ ...arrays, "labels.csv": list }, {
    list: "labels.csv",
  });
  assertEquals(index.clips.length, 4);
});

Deno.test("files too large for a table or a clip are refused unread", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await writeFiles(path, { "in/a.npy": clipFile(1, 2), "in/clips.csv": "name,label\na,0\nb,0\n" });
  await Deno.writeFile(`${path}/in/b.npy`, clipFile(2, 2));
  // Holes take no room on the disk.
  await Deno.truncate(`${path}/in/b.npy`, 2 ** 33);
  const run = async () => {
    await Deno.mkdir(`${path}/raw`);
    const params = parseCustomParams.parse({});
    await runStage(entry, params, { recordings: `${path}/in` }, { raw: `${path}/raw` });
    const report = JSON.parse(await Deno.readTextFile(`${path}/raw/report.json`)) as CustomReport;
    await Deno.remove(`${path}/raw`, { recursive: true });
    return report;
  };
  const { clips, excluded } = await run();
  assertEquals([clips, excluded.length], [1, 1]);
  assert(excluded[0]!.reason.startsWith("expected the array of one clip, at most 268435456 bytes"));
  await Deno.truncate(`${path}/in/clips.csv`, 2 ** 33);
  await assertRejects(run, UnusableInput, "clips.csv: expected a table of at most 33554432 bytes");
});

Deno.test("in strict mode the first row or array that cannot be used ends the stage", async () => {
  await assertRejects(
    () => parseCustomFiles({ ...FILES, "sit_1.npy": "no" }, {}, { strict: true }),
    BadRecording,
    "sit_1.npy: not an .npy file",
  );
});

Deno.test("per_class takes a part, and several threads give the same clips", async () => {
  const names = Array.from({ length: 100 }, (_, i) => `clip${i}`);
  const files = {
    ...Object.fromEntries(names.map((name, i) => [`${name}.npy`, clipFile(i, 2 + i % 5)])),
    "clips.csv": ["name,label", ...names.map((name, i) => `${name},${i % 4}`)].join("\n"),
  };
  const all = await parseCustomFiles(files);
  assertEquals(all.index.clips.map(({ name }) => name), names.toSorted());
  for (const [i, name] of names.entries()) {
    assertEquals(all.positions[name]![0], coordinate(i, 0, 0, 0, 0));
  }
  const part = await parseCustomFiles(files, { per_class: 3 });
  assertEquals([part.index.clips.length, part.report.left_out], [12, 88]);
});

Deno.test("layouts, joints and class names that make no sense are refused before anything runs", () => {
  for (const layout of ["TV", "TVCC", "TVX", "TVCMM", "MMTV", "tvc", ""]) {
    assert(!parseCustomParams.safeParse({ layout }).success, layout);
  }
  for (const joints of [[1, 2], Array(25).fill(-1), "kinect"]) {
    assert(!parseCustomParams.safeParse({ joints }).success, `${joints}`);
  }
  const params = parseCustomParams.parse({ class_names: ["a", "b", "a"] });
  assertEquals(parseCustom.check!(params, {}), [
    { path: ["class_names"], message: '"a" is listed twice' },
  ]);
});

await pythonTest("numpy", "what numpy saves is read, in C and in Fortran order", async (python) => {
  await using folder = await temporaryFolder();
  await python(
    `import numpy, sys
a = numpy.arange(1, 1 + 2 * 7 * 25 * 3, dtype="f8").reshape(2, 7, 25, 3)
numpy.save(sys.argv[1] + "/c.npy", a)
numpy.save(sys.argv[1] + "/f.npy", numpy.asfortranarray(a.astype("f2")))
numpy.save(sys.argv[1] + "/o.npy", numpy.array([a, None], dtype=object), allow_pickle=True)
print("0")`,
    folder.path,
  );
  const read = async (name: string) => await Deno.readFile(`${folder.path}/${name}.npy`);
  const { positions, report } = await parseCustomFiles({
    "clips.csv": "name,label\nc,0\nf,0\no,0",
    "c.npy": await read("c"),
    "f.npy": await read("f"),
    "o.npy": await read("o"),
  }, { layout: "MTVC", bodies: 2 });
  const at = (m: number, t: number, v: number, c: number) => 1 + ((m * 7 + t) * 25 + v) * 3 + c;
  for (const [m, t, v, c] of [[0, 0, 0, 0], [1, 6, 24, 2], [0, 3, 20, 1], [1, 2, 5, 0]] as const) {
    assertEquals(positions.c![((t * 2 + m) * 25 + v) * 3 + c], at(m, t, v, c));
  }
  assertEquals(positions.f, positions.c);
  assert(report.excluded[0]!.reason.startsWith("holds pickled Python objects"));
});
