/**
 * The stage contract: what a stage tells the runner about itself, and what the runner hands it.
 *
 * This file is the only part of `pipeline/` that `stages/` may import, and it holds types alone, so
 * that it never enters a stage's code closure.
 *
 * @module
 */
import type { z } from "zod";

/** A named input or output of a stage, with the type of artifact it carries. */
export interface Port {
  /** The kind of artifact, such as `clips`; an input accepts only outputs of its own type. */
  readonly type: string;
  /** One line for people. */
  readonly summary: string;
}

/** An input of a stage. */
export interface InputPort extends Port {
  /** The stage also works without it (default: it must be given). */
  readonly optional?: boolean;
  /** A file or folder of the user's may be given as `{ path: ... }` instead of a stage's output. */
  readonly external?: boolean;
  /**
   * Where an experiment does not bind it: a stage without inputs that the runner adds by itself, on the
   * backends that need it. The input is `optional` then.
   */
  readonly supplied?: {
    readonly by: StageDefinition;
    readonly output: string;
    readonly on: readonly Backend[];
  };
}

/**
 * What is known of an artifact before its bytes exist, such as `{ clips: 320, bodies: 2 }`: plain
 * numbers and words that a later stage's {@link StageDefinition.check} may look at while planning.
 */
export type Facts = Readonly<Record<string, number | string | boolean>>;

/** Facts by the name of an input or output; absent where nothing is known yet. */
export type PortFacts = Readonly<Record<string, Facts | undefined>>;

/** A parameter rule that is broken, found while planning. */
export interface Problem {
  /** Where in `params`, such as `["queue"]`; the runner turns it into file, line and column. */
  readonly path: readonly (string | number)[];
  /** What was expected, what was found and what to do, in one or two sentences. */
  readonly message: string;
}

/** What a GPU can hold. */
export interface GpuLimits {
  /** MiB of the largest tensor that it binds. */
  readonly tensorMiB: number;
  /** MiB of its own memory, where the system tells. */
  readonly memoryMiB?: number;
  /** Its memory is the machine's: it computes in software. */
  readonly software: boolean;
}

/** The machine that a stage is to run on. */
export interface Machine {
  /** What it computes on; `undefined` for a stage that computes on no device. */
  readonly backend: Backend | undefined;
  readonly cores: number;
  /** Memory that stages may use, in MiB. */
  readonly memoryMiB: number;
  /** What its GPU can hold, where that is known. */
  readonly gpu?: GpuLimits;
}

/** Memory that a stage takes, worked out before it runs. */
export interface MemoryNeed {
  /** Resident memory at the peak, in MiB. */
  readonly peakMiB: number;
  /** Memory of the GPU at the peak, in MiB, where it computes on one. */
  readonly gpuMiB?: number;
  /** That it does not fit on the machine, and what would. */
  readonly problem?: Problem;
}

/** What a stage needs of the machine while it runs. */
export interface Resources {
  /** Cores it keeps busy. */
  readonly cores: number;
  /** Peak resident memory it may reach, in MiB. */
  readonly memoryMiB: number;
}

/**
 * What a stage may do beside reading its inputs and writing its outputs. Its results then hang on more
 * than its key says, so it is for stages whose author knows that the answers are always the same.
 */
export interface Allowance {
  /** Hosts that it may connect to: `HOST` or `HOST:PORT`. */
  readonly net?: readonly string[];
  /** Programs that it may start; nothing holds those back. */
  readonly run?: readonly string[];
}

/**
 * The kinds of device a stage may compute on: plain JavaScript on the CPU, WebAssembly kernels on its
 * threads, a GPU.
 */
export type Backend = "cpu" | "simd" | "webgpu";

/** Parameters as a schema: always an object, so that every parameter has a name and a default. */
// deno-lint-ignore no-explicit-any
export type ParamsSchema = z.ZodObject<any>;

