/**
 * A stage context for tests: folders under one temporary folder, everything said kept in lists, and
 * a stop or a kill at a chosen moment.
 *
 * @module
 */
import type { Backend, Facts, LogLevel, StageContext } from "../../../pipeline/stage.ts";

/** Thrown where a real stage's process would end: asked to stop and saved, or killed. */
export class Ended extends Error {
  /** `stopped` came after a checkpoint of its own; `killed` came out of nothing. */
  constructor(readonly how: "stopped" | "killed") {
    super(how);
  }
}

/** What a fake context is made of. */
export interface FakeSettings<P> {
  readonly params: P;
  /** Folder that holds outputs and checkpoints; the same one for every attempt of an action. */
  readonly home: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: readonly string[];
  /** Ask to stop once `breathe` was called this often. */
  readonly stopAfter?: number;
  /** End without a word once `breathe` was called this often. */
  readonly killAfter?: number;
  readonly backend?: Backend;
  readonly threads?: number;
}

/** A context and what was said through it. */
export class FakeContext<P> implements StageContext<P> {
  readonly params: P;
  readonly backend: Backend;
  readonly threads?: number;
  readonly allowSoftware = false;
  readonly strict = false;
  readonly inputNames: readonly string[];
  readonly logs: { level: LogLevel; message: string }[] = [];
  readonly metrics = new Map<string, number>();
  readonly outputFacts = new Map<string, Facts>();
  readonly progressed: [number, number, string][] = [];
  readonly #settings: FakeSettings<P>;
  /** How often `breathe` was called. */
  breaths = 0;

  private constructor(settings: FakeSettings<P>) {
    this.#settings = settings;
    this.params = settings.params;
    this.backend = settings.backend ?? "cpu";
    if (settings.threads !== undefined) this.threads = settings.threads;
    this.inputNames = Object.keys(settings.inputs).sort();
  }

  /** Begins an attempt: outputs of an earlier one are cleared, its checkpoint stays. */
  static async begin<P>(settings: FakeSettings<P>): Promise<FakeContext<P>> {
    for (const name of settings.outputs) {
      const folder = `${settings.home}/out/${name}`;
      await Deno.remove(folder, { recursive: true }).catch(() => {});
      await Deno.mkdir(folder, { recursive: true });
    }
    return new FakeContext(settings);
  }

  /** @inheritdoc */
  input(name: string): string {
    const path = this.#settings.inputs[name];
    if (path === undefined) throw new Error(`no input "${name}"`);
    return path;
  }

  /** @inheritdoc */
  output(name: string): string {
    if (!this.#settings.outputs.includes(name)) throw new Error(`no output "${name}"`);
    return `${this.#settings.home}/out/${name}`;
  }

  /** @inheritdoc */
  log(level: LogLevel, message: string): void {
    this.logs.push({ level, message });
  }

  /** @inheritdoc */
  progress(done: number, total: number, unit: string): void {
    this.progressed.push([done, total, unit]);
  }

  /** @inheritdoc */
  metric(name: string, value: number): void {
    if (!Number.isFinite(value)) throw new Error(`metric ${name} is ${value}`);
    this.metrics.set(name, value);
  }

  /** @inheritdoc */
  facts(output: string, facts: Facts): void {
    this.outputFacts.set(output, facts);
  }

  /** @inheritdoc */
  async checkpoint(write: (folder: string) => Promise<void>): Promise<void> {
    const { home } = this.#settings;
    await Deno.remove(`${home}/next`, { recursive: true }).catch(() => {});
    await Deno.mkdir(`${home}/next`, { recursive: true });
    await write(`${home}/next`);
    await Deno.remove(`${home}/checkpoint`, { recursive: true }).catch(() => {});
    await Deno.rename(`${home}/next`, `${home}/checkpoint`);
  }

  /** @inheritdoc */
  resume(): string | undefined {
    const folder = `${this.#settings.home}/checkpoint`;
    try {
      Deno.statSync(folder);
      return folder;
    } catch {
      return undefined;
    }
  }

  /** @inheritdoc */
  get stopping(): boolean {
    return this.breaths >= (this.#settings.stopAfter ?? Infinity);
  }

  /** @inheritdoc */
  async breathe(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (++this.breaths >= (this.#settings.killAfter ?? Infinity)) throw new Ended("killed");
  }

  /** @inheritdoc */
  stopped(): never {
    throw new Ended("stopped");
  }
}

/** Every file below a folder with its bytes as text of hexadecimal digits, by relative name. */
export async function treeOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const files: Record<string, string> = {};
  for await (const entry of Deno.readDir(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) {
      for (const [name, hex] of Object.entries(await treeOf(path))) {
        files[`${entry.name}/${name}`] = hex;
      }
    } else {
      files[entry.name] = (await Deno.readFile(path)).toHex();
    }
  }
  return files;
}
