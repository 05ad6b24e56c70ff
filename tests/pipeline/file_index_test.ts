import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { digestExternal } from "../../pipeline/external.ts";
import { FileIndex } from "../../pipeline/file_index.ts";
import { SETTLED_MS } from "../../pipeline/file_stamp.ts";
import { sha256 } from "../../pipeline/fingerprint.ts";
import { unreadable } from "../../pipeline/unreadable.ts";
import { withFolder } from "./toy_stages.ts";

const OLD = new Date(Date.now() - 3_600_000);

Deno.test("a file that was just written is read again, however like itself it looks", () =>
  withFolder(async (folder) => {
    const path = `${folder}/f`;
    const index = new FileIndex(`${folder}/index`);
    for (let i = 0; i < 20; i++) {
      await Deno.writeTextFile(path, `text ${String(i).padStart(2, "0")}`);
      const { digest } = await index.file(path, "s");
      assertEquals(digest, sha256(await Deno.readTextFile(path)));
    }
  }));

Deno.test("a settled file's digest is remembered across processes, unless told to rehash", () =>
  withFolder(async (folder) => {
    const path = `${folder}/f`;
    await Deno.writeTextFile(path, "text");
    await Deno.utime(path, OLD, OLD);
    await new Promise((resolve) => setTimeout(resolve, SETTLED_MS + 100));
    const index = new FileIndex(`${folder}/index`);
    const { digest } = await index.file(path, "s");
    index.save();
    const kept = `${folder}/index/files-s.ndjson`;
    const planted = (await Deno.readTextFile(kept)).replace(digest, "0".repeat(64));
    await Deno.writeTextFile(kept, planted);
    assertEquals((await new FileIndex(`${folder}/index`).file(path, "s")).digest, "0".repeat(64));
    assertEquals((await new FileIndex(`${folder}/index`, true).file(path, "s")).digest, digest);
    await Deno.writeTextFile(path, "tex7");
    await Deno.utime(path, OLD, OLD);
    assertNotEquals(
      (await new FileIndex(`${folder}/index`).file(path, "s")).digest,
      "0".repeat(64),
    );
  }));

Deno.test("a rewrite of equal size, inode and modification time is always seen, however soon it comes", () =>
  withFolder(async (folder) => {
    const index = new FileIndex(`${folder}/index`);
    const texts = ["first text", "other text"];
    let remembered = 0;
    // From at once to well past the moment from which a file counts as left alone.
    const delays = Array.from({ length: 140 }, (_, i) => i * (SETTLED_MS + 800) / 140);
    await Promise.all(delays.map(async (delay, i) => {
      const path = `${folder}/f${i}`;
      await Deno.writeTextFile(path, texts[0]!);
      const { mtime, ino } = Deno.statSync(path);
      await new Promise((resolve) => setTimeout(resolve, delay));
      assertEquals((await index.file(path, "s")).digest, sha256(texts[0]!));
      if (index.remembered(path, "s", Deno.statSync(path))) remembered++;
      await Deno.writeTextFile(path, texts[1]!);
      await Deno.utime(path, mtime!, mtime!);
      assertEquals(Deno.statSync(path).mtime, mtime);
      assertEquals(Deno.statSync(path).ino, ino);
      assertEquals((await index.file(path, "s")).digest, sha256(texts[1]!), `after ${delay} ms`);
    }));
    assert(remembered > 20 && remembered < 60, `${remembered} were remembered in between`);
  }));

Deno.test("an index that is damaged is as good as none", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/index`);
    await Deno.writeTextFile(`${folder}/index/files-s.ndjson`, "{{{");
    await Deno.writeTextFile(`${folder}/f`, "text");
    assertEquals(
      (await new FileIndex(`${folder}/index`).file(`${folder}/f`, "s")).digest,
      sha256("text"),
    );
  }));

Deno.test("what cannot be read in a user's folder is named, with the reason in words", async () => {
  const folder = await Deno.makeTempDir({ prefix: "skelrun-index-" });
  try {
    const index = new FileIndex(`${folder}/index`);
    await Deno.mkdir(`${folder}/raw`);
    await Deno.symlink(`${folder}/nowhere`, `${folder}/raw/a.skeleton`);
    const dangling = await assertRejects(() => digestExternal(`${folder}/raw`, index));
    assertEquals(
      (dangling as Error).message,
      `${folder}/raw/a.skeleton is a link that leads nowhere; take it away, or restore its target`,
    );
    // Reading it would never end.
    const endless = await assertRejects(() => digestExternal("/dev/zero", index));
    assertEquals((endless as Error).message, "/dev/zero is neither a file nor a folder");
    const closed = unreadable("a.skeleton", new Deno.errors.PermissionDenied("(os error 13)"));
    assertEquals(
      closed.message,
      "cannot read a.skeleton: permission denied",
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
