import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { encodeNpy } from "../../../stages/formats/npy.ts";
import { readJson, writeJson } from "../../../stages/formats/json_text.ts";
import { UnusableInput } from "../../../stages/formats/unusable_input.ts";
import { split, splitParams } from "../../../stages/split/definition.ts";
import { divide, type Division, type Origins } from "../../../stages/split/divide.ts";
import splitEntry from "../../../stages/split/entry.ts";
import { XSUB_TRAINING_SUBJECTS } from "../../../stages/split/ntu_protocols.ts";
import { runStage, temporaryFolder } from "../parse/stage_run.ts";

/** One clip per row: subject, camera, setup. */
function origins(rows: readonly (readonly [number, number, number])[]): Origins {
  return {
    subjects: rows.map(([subject]) => subject),
    cameras: rows.map(([, camera]) => camera),
    setups: rows.map(([, , setup]) => setup),
  };
}

const ROWS = [[1, 1, 1], [3, 1, 2], [2, 2, 3], [6, 3, 4], [100, 2, 32], [106, 3, 31]] as const;

Deno.test("cross-subject trains on the 20 subjects of NTU 60, and on 53 of NTU 120", () => {
  assertEquals(XSUB_TRAINING_SUBJECTS.length, 53);
  assertEquals(new Set(XSUB_TRAINING_SUBJECTS).size, 53);
  assertEquals(XSUB_TRAINING_SUBJECTS.filter((subject) => subject <= 40).length, 20);
  const { pretrain, folds } = divide("ntu", "xsub", origins(ROWS));
  assertEquals(pretrain, [0, 2, 4]);
  assertEquals(folds, [{ name: "xsub", train: [0, 2, 4], test: [1, 3, 5] }]);
});

Deno.test("cross-view of NTU tests camera 1, cross-setup trains on even setups", () => {
  assertEquals(divide("ntu", "xview", origins(ROWS)).folds[0]!.test, [0, 1]);
  assertEquals(divide("ntu", "xset", origins(ROWS)).folds[0]!.train, [1, 3, 4]);
});

Deno.test("Northwestern-UCLA trains on odd subjects, or on views 1 and 2", () => {
  const clips = origins([[1, 3, 0], [2, 1, 0], [3, 2, 0], [10, 3, 0]]);
  assertEquals(divide("nw_ucla", "xsub", clips).folds[0], {
    name: "xsub",
    train: [0, 2],
    test: [1, 3],
  });
  assertEquals(divide("nw_ucla", "xview", clips).folds[0], {
    name: "xview",
    train: [1, 2],
    test: [0, 3],
  });
});

Deno.test("leaving subjects out makes a fold of each subject in view 3, who does not train", () => {
  const rows = [1, 2, 10].flatMap((subject) =>
    [1, 2, 3].map((camera) => [subject, camera, 0] as const)
  );
  const division = divide("nw_ucla", "xview_loso", origins(rows));
  assertEquals(division.pretrain, [0, 1, 3, 4, 6, 7]);
  assertEquals(division.folds, [
    { name: "subject 1", train: [3, 4, 6, 7], test: [2] },
    { name: "subject 2", train: [0, 1, 6, 7], test: [5] },
    { name: "subject 10", train: [0, 1, 3, 4], test: [8] },
  ]);
});

Deno.test("a side without clips is an error that says what there is", () => {
  assertThrows(
    () => divide("ntu", "xsub", origins([[1, 1, 1], [2, 2, 1]])),
    UnusableInput,
    "protocol xsub of ntu leaves nothing to test on: the 2 clips come from subjects 1 2, " +
      "cameras 1 2, setups 1",
  );
  assertThrows(
    () => divide("nw_ucla", "xview", origins([[1, 3, 0]])),
    UnusableInput,
    "leaves nothing to train on",
  );
  assertThrows(
    () => divide("nw_ucla", "xview_loso", origins([[1, 1, 0]])),
    UnusableInput,
    "protocol xview_loso of nw_ucla leaves nothing to test on",
  );
  assertThrows(
    () => divide("nw_ucla", "xview_loso", origins([[1, 1, 0], [1, 3, 0]])),
    UnusableInput,
    "leaves nothing to train on in fold subject 1",
  );
});

Deno.test("a protocol of another data set is refused while planning, and while running", () => {
  assertThrows(
    () => divide("nw_ucla", "xset", origins(ROWS)),
    UnusableInput,
    "xset is no protocol of nw_ucla: choose one of xsub, xview, xview_loso, view_swap, view_swap_new",
  );
  const params = splitParams.parse({ protocol: "xview_loso" });
  assertEquals(split.check!(params, { clips: { dataset: "ntu" } }), [{
    path: ["protocol"],
    message: "xview_loso is no protocol of ntu: choose one of xsub, xview, xset",
  }]);
  assertEquals(split.check!(params, { clips: { dataset: "nw_ucla" } }), []);
  assertEquals(split.check!(params, {}), []);
});

Deno.test("counts per side pass from the clips' facts, and an empty side is refused at plan time", () => {
  const clips = { dataset: "ntu", clips_xset_train: 0, clips_xset_test: 30 };
  const xset = splitParams.parse({ protocol: "xset" });
  assertEquals(split.check!(xset, { clips }).length, 1);
  const xsub = splitParams.parse({});
  const known = { dataset: "ntu", clips_xsub_train: 20, clips_xsub_test: 10 };
  assertEquals(split.check!(xsub, { clips: known }), []);
  assertEquals(split.facts!(xsub, { clips: known }), {
    split: { pretrain: 20, folds: 1, train: 20, test: 10 },
  });
  assertEquals(split.facts!(xsub, { clips: { clips: 30 } }), { split: undefined });
});

