/**
 * The values that pass between the runner's parts: a validated experiment, the events of a run and
 * its summary. Types only.
 *
 * @module
 */
import type { Backend, GpuLimits, LogLevel, StageDefinition } from "./stage.ts";

/** A place in an experiment file; line and column are 1-based. */
export interface Position {
  /** As it was given on the command line, or `--set ...`. */
  readonly file: string;
  /** From 1; 0 for the file as a whole. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

/** Where an input comes from: another stage's output, or a file or folder of the user's. */
export type InputBinding =
  | { readonly kind: "output"; readonly stage: string; readonly output: string }
  | { readonly kind: "external"; readonly path: string };

/** One stage of an experiment, its parameters validated and complete. */
export interface StageInstance {
  /** The name the experiment file gives it; unique in the experiment. */
  readonly id: string;
  /** What the catalogue says of its type. */
  readonly definition: StageDefinition;
  /** JSON values: the schema's output. */
  readonly params: Readonly<Record<string, unknown>>;
  /** Where each input that was given comes from. */
  readonly inputs: Readonly<Record<string, InputBinding>>;
  /** The name under `stages:` that a matrix expanded into this one; absent where it is the id. */
  readonly base?: string;
  /** What this instance has of the matrix: the axes that reach it, with the label of its value. */
  readonly cell?: Readonly<Record<string, string>>;
}

/** A figure that an experiment's author expects, checked after a run. */
export interface Expectation {
  /** The stage's id. */
  readonly stage: string;
  /** One of the figures that the stage reports. */
  readonly metric: string;
  /** The least that passes. */
  readonly min?: number;
  /** The most that passes. */
  readonly max?: number;
}

/** The axes of an experiment's matrix, for those who show it. */
export interface MatrixSummary {
  /** In the order of the matrix, each with the labels that occur. */
  readonly axes: readonly { readonly name: string; readonly labels: readonly string[] }[];
  /** How many cells are in use. */
  readonly cells: number;
}

/** An experiment file after YAML, `extends`, `--set`, schema and reference checks. */
export interface Experiment {
  /** With `:VARIANT` behind it where a variant is in use that gives no name of its own. */
  readonly name: string;
  /** Absolute path. */
  readonly file: string;
  /** Of every stage that has a parameter `seed` and does not give it. */
  readonly seed: number;
  /** In the order of the file. */
  readonly stages: readonly StageInstance[];
  /** In the order of the file. */
  readonly expect: readonly Expectation[];
  /** The matrix that its stages were expanded from; absent where the file has none. */
  readonly matrix?: MatrixSummary;
  /**
   * The position of a value, by its path from the file's root (such as
   * `["stages", "pretrain", "params", "queue"]`); of the deepest node that exists, if it does not.
   */
  locate(path: readonly (string | number)[]): Position;
}

/** What became of a stage in a run. */
export type StageStatus = "cached" | "ran" | "failed" | "skipped" | "stopped";

/** An output as the run's table shows it. */
export interface OutputSummary {
  /** As the stage's definition calls it. */
  readonly name: string;
  /** The type of artifact. */
  readonly type: string;
  /** Hex SHA-256 of the artifact's tree. */
  readonly digest: string;
  /** The sum of the sizes of its files. */
  readonly bytes: number;
}

/** One row of the table at the end of a run. */
export interface StageSummary {
  /** Its name in the experiment. */
  readonly id: string;
  /** Its type. */
  readonly uses: string;
  /** How it ended. */
  readonly status: StageStatus;
  /** Hex action key; absent when it never became known. */
  readonly key?: string;
  /** Wall seconds of this run's own work on it; 0 for a hit. */
  readonly seconds: number;
  /** Empty unless it was cached or ran to its end. */
  readonly outputs: readonly OutputSummary[];
  /** Figures of the result, by name. */
  readonly metrics: Readonly<Record<string, number>>;
  /** The class of device that its result is of, if that is another than the one in use. */
  readonly otherDevice?: string;
  /** Who stated that another action's result is its own, where nothing was computed. */
  readonly accepted?: string;
  /** Why it failed, or which failed stage made it be skipped. */
  readonly reason?: string;
  /** The file with its whole log. */
  readonly logFile?: string;
}

/** What a run came to. */
export interface RunSummary {
  /** The experiment's name. */
  readonly experiment: string;
  /** `stopped` by the user; `failed` if any stage did. */
  readonly status: "done" | "failed" | "stopped";
  /** Wall time of the whole run. */
  readonly seconds: number;
  /** In the order of the graph. */
  readonly stages: readonly StageSummary[];
}

/** What a run says while it goes on. */
export type RunEvent =
  | { readonly type: "run-start"; readonly experiment: string; readonly stages: readonly string[] }
  | { readonly type: "stage-cached"; readonly stage: StageSummary }
  | {
    readonly type: "stage-start";
    readonly id: string;
    readonly uses: string;
    /** Hex action key. */
    readonly key?: string;
    /** In one line, why it is not cached, such as "frames 50 -> 64" or "first run". */
    readonly reason: string;
    /** It goes on from a checkpoint of an earlier attempt. */
    readonly resumed: boolean;
  }
  | {
    readonly type: "progress";
    readonly id: string;
    readonly done: number;
    readonly total: number;
    readonly unit: string;
  }
  | {
    readonly type: "log";
    readonly id: string;
    readonly level: LogLevel;
    readonly message: string;
  }
  | { readonly type: "stage-done"; readonly stage: StageSummary }
  | {
    readonly type: "stage-failed";
    readonly stage: StageSummary;
    /** The last lines of its log. */
    readonly logTail: readonly string[];
  }
  | { readonly type: "stage-skipped"; readonly stage: StageSummary }
  | { readonly type: "stopping"; readonly presses: number }
  | { readonly type: "run-done"; readonly summary: RunSummary };

/** What the user asks of the device: `auto` is WebGPU where a hardware adapter exists, else the CPU's kernels. */
export interface DeviceRequest {
  readonly backend: "auto" | Backend;
  /** A software WebGPU adapter will do. */
  readonly allowSoftware: boolean;
  /** A folder of this machine's, where the answer may be kept until the next boot. */
  readonly cacheFolder?: string;
}

/** The device that stages compute on. */
export interface Device {
  readonly backend: Backend;
  /** Backend plus what of the device can change bits: `cpu`, or `webgpu:` with adapter and driver. */
  readonly class: string;
  /** It is a WebGPU adapter that computes on the CPU. */
  readonly software: boolean;
  /** Why this one, in one sentence. */
  readonly why: string;
  /** What it can hold, where it is a GPU. */
  readonly gpu?: GpuLimits;
}

/**
 * Says how two files of artifacts differ, in words that know their format, such as
 * `tensor "encoder.fcn.weight": first differs at [3, 0], 1 ulp; 12 of 64 values differ, at most 3 ulps`.
 * Given by whoever knows the formats: the runner compares bytes.
 *
 * @returns Undefined where it knows nothing of the format.
 */
export type FileComparer = (
  /** The file's name in its artifact. */
  name: string,
  /** Paths of the two files. */
  first: string,
  second: string,
) => Promise<string | undefined>;

/**
 * Finds the device to compute on; asked only when a stage of the experiment computes on one.
 *
 * @throws {Error} If the machine does not have what was asked for; the message says what to do.
 */
export type DeviceResolver = (request: DeviceRequest) => Promise<Device>;
