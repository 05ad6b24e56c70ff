/**
 * The `data` suite: how fast `parse_ntu` turns recordings into clips on one core and on two, beside the plain Python
 * reader, and beside the least that any reader must do.
 *
 * @module
 */
import type { StageContext } from "../../pipeline/stage.ts";
import { parseNtuParams } from "../parse/ntu/definition.ts";
import parseNtu from "../parse/ntu/entry.ts";
import { median } from "../statistics/median.ts";
import { DataPeer, INSTALL_PYTHON } from "./data_peer.ts";
import { type BenchRecordings, benchRecordings } from "./data_recordings.ts";
import type { BenchResult, BenchRun, Measurement } from "../../pipeline/bench/suite.ts";

/** NTU 120: recordings, and megabytes of text in one as measured on real ones. */
const NTU120 = { clips: 114_480, megabytes: 0.267 } as const;

/** How many times as fast as the peer skelrun should be, by cores, and what share of the limit. */
const GOALS = { one: 10, two: 18, limit: 0.5 } as const;

/** What a round measures, in seconds for the bytes of all copies. */
interface Round {
  readonly one: number;
  readonly two: number;
  readonly limit: number;
  /** For the bytes of one copy. */
  readonly peer: number | undefined;
}

/** Measures reading. */
export const measureData: BenchRun = async (
  { numbers, runs, terminal },
): Promise<BenchResult> => {
  const { megabytes = 100 } = numbers;
  terminal.err(`making ${megabytes} MB of recordings\n`);
  const data = await benchRecordings(megabytes);
  try {
    const peer = await DataPeer.start(data.folder);
    try {
      const rounds: Round[] = [];
      // The first round compiles, and fills the page cache.
      for (let round = 0; round <= runs; round++) {
        const found = await measureRound(data, peer);
        if (round > 0) rounds.push(found);
        terminal.err(`${roundText(data, found)}${round > 0 ? "" : " (not counted)"}\n`);
      }
      return resultOf(data, rounds, peer?.name);
    } finally {
      await peer?.close();
    }
  } finally {
    await data.remove();
  }
};

async function measureRound(
  data: BenchRecordings,
  peer: DataPeer | undefined,
): Promise<Round> {
  const one = await parseSeconds(data, 1);
  const two = await parseSeconds(data, 2);
  const limit = limitSeconds(data);
  const reading = await peer?.read();
  return { one, two, limit, peer: reading?.seconds };
}

/** The whole stage: finding, reading, parsing, writing shards and index. */
async function parseSeconds(data: BenchRecordings, threads: number): Promise<number> {
  const raw = await Deno.makeTempDir({ prefix: "skelrun_bench_" });
  try {
    const begun = performance.now();
    await parseNtu(contextOf(data.copied, raw, threads));
    return (performance.now() - begun) / 1000;
  } finally {
    await Deno.remove(raw, { recursive: true });
  }
}

function contextOf(
  recordings: string,
  raw: string,
  threads: number,
): StageContext<ReturnType<typeof parseNtuParams.parse>> {
  return {
    params: parseNtuParams.parse({}),
    allowSoftware: false,
    strict: true,
    threads,
    inputNames: ["recordings"],
    input: () => recordings,
    output: () => raw,
    log: () => {},
    progress: () => {},
    metric: () => {},
    facts: () => {},
    checkpoint: () => Promise.resolve(),
    resume: () => undefined,
    stopping: false,
    breathe: () => Promise.resolve(),
    stopped: () => {
      throw new Error("nobody asked to stop");
    },
  };
}

/** A bare read of the same bytes on one core, and a look at each of them in JavaScript. */
function limitSeconds({ copied }: BenchRecordings): number {
  const begun = performance.now();
  let buffer = new Uint8Array(1 << 20);
  let lines = 0;
  for (const { name } of Deno.readDirSync(copied)) {
    using file = Deno.openSync(`${copied}/${name}`);
    let length = 0;
    for (let read = file.readSync(buffer); read !== null;) {
      length += read;
      if (length === buffer.length) {
        const larger = new Uint8Array(2 * length);
        larger.set(buffer);
        buffer = larger;
      }
      read = file.readSync(buffer.subarray(length));
    }
    lines += linesIn(buffer, length);
  }
  if (lines === 0) throw new Error(`${copied}: nothing was read`);
  return (performance.now() - begun) / 1000;
}

function linesIn(bytes: Uint8Array, length: number): number {
  let lines = 0;
  for (let at = 0; at < length; at++) if (bytes[at] === 0x0a) lines++;
  return lines;
}

function roundText({ bytes, copies }: BenchRecordings, { one, two, limit, peer }: Round): string {
  const rate = (seconds: number, times = copies) => (times * bytes / 1e6 / seconds).toFixed(0);
  return `${rate(one)} MB/s on one core, ${rate(two)} on two; read and scan ${rate(limit)}; ${
    peer === undefined ? "no peer" : `peer ${rate(peer, 1)}`
  }`;
}

function resultOf(
  { bytes, clips, copies }: BenchRecordings,
  rounds: readonly Round[],
  peer: string | undefined,
): BenchResult {
  const rows = (
    cores: "one" | "two",
    unit: "MB/s" | "clips/s",
    goals: { readonly peer?: number; readonly limit?: number },
  ): Measurement[] => {
    const name = `parse_ntu, ${cores} core${cores === "one" ? "" : "s"}: ${
      unit === "MB/s" ? "text" : "clips"
    }`;
    const amount = unit === "MB/s" ? bytes / 1e6 : clips;
    const row = (by: string, values: readonly number[], goal?: number): Measurement => ({
      ...{ name, unit, by, values },
      ...(goal === undefined ? {} : { goal }),
    });
    const rates = (seconds: readonly number[], times: number) =>
      seconds.map((one) => times * amount / one);
    return [
      row("skelrun", rates(rounds.map((round) => round[cores]), copies)),
      ...(peer === undefined
        ? []
        : [row(peer, rates(rounds.map(({ peer }) => peer!), 1), goals.peer)]),
      ...(goals.limit === undefined ? [] : [
        row("read and scan", rates(rounds.map(({ limit }) => limit), copies), goals.limit),
      ]),
    ];
  };
  const rate = (cores: "one" | "two") =>
    copies * bytes / 1e6 / median(rounds.map((round) => round[cores]));
  const all = NTU120.clips * NTU120.megabytes;
  const projected = (cores: "one" | "two") => `${(all / rate(cores)).toFixed(0)} s`;
  return {
    measurements: [
      ...rows("one", "MB/s", { peer: GOALS.one, limit: GOALS.limit }),
      ...rows("two", "MB/s", { peer: GOALS.two }),
      ...rows("one", "clips/s", {}),
      ...rows("two", "clips/s", {}),
    ],
    notes: [
      `${clips} synthetic recordings, ${
        (bytes / 1e6).toFixed(0)
      } MB, each under ${copies} names; all ` +
      "times but the peer's include writing clips",
      `NTU 120 has ${NTU120.clips} recordings of about ${NTU120.megabytes} MB: ${
        projected("one")
      } on one core, ${projected("two")} on two, if its disk is as fast as this page cache`,
      ...(peer === undefined ? [INSTALL_PYTHON] : []),
      `load at the end: ${Deno.loadavg().map((load) => load.toFixed(1)).join(", ")}`,
    ],
  };
}
