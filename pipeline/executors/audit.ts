/**
 * What a child process touched, as Deno's permission audit writes it down, against what it was granted.
 *
 * Denials are found here also when the stage's code swallowed them: a file that a stage looks for and
 * may not see is part of what its result hangs on. The trail is read while the stage runs, so that one
 * that would fail at its end fails at its beginning.
 *
 * @module
 */
import { resolve } from "node:path";

/** What was granted: absolute files and folders, and hosts. */
export interface Grants {
  /** May be read. */
  readonly read: readonly string[];
  /** May be written. */
  readonly write: readonly string[];
  /** `HOST` or `HOST:PORT`. */
  readonly net: readonly string[];
}

/** An access outside the grants. */
export interface Trespass {
  /** Such as `read` or `net`. */
  readonly permission: string;
  /** The path, host or name. */
  readonly value: string;
}

/**
 * Accesses that carry nothing into a result. What the system tells of itself is denied in the same way
 * everywhere. The environment reads as empty; the audit names what Deno itself looks for there, and the
 * stage's own code is heard of in another way (`sealed_process.ts`).
 */
const HARMLESS = new Set(["env", "sys"]);

/** Reads an audit file as it grows. */
export class AuditTrail {
  readonly #path: string;
  readonly #folder: string;
  readonly #mayRead: (path: string) => boolean;
  readonly #mayWrite: (path: string) => boolean;
  readonly #hosts: ReadonlySet<string>;
  readonly #seen = new Set<string>();
  readonly #decoder = new TextDecoder();
  #offset = 0;
  #rest = "";

  /**
   * Begins at the file's first line; the file need not be there yet.
   *
   * @param path The audit file.
   * @param folder The current folder of the process.
   * @param ignored Folders that Deno itself reads, such as its npm cache.
   */
  constructor(path: string, folder: string, grants: Grants, ignored: readonly string[]) {
    this.#path = path;
    this.#folder = folder;
    this.#mayRead = covering([...grants.read, ...ignored]);
    this.#mayWrite = covering(grants.write);
    this.#hosts = new Set(grants.net);
  }

  /** The first access outside the grants among those written since the last look. */
  look(): Trespass | undefined {
    const lines = (this.#rest + this.#read()).split("\n");
    this.#rest = lines.pop()!;
    for (const line of lines) {
      const from = line.indexOf('"permission"');
      if (from < 0 || this.#seen.has(line.slice(from))) continue;
      this.#seen.add(line.slice(from));
      const { permission, value } = JSON.parse(line) as { permission: string; value?: string };
      const trespass = this.#judge(permission, value ?? "");
      if (trespass) return trespass;
    }
    return undefined;
  }

  #judge(permission: string, value: string): Trespass | undefined {
    if (HARMLESS.has(permission)) return undefined;
    if (permission === "read" || permission === "write") {
      const path = this.#absolute(value);
      if ((permission === "read" ? this.#mayRead : this.#mayWrite)(path)) return undefined;
      return { permission, value: path };
    }
    if (permission === "net") {
      const host = hostOf(value);
      if (this.#hosts.has(host) || this.#hosts.has(host.replace(/:\d+$/, ""))) return undefined;
      return { permission, value: host };
    }
    return { permission, value };
  }

  /** Resolving thousands of paths that are whole already would take longer than the rest. */
  #absolute(path: string): string {
    return /^\/(?!.*(\/\/|\/\.\.?(\/|$)))/.test(path) ? path : resolve(this.#folder, path);
  }

  #read(): string {
    try {
      using file = Deno.openSync(this.#path);
      file.seekSync(this.#offset, Deno.SeekMode.Start);
      const bytes = new Uint8Array(Math.max(0, file.statSync().size - this.#offset));
      const count = file.readSync(bytes) ?? 0;
      this.#offset += count;
      return this.#decoder.decode(bytes.subarray(0, count), { stream: true });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return "";
      throw error;
    }
  }
}

/** `HOST:PORT` of what was asked for, which may be a URL. */
function hostOf(value: string): string {
  if (!value.includes("://")) return value;
  const { protocol, hostname, port } = new URL(value);
  return `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
}

function covering(paths: readonly string[]): (path: string) => boolean {
  const exact = new Set(paths);
  return (path) => {
    for (let at = path.length; at > 0; at = path.lastIndexOf("/", at - 1)) {
      if (exact.has(path.slice(0, at))) return true;
    }
    return false;
  };
}
