/** One stage at a time on a device, across processes. */
import { assert, assertEquals } from "@std/assert";
import { deviceIsFree, deviceLockPath, tryLockDevice } from "../../pipeline/running/device_lock.ts";
import { finish, pause, start } from "./survivors.ts";
import { withFolder } from "./toy_stages.ts";

/** Calls back with a device that no other test has, and removes its locks afterwards. */
async function withDevice(use: (device: string) => Promise<void>): Promise<void> {
  const device = `webgpu:test ${crypto.randomUUID()}`;
  try {
    await use(device);
  } finally {
    for (const end of ["", ".queue"]) {
      await Deno.remove(deviceLockPath(device) + end).catch(() => {});
    }
  }
}

Deno.test("a device is held by one, and goes first to those who waited", () =>
  withDevice(async (device) => {
    const held = (await tryLockDevice(device))!;
    assertEquals(await tryLockDevice(device), undefined);
    let free = false;
    const waiting = deviceIsFree(device, () => false).then(() => free = true);
    await pause(450);
    assertEquals(free, false);
    held.release();
    assertEquals(await tryLockDevice(device), undefined, "it was just had, and another waits");
    await waiting;
    const next = await tryLockDevice(device);
    assert(next !== undefined);
    await deviceIsFree(device, () => true);
    next.release();
  }));

Deno.test("stages of two processes with stores of their own take turns on one device", () =>
  withDevice((device) =>
    withFolder(async (folder) => {
      const gpu = (salt: number) => ({ uses: "gpu", params: { salt, ms: 120 } });
      const stages = { a: gpu(1), b: gpu(2), c: { uses: "number" } };
      const both = await Promise.all(
        [1, 2].map((n) => finish(start(`${folder}/store-${n}`, { stages, device, jobs: 4 }))),
      );
      const spans = both.flatMap(({ end, lines }) => {
        assertEquals(end.status, "done");
        return ["a", "b"].map((id) => ({
          from: Number(lines.find(({ started }) => started === id)!["at"]),
          to: Number(lines.find(({ done }) => done === id)!["at"]),
        }));
      }).sort((a, b) => a.from - b.from);
      assertEquals(spans.length, 4);
      for (const [i, { from }] of spans.entries()) {
        if (i > 0) assert(from >= spans[i - 1]!.to, JSON.stringify(spans));
      }
    })
  ));
