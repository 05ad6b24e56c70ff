import { assert, assertEquals } from "@std/assert";
import { type Frame, Progress } from "../../../pipeline/screen/progress.ts";
import type { RunEvent, RunSummary, StageSummary } from "../../../pipeline/types.ts";
import { CapturedTerminal } from "../cli/captured_terminal.ts";

function stage(id: string, more: Partial<StageSummary> = {}): StageSummary {
  return { id, uses: id, status: "ran", seconds: 12, outputs: [], metrics: {}, ...more };
}

function start(id: string, more: { reason?: string; resumed?: boolean } = {}): RunEvent {
  return { type: "stage-start", id, uses: id, reason: "first run", resumed: false, ...more };
}

/** A progress with a clock that is set by hand. */
function plain(options: { quiet?: boolean } = {}) {
  const terminal = new CapturedTerminal();
  const clock = { now: 0 };
  const progress = new Progress({ terminal, clock: () => clock.now, ...options });
  const at = (seconds: number, event: RunEvent) => {
    clock.now = seconds;
    progress.handle(event);
  };
  const step = (seconds: number, done: number, total = 100) =>
    at(seconds, { type: "progress", id: "train", done, total, unit: "clips" });
  return { terminal, at, step };
}

Deno.test("in a pipe, progress is a plain line per 10 %, without escapes", () => {
  const { terminal, at, step } = plain();
  at(0, { type: "run-start", experiment: "x", stages: ["train"] });
  at(0, start("train", { reason: "epochs 2 -> 3" }));
  for (let done = 0; done <= 100; done++) step(done, done);
  at(101, { type: "stage-done", stage: stage("train", { seconds: 101 }) });
  assertEquals(terminal.stdout, "");
  assertEquals(
    terminal.stderr,
    "train: runs (epochs 2 -> 3)\n" +
      "train: 10 % (10 of 100 clips, 1.0 clips/s, 1 min 30 s left)\n" +
      "train: 20 % (20 of 100 clips, 1.0 clips/s, 1 min 20 s left)\n" +
      "train: 30 % (30 of 100 clips, 1.0 clips/s, 1 min 10 s left)\n" +
      "train: 40 % (40 of 100 clips, 1.0 clips/s, 1 min 0 s left)\n" +
      "train: 50 % (50 of 100 clips, 1.0 clips/s, 50 s left)\n" +
      "train: 60 % (60 of 100 clips, 1.0 clips/s, 40 s left)\n" +
      "train: 70 % (70 of 100 clips, 1.0 clips/s, 30 s left)\n" +
      "train: 80 % (80 of 100 clips, 1.0 clips/s, 20 s left)\n" +
      "train: 90 % (90 of 100 clips, 1.0 clips/s, 10 s left)\n" +
      "train: 100 % (100 of 100 clips, 1.0 clips/s)\n" +
      "train: done in 1 min 41 s\n",
  );
});

Deno.test("in a pipe, a fast stage does not fill the screen", () => {
  const { terminal, at, step } = plain();
  at(0, start("train"));
  for (let done = 0; done <= 1000; done++) step(done / 1000, done, 1000);
  assertEquals(terminal.stderr, "train: runs (first run)\n");
});

Deno.test("in a pipe, a very slow stage still says now and then that it lives", () => {
  const { terminal, at, step } = plain();
  at(0, start("train"));
  for (let minute = 0; minute <= 60; minute++) step(minute * 20, minute, 100_000);
  const lines = terminal.stderr.trim().split("\n");
  assertEquals(lines.length, 61);
  assertEquals(lines[2], "train: 0 % (2 of 100,000 clips, 20 s per clip, 23 d 4 h left)");
});

Deno.test("work that a checkpoint had done before does not count as speed", () => {
  const { terminal, at, step } = plain();
  at(0, start("train", { resumed: true }));
  step(0, 5000, 10_000);
  step(100, 5100, 10_000);
  const [first, second] = terminal.stderr.split("\n");
  assertEquals(first, "train: runs (first run), from its last checkpoint");
  assertEquals(second, "train: 51 % (5,100 of 10,000 clips, 1.0 clips/s, 1 h 22 min left)");
});

Deno.test("a failure is shown at once, with the end of its log and where the whole is", () => {
  const { terminal, at } = plain({ quiet: true });
  at(0, start("train"));
  at(9, {
    type: "stage-failed",
    stage: stage("train", {
      status: "failed",
      seconds: 9,
      reason: "the queue is not filled",
      logFile: "/store/logs/k.log",
    }),
    logTail: ["step 1", "step 2"],
  });
  assertEquals(
    terminal.stderr,
    "train: failed after 9.0 s: the queue is not filled\n" +
      "the end of its log:\n  | step 1\n  | step 2\n" +
      "the whole log: /store/logs/k.log\n",
  );
});

Deno.test("--quiet leaves warnings and failures, and nothing else", () => {
  const { terminal, at, step } = plain({ quiet: true });
  at(0, start("train"));
  at(1, { type: "log", id: "train", level: "info", message: "not this" });
  at(1, { type: "log", id: "train", level: "warn", message: "the loss stays at chance" });
  step(50, 50);
  at(60, { type: "stage-done", stage: stage("train") });
  assertEquals(terminal.stderr, "train: warning: the loss stays at chance\n");
});

