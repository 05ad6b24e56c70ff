/**
 * What a run shows while it goes on: on a terminal a frame with a bar for every running stage, and
 * elsewhere a plain line now and then.
 *
 * @module
 */
import process from "node:process";
import { styleText } from "node:util";
import { amount, duration } from "./duration.ts";
import { RateMeter } from "./rate_meter.ts";
import { figures, type RunningStage, stageLines } from "./running_stage.ts";
import type { RunEvent, StageSummary } from "../types.ts";
import type { Terminal } from "../verb.ts";

/** Draws a frame in place of the one before. */
export interface Frame {
  /** Draws a text of one or more lines. */
  draw(text: string): void;
  /** Takes the frame away, so that lines can be written above. */
  clear(): void;
}

/** How progress is shown. */
export interface ProgressOptions {
  /** Where to. */
  readonly terminal: Terminal;
  /** A frame, on a terminal; without one, plain lines are written. */
  readonly frame?: Frame | undefined;
  /** Only failures and warnings. */
  readonly quiet?: boolean;
  /** Seconds on a steady clock. */
  readonly clock?: () => number;
}

/** Seconds between two plain lines of a stage that has not come 10 % further. */
const PLAIN_EVERY = 15;

/** Seconds between two plain lines of a stage, however fast it is. */
const PLAIN_AT_MOST_EVERY = 2;

/** Seconds between two frames. */
const FRAME_EVERY = 0.1;

/** Stages that did not run, of which each gets a line; one failure may keep thousands from running. */
const MOST_NOT_RUN = 20;

/** Events that come by the thousand: the frame keeps its own pace through them. */
const FREQUENT: ReadonlySet<RunEvent["type"]> = new Set(["progress", "stage-cached"]);

interface Running extends RunningStage {
  saidPercent: number;
  saidAt: number;
}

/** Why a stage did not come to its end, in one line. */
function notRun({ status, reason = "" }: StageSummary): string {
  return reason.startsWith(status) ? reason : `${status} (${reason})`;
}

type Style = Parameters<typeof styleText>[0];

/** Takes a run's events and shows them on standard error. */
export class Progress {
  readonly #options: ProgressOptions;
  readonly #clock: () => number;
  readonly #running = new Map<string, Running>();
  #stages = 0;
  #finished = 0;
  #notRun = 0;
  #drawn = -Infinity;

  /** Shows nothing yet. */
  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#clock = options.clock ?? (() => performance.now() / 1000);
  }

  /** Shows an event. */
  handle(event: RunEvent): void {
    switch (event.type) {
      case "run-start":
        this.#stages = event.stages.length;
        break;
      case "stage-cached":
        this.#end(event.stage.id);
        break;
      case "stage-start": {
        const now = this.#clock();
        this.#running.set(event.id, {
          id: event.id,
          meter: new RateMeter(),
          started: now,
          done: 0,
          total: 0,
          unit: "",
          saidPercent: 0,
          saidAt: now,
        });
        const resumed = event.resumed ? ", from its last checkpoint" : "";
        this.#say(`${this.#bold(event.id)}: runs (${event.reason})${resumed}`);
        break;
      }
      case "progress":
        this.#progress(event.id, event.done, event.total, event.unit);
        break;
      case "log":
        if (event.level === "warn") {
          this.#shout(
            `${this.#bold(event.id)}: ${this.#paint("yellow", "warning:")} ${event.message}`,
          );
        }
        break;
      case "stage-done":
        this.#end(event.stage.id);
        this.#say(
          `${this.#bold(event.stage.id)}: ${this.#paint("green", "done")} in ${
            duration(event.stage.seconds)
          }`,
        );
        break;
      case "stage-failed":
        this.#end(event.stage.id);
        this.#failed(event.stage, event.logTail);
        break;
      case "stage-skipped":
        this.#end(event.stage.id);
        this.#notRun++;
        if (this.#notRun <= MOST_NOT_RUN) {
          this.#say(`${this.#bold(event.stage.id)}: ${notRun(event.stage)}`);
        }
        break;
      case "stopping":
        this.#shout(
          event.presses > 1
            ? "stopping now; the next run goes on from the last checkpoints"
            : "stopping: running stages save a checkpoint first; press Ctrl-C again to stop at once",
        );
        break;
      case "run-done":
        if (this.#notRun > MOST_NOT_RUN) {
          this.#say(`and ${amount(this.#notRun - MOST_NOT_RUN)} more stages did not run`);
        }
        this.close();
        return;
    }
    this.#redraw(!FREQUENT.has(event.type));
  }

  /** Draws the frame again, so that times move on while nothing is reported. */
  tick(): void {
    this.#redraw(true);
  }

  /** Takes the frame away; safe to call twice. */
  close(): void {
    this.#running.clear();
    this.#options.frame?.clear();
  }

  #end(id: string): void {
    this.#running.delete(id);
    this.#finished++;
  }

  #failed(stage: StageSummary, logTail: readonly string[]): void {
    const tail = logTail.length === 0
      ? ""
      : `\nthe end of its log:\n${logTail.map((line) => `  | ${line}`).join("\n")}`;
    const log = stage.logFile === undefined ? "" : `\nthe whole log: ${stage.logFile}`;
    this.#shout(
      `${this.#bold(stage.id)}: ${this.#paint("red", "failed")} after ${duration(stage.seconds)}: ${
        stage.reason ?? "no reason given"
      }${tail}${log}`,
    );
  }

  #progress(id: string, done: number, total: number, unit: string): void {
    const stage = this.#running.get(id);
    if (stage === undefined) return;
    const now = this.#clock();
    stage.meter.report(now, done, total);
    Object.assign(stage, { done, total, unit });
    if (this.#options.frame !== undefined || this.#options.quiet === true) return;
    const percent = total > 0 ? Math.floor((100 * done) / total) : 0;
    const silent = now - stage.saidAt;
    const further = Math.floor(percent / 10) > Math.floor(stage.saidPercent / 10);
    if (silent < PLAIN_AT_MOST_EVERY || (!further && silent < PLAIN_EVERY)) return;
    stage.saidPercent = percent;
    stage.saidAt = now;
    this.#say(`${id}: ${figures(stage, now).trimStart()}`);
  }

  #redraw(now: boolean): void {
    const { frame } = this.#options;
    if (frame === undefined || this.#options.quiet === true) return;
    const time = this.#clock();
    if (!now && time - this.#drawn < FRAME_EVERY) return;
    this.#drawn = time;
    if (this.#running.size === 0) return frame.clear();
    frame.draw(this.frameText(time));
  }

  /**
   * The frame at a time: a line for each running stage, cut to the terminal's width.
   *
   * @param time Seconds on this progress's clock.
   */
  frameText(time: number): string {
    const width = Math.max(20, this.#options.terminal.columns - 1);
    const lines = stageLines([...this.#running.values()], time, width);
    return [...lines, `${this.#finished} of ${this.#stages} stages done`].join("\n");
  }

  #say(line: string): void {
    if (this.#options.quiet !== true) this.#shout(line);
  }

  #shout(line: string): void {
    this.#options.frame?.clear();
    this.#options.terminal.err(`${line}\n`);
  }

  #bold(text: string): string {
    return this.#paint("bold", text);
  }

  /** Colours, unless NO_COLOR is set. */
  #paint(style: Style, text: string): string {
    return this.#options.terminal.live ? styleText(style, text, { stream: process.stderr }) : text;
  }
}