/** Everything the runner knows about a stage. Importing a definition imports no implementation. */
export interface StageDefinition<S extends ParamsSchema = ParamsSchema> {
  /** The name experiment files write after `uses:`. */
  readonly name: string;
  /** One line for people. */
  readonly summary: string;
  /**
   * Parameters with their defaults, strict (unknown names are errors). A parameter called `seed`
   * takes the experiment's seed where a file leaves it out.
   */
  readonly params: S;
  /** Inputs by name. The name `*` stands for any number of further inputs of that type. */
  readonly inputs: Readonly<Record<string, InputPort>>;
  /** Outputs by name. */
  readonly outputs: Readonly<Record<string, Port>>;
  /**
   * URL of the entry module (`new URL("./entry.ts", import.meta.url).href`), or one per backend for
   * a stage that computes on a device; where the backend in use has none, the CPU's. The module's default export is a {@link StageMain}.
   */
  readonly entry: string | (Readonly<Partial<Record<Backend, string>>> & { readonly cpu: string });
  /** Further roots of the code closure: Worker entries and files read by URL. */
  readonly roots?: readonly string[];
  /** What it needs of the machine. */
  readonly resources: Resources;
  /** What it needs instead on some backends. */
  readonly resourcesOn?: Readonly<Partial<Record<Backend, Resources>>>;
  /**
   * Memory at the peak, where it follows from parameters and facts: it counts in place of the declared
   * memory. `undefined` where it is not known.
   */
  readonly memory?: (
    params: z.output<S>,
    inputs: PortFacts,
    machine: Machine,
  ) => MemoryNeed | undefined;
  /** What else it may do (default: nothing). */
  readonly allow?: Allowance;
  /** Facts about the outputs, from parameters and the inputs' facts, as far as they are known. */
  readonly facts?: (params: z.output<S>, inputs: PortFacts) => PortFacts;
  /** Rules that a schema cannot state, checked before anything runs. */
  readonly check?: (params: z.output<S>, inputs: PortFacts) => readonly Problem[];
}

/** A line in a stage's log. */
export type LogLevel = "debug" | "info" | "warn";

/** What a stage is handed when it runs. All paths are absolute folders inside its sandbox. */
export interface StageContext<P = unknown> {
  /** Parameters after defaults and validation. */
  readonly params: P;
  /** Backend in use, for stages that compute on a device; `undefined` for all others. */
  readonly backend?: Backend;
  /** The class of the device that its results are kept by, such as `webgpu:VENDOR/.../NAME:DRIVER`. */
  readonly deviceClass?: string;
  /** Whether a software WebGPU adapter may be used. */
  readonly allowSoftware: boolean;
  /** Whether bad input that would be listed as excluded is fatal instead (`--strict`). */
  readonly strict: boolean;
  /** Threads it may have, if it can use several (absent: one a core); its bytes are the same for all. */
  readonly threads?: number;
  /** Names of the inputs that were given, sorted. */
  readonly inputNames: readonly string[];
  /**
   * The path of an input: a folder holding the artifact's tree, or the user's own file or folder
   * for an external one.
   *
   * @throws {Error} If no input of that name was given; ask {@link inputNames} first for optional ones.
   */
  input(name: string): string;
  /** The (existing, empty) folder into which the stage writes an output's files. */
  output(name: string): string;
  /** Says something in the stage's log; warnings are also shown to the user at once. */
  log(level: LogLevel, message: string): void;
  /** Reports progress: `done` of `total` units (`unit` such as "clips"), for bar, rate and time left. */
  progress(done: number, total: number, unit: string): void;
  /**
   * States a figure of the result, stored with it and shown in the table at the end of a run. The
   * value must follow from the inputs: no times, rates or paths.
   */
  metric(name: string, value: number): void;
  /** States facts about an output, for the rules of later stages. */
  facts(output: string, facts: Facts): void;
  /**
   * Saves a checkpoint: `write` fills the folder it is given; the checkpoint becomes the current
   * one only when all of it is on disk, and replaces the one before.
   */
  checkpoint(write: (folder: string) => Promise<void>): Promise<void>;
  /** The folder of the last complete checkpoint of this action, or `undefined` to begin afresh. */
  resume(): string | undefined;
  /**
   * Becomes true when the user asked to stop: save a checkpoint and call {@link stopped}.
   * The request arrives only while the event loop turns, so long loops await {@link breathe}.
   */
  readonly stopping: boolean;
  /** Lets the event loop turn once. */
  breathe(): Promise<void>;
  /** Ends a stage that was asked to stop and has saved a checkpoint; never returns. */
  stopped(): never;
}

/** The default export of an entry module. Its context's `params` are the definition's, validated. */
// deno-lint-ignore no-explicit-any
export type StageMain<P = any> = (ctx: StageContext<P>) => Promise<void>;

/** Stage definitions by name. */
export type Catalogue = Readonly<Record<string, StageDefinition>>;
