/** Ends, prints or trespasses in the way it is told to. */
import process from "node:process";
import type { StageContext } from "../../../pipeline/stage.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** Writes all of it to standard output, past the console. */
function print(data: Uint8Array): void {
  for (let at = 0; at < data.length;) at += Deno.stdout.writeSync(data.subarray(at));
}

const ways: Record<string, (path: string) => unknown> = {
  fine: () => {},
  heap() {
    const kept: unknown[] = [];
    while (true) kept.push(new Array(100_000).fill({ kept }));
  },
  killed: () => Deno.kill(Deno.pid, "SIGKILL"),
  aborted: () => Deno.kill(Deno.pid, "SIGABRT"),
  exit: () => Deno.exit(0),
  /** 4 MB of short lines. */
  endless() {
    const block = bytes("y\n".repeat(1 << 19));
    for (let i = 0; i < 4; i++) print(block);
    print(bytes("the last line\n"));
    throw new Error("enough");
  },
  /** 24 MB in one line. */
  long() {
    const block = bytes("z".repeat(1 << 20));
    for (let i = 0; i < 24; i++) print(block);
    print(bytes("\nafter the long line\n"));
    throw new Error("enough");
  },
  /** No text at all, and something like a message of the protocol. */
  garbage() {
    print(new Uint8Array([0x1e, 0xff, 0xfe, 0xc3, 0x28, 0x0a, 0x1e, 0x7b, 0x7d, 0x0a, 0x00, 0x0a]));
    print(bytes('\x1enull\n\x1e{"type":7}\n\x1e\n'));
  },
  memory: () => new Uint8Array(200 << 20).fill(1).length,
  read: (path) => Deno.readTextFileSync(path),
  "read-swallowed"(path) {
    try {
      Deno.readTextFileSync(path);
    } catch {
      return;
    }
  },
  "read-relative": () => Deno.readTextFile("table.json").catch(() => {}),
  write: (path) => Deno.writeTextFile(path, "").catch(() => {}),
  "write-relative": () => Deno.writeTextFile("out/number/relative.txt", "1"),
  env: (path) => Deno.env.get(path),
  "env-node": (path) => process.env[path],
  net: (path) => Deno.connect({ hostname: path, port: 8123 }).then((c) => c.close(), () => {}),
  run(path) {
    try {
      new Deno.Command(path).outputSync();
    } catch {
      return;
    }
  },
  /** Far from its end when it trespasses. */
  async early(path) {
    await Deno.stat(path).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  },
};

export default async function main(
  ctx: StageContext<{ how: string; path: string }>,
): Promise<void> {
  const { how, path } = ctx.params;
  console.log(`about to be ${how}`);
  await ways[how]!(path);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await Deno.writeTextFile(`${ctx.output("number")}/number.txt`, "0\n");
}