Deno.test("the stage reads columns and writes split.json, with its counts as facts", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await Deno.mkdir(`${path}/split`);
  const columns = origins(ROWS);
  await writeJson(`${path}/meta.json`, { format: "clips/1", dataset: "ntu" });
  for (const [name, column] of Object.entries(columns)) {
    const values = Int32Array.from(column as number[]);
    await Deno.writeFile(`${path}/${name}.npy`, encodeNpy(values, [values.length]));
  }
  const params = splitParams.parse({ protocol: "xview" });
  const run = await runStage(splitEntry, params, { clips: path }, { split: `${path}/split` });
  assertEquals(run.facts, { split: { pretrain: 4, folds: 1, train: 4, test: 2 } });
  assertEquals(run.metrics, { train: 4, test: 2, folds: 1 });
  const written = await readJson<Division>(`${path}/split/split.json`);
  assertEquals<unknown>(written, {
    format: "split/1",
    protocol: "xview",
    clips: 6,
    pretrain: [2, 3, 4, 5],
    folds: [{ name: "xview", train: [2, 3, 4, 5], test: [0, 1] }],
  });
  await writeJson(`${path}/meta.json`, { format: "clips/1", dataset: "pku" });
  await assertRejects(
    () => runStage(splitEntry, params, { clips: path }, { split: `${path}/split` }),
    UnusableInput,
    "no protocol of pku is known, so xview is not: its splits come in files beside the recordings",
  );
});

Deno.test("a split that came with the recordings goes before the rule of its name", async () => {
  const shipped = {
    xsub: { train: [1, 4], test: [0] },
    half: { train: [0, 1, 2], test: [3, 4, 5] },
  };
  assertEquals(divide("ntu", "xsub", origins(ROWS), shipped), {
    pretrain: [1, 4],
    folds: [{ name: "xsub", train: [1, 4], test: [0] }],
  });
  assertEquals(divide("ntu", "xview", origins(ROWS), shipped).folds[0]!.test, [0, 1]);
  assertEquals(divide("pku", "half", origins(ROWS), shipped).pretrain, [0, 1, 2]);
  assertThrows(
    () => divide("ntu", "xsubb", origins(ROWS), shipped),
    UnusableInput,
    "xsubb is no protocol of ntu: choose one of half, xsub, xview, xset",
  );
  assertThrows(
    () => divide("pku", "toString", origins(ROWS), shipped),
    UnusableInput,
    "toString is no protocol of pku: choose one of half, xsub",
  );
  assertThrows(
    () => divide("pku", "xsub", origins(ROWS), { xsub: { train: [1], test: [] } }),
    UnusableInput,
    "protocol xsub of pku leaves nothing to test on",
  );
  await using folder = await temporaryFolder();
  const { path } = folder;
  await Deno.mkdir(`${path}/split`);
  for (const [name, column] of Object.entries(origins(ROWS))) {
    const values = Int32Array.from(column as number[]);
    await Deno.writeFile(`${path}/${name}.npy`, encodeNpy(values, [values.length]));
  }
  const run = async (splits: unknown) => {
    await writeJson(`${path}/meta.json`, { format: "clips/1", dataset: "pku", splits });
    const params = splitParams.parse({ protocol: "half" });
    return await runStage(splitEntry, params, { clips: path }, { split: `${path}/split` });
  };
  assertEquals((await run(shipped)).metrics, { train: 3, test: 3, folds: 1 });
  assertEquals((await readJson<Division>(`${path}/split/split.json`)).folds[0]!.test, [3, 4, 5]);
  await assertRejects(
    () => run({ half: { train: [0, 1], test: [1] } }),
    UnusableInput,
    "meta.json: splits.half: clip 1 both trains and tests",
  );
});

Deno.test("facts that list the shipped splits let a wrong protocol be refused while planning", () => {
  const params = splitParams.parse({ protocol: "half" });
  const message = "half is no protocol of pku: choose one of xsub, xview";
  assertEquals(split.check!(params, { clips: { dataset: "pku", splits: "xsub xview" } }), [
    { path: ["protocol"], message },
  ]);
  assertEquals(split.check!(params, { clips: { dataset: "pku" } }), []);
  assertEquals(split.check!(params, { clips: { dataset: "ntu", splits: "half" } }), []);
  const counts = { clips_half_train: 3, clips_half_test: 0 };
  assertEquals(split.check!(params, { clips: { dataset: "pku", ...counts } }).length, 1);
  for (const protocol of ["", "a b", "../x", "-x"]) {
    assertEquals(splitParams.safeParse({ protocol }).success, false, protocol);
  }
});

Deno.test("settings are chosen on views 1 and 2, each asked about the other, without two subjects", () => {
  const rows = [1, 2, 3].flatMap((subject) =>
    [1, 2, 3].map((camera) => [subject, camera, 0] as const)
  );
  const seen = divide("nw_ucla", "view_swap", origins(rows));
  assertEquals(seen.pretrain, [0, 1, 6, 7]);
  assertEquals(seen.folds, [
    { name: "view 1 to 2", train: [0, 6], test: [1, 7] },
    { name: "view 2 to 1", train: [1, 7], test: [0, 6] },
  ]);
  const held = divide("nw_ucla", "view_swap_new", origins(rows));
  assertEquals(held.pretrain, seen.pretrain);
  assertEquals(held.folds.map(({ train }) => train), seen.folds.map(({ train }) => train));
  assertEquals(held.folds.map(({ test }) => test), [[4], [3]]);
  assertThrows(
    () => divide("nw_ucla", "view_swap_new", origins([[1, 1, 0], [1, 2, 0], [2, 1, 0]])),
    UnusableInput,
    "view_swap_new of nw_ucla leaves nothing to test on in fold view 1 to 2",
  );
});
