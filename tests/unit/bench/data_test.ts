import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { PERMISSIONS } from "../../../pipeline/bench/runners.ts";
import { DataPeer, PYTHON } from "../../../stages/bench/data_peer.ts";
import { benchRecordings } from "../../../stages/bench/data_recordings.ts";
import { readSkeletonText } from "../../../stages/formats/skeleton_text.ts";

const root = new URL("../../../", import.meta.url);
const python = await Deno.stat(PYTHON).then(() => true, () => false);

Deno.test({
  name: "the plain Python reader reads what parse_ntu reads [needs python3]",
  ignore: !python,
  fn: async () => {
    const data = await benchRecordings(8);
    try {
      let expected = 0;
      for (const { name } of Deno.readDirSync(data.folder)) {
        const bytes = Deno.readFileSync(`${data.folder}/${name}`);
        const { frames, positions } = readSkeletonText(bytes, name, 2);
        expected += positions[((frames - 1) * 2 * 25 + 3) * 3 + 1]!;
      }
      const peer = (await DataPeer.start(data.folder))!;
      assert(peer.name.startsWith("python 3."), peer.name);
      for (let turn = 0; turn < 2; turn++) {
        const { seconds, bytes, clips, checksum } = await peer.read();
        assert(seconds > 0);
        assertEquals([bytes, clips], [data.bytes, data.clips]);
        assertAlmostEquals(checksum, expected, 1e-4);
      }
      await peer.close();
    } finally {
      await data.remove();
    }
  },
});

Deno.test("`bench data` measures text and clips on one core and on two, and says what NTU 120 would take", async () => {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...PERMISSIONS, "main.ts", "bench", "data"]
      .concat("--megabytes", "8", "--runs", "1", "--json"),
    cwd: root.pathname,
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  const { rows, notes } = JSON.parse(out!) as {
    rows: { name: string; by: string; unit: string; median: number }[];
    notes: string[];
  };
  const own = rows.filter(({ by }) => by === "skelrun").map(({ name, unit }) => [name, unit]);
  assertEquals(own, [
    ["parse_ntu, one core: text", "MB/s"],
    ["parse_ntu, two cores: text", "MB/s"],
    ["parse_ntu, one core: clips", "clips/s"],
    ["parse_ntu, two cores: clips", "clips/s"],
  ]);
  assert(rows.some(({ by }) => by === "read and scan"));
  assertEquals(rows.some(({ by }) => by.startsWith("python")), python);
  assert(rows.every(({ median }) => median > 0));
  assert(notes.some((note) => note.startsWith("NTU 120 has 114480 recordings")));
  assert(err!.includes("MB/s on one core"), err);
});