Deno.test("skipped and stopped stages say why, once", () => {
  const { terminal, at } = plain();
  at(0, {
    type: "stage-skipped",
    stage: stage("a", { status: "skipped", reason: "train failed" }),
  });
  at(0, {
    type: "stage-skipped",
    stage: stage("b", { status: "stopped", reason: "stopped; the next run goes on" }),
  });
  assertEquals(terminal.stderr, "a: skipped (train failed)\nb: stopped; the next run goes on\n");
});

Deno.test("the first Ctrl-C is answered, and the second differently", () => {
  const { terminal, at } = plain();
  at(0, { type: "stopping", presses: 1 });
  at(2, { type: "stopping", presses: 2 });
  assertEquals(
    terminal.stderr,
    "stopping: running stages save a checkpoint first; press Ctrl-C again to stop at once\n" +
      "stopping now; the next run goes on from the last checkpoints\n",
  );
});

class KeptFrame implements Frame {
  readonly drawn: string[] = [];
  cleared = 0;
  draw(text: string): void {
    this.drawn.push(text);
  }
  clear(): void {
    this.cleared++;
  }
}

Deno.test("on a terminal, running stages have a bar each, cut to its width", () => {
  for (const columns of [40, 60, 80, 200]) {
    const terminal = new CapturedTerminal({ live: true, columns });
    const frame = new KeptFrame();
    let now = 0;
    const progress = new Progress({ terminal, frame, clock: () => now });
    progress.handle({ type: "run-start", experiment: "x", stages: ["train", "encode_raw", "c"] });
    progress.handle({ type: "stage-cached", stage: stage("c", { status: "cached" }) });
    progress.handle(start("train"));
    progress.handle(start("encode_raw"));
    for (now = 0; now <= 20; now++) {
      progress.handle({ type: "progress", id: "train", done: now, total: 40, unit: "clips" });
    }
    now = 20;
    const lines = progress.frameText(now).split("\n");
    assert(lines.every((line) => line.length < columns), `${columns}: ${lines.join("|")}`);
    if (columns === 80) {
      assertEquals(lines, [
        "train       [#######-------]  50 % (20 of 40 clips, 1.0 clips/s, 20 s left)",
        "encode_raw  20 s so far",
        "1 of 3 stages done",
      ]);
    }
    progress.handle({ type: "log", id: "train", level: "warn", message: "careful" });
    assert(frame.cleared > 0, "the frame makes room for a line");
    assert(terminal.stderr.includes("careful\n"));
    progress.close();
  }
});

Deno.test("on a terminal, the frame is drawn at most ten times a second", () => {
  const frame = new KeptFrame();
  let now = 0;
  const progress = new Progress({
    terminal: new CapturedTerminal({ live: true }),
    frame,
    clock: () => now,
  });
  progress.handle(start("train"));
  for (let i = 0; i < 1000; i++) {
    now = i / 1000;
    progress.handle({ type: "progress", id: "train", done: i, total: 1000, unit: "clips" });
  }
  assert(frame.drawn.length >= 9 && frame.drawn.length <= 12, `${frame.drawn.length} frames`);
});

Deno.test("a long name of a matrix's stage leaves room for how far it has come", () => {
  const terminal = new CapturedTerminal({ live: true, columns: 80 });
  let now = 0;
  const progress = new Progress({ terminal, frame: new KeptFrame(), clock: () => now });
  const id = "pretrain@seed=1,temperature=0.07,queue=32768,width=16";
  progress.handle(start(id));
  for (now = 0; now <= 20; now++) {
    progress.handle({ type: "progress", id, done: now, total: 40, unit: "clips" });
  }
  now = 20;
  assertEquals(
    progress.frameText(now).split("\n")[0],
    "pretrain@seed=1,temperature=0.07,queue…   50 % (20 of 40 clips, 1.0 clips/s, 2…",
  );
});

Deno.test("a run of 10,000 cached stages writes nothing on a terminal and leaves its frame alone", () => {
  const frame = new KeptFrame();
  const terminal = new CapturedTerminal({ live: true });
  const progress = new Progress({ terminal, frame, clock: () => 0 });
  const ids = Array.from({ length: 10_000 }, (_, i) => `s${i}`);
  progress.handle({ type: "run-start", experiment: "x", stages: ids });
  for (const id of ids) {
    progress.handle({ type: "stage-cached", stage: stage(id, { status: "cached" }) });
  }
  assertEquals(terminal.stderr, "");
  assertEquals(frame.drawn, []);
  assert(frame.cleared <= 2, `cleared ${frame.cleared} times`);
});

Deno.test("of thousands of stages that one failure keeps from running, the first are named and the rest counted", () => {
  const { terminal, at } = plain();
  for (let i = 0; i < 3000; i++) {
    const skipped = stage(`s${i}`, { status: "skipped", reason: "a failed" });
    at(0, { type: "stage-skipped", stage: skipped });
  }
  const summary: RunSummary = { experiment: "x", status: "failed", seconds: 1, stages: [] };
  at(1, { type: "run-done", summary });
  const lines = terminal.stderr.trimEnd().split("\n");
  assertEquals(lines.length, 21);
  assertEquals(lines[0], "s0: skipped (a failed)");
  assertEquals(lines.at(-1), "and 2,980 more stages did not run");
});
