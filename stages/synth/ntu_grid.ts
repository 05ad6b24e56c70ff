/**
 * Names of as many recordings as NTU RGB+D 60 and 120 have: 316 performances of 180 clips in setups 1 to
 * 17, and 320 more in setups 18 to 32.
 *
 * Who performed in which setup is published only for the clips on the lists of missing skeletons; these
 * performances are among those here. The others are made up, so that all published totals come out:
 * clips, and both sides of every split (method section 1.1).
 *
 * @module
 */
import { type NtuName, parseNtuName } from "../formats/ntu_name.ts";
import { missingNames } from "../parse/ntu/missing_lists.ts";
import { trainsInNtu } from "../split/ntu_protocols.ts";

/** Data sets of full scale. */
export type NtuScale = "ntu60" | "ntu120";

/** One performance, which three cameras film in 60 actions. */
type Performance = Pick<NtuName, "setup" | "performer" | "replication">;

/** Setups, performers, actions, and performances by whether they train under xsub and xset. */
interface Part {
  readonly setups: readonly [number, number];
  readonly performers: readonly [number, number];
  readonly actions: readonly [number, number];
  readonly counts: Readonly<Record<string, number>>;
}

const PARTS: readonly Part[] = [
  {
    setups: [1, 17],
    performers: [1, 40],
    actions: [1, 60],
    counts: { "train even": 106, "train odd": 118, "test even": 43, "test odd": 49 },
  },
  {
    setups: [18, 32],
    performers: [41, 106],
    actions: [61, 120],
    counts: { "train even": 62, "train odd": 66, "test even": 93, "test odd": 99 },
  },
];

/** All names of a data set, listed ones included, performance by performance. */
export function ntuGrid(scale: NtuScale): NtuName[] {
  return PARTS.slice(0, scale === "ntu60" ? 1 : 2).flatMap((part) =>
    performances(part).flatMap((performance) =>
      range(part.actions).flatMap((action) =>
        [1, 2, 3].map((camera) => ({ ...performance, camera, action }))
      )
    )
  );
}

/** Those of the list first, then others, until every count is reached. */
function performances({ setups, performers, counts }: Part): readonly Performance[] {
  const left = { ...counts };
  const chosen = new Map<string, Performance>();
  const take = ({ setup, performer, replication }: Performance) => {
    const key = `${setup} ${performer} ${replication}`;
    const origin = { setup, subject: performer, camera: 1 };
    const side = trainsInNtu("xsub", origin) ? "train" : "test";
    const cell = `${side} ${trainsInNtu("xset", origin) ? "even" : "odd"}`;
    if (chosen.has(key) || left[cell] === 0) return;
    left[cell]!--;
    chosen.set(key, { setup, performer, replication });
  };
  for (const name of missingNames("ntu120")) {
    const parsed = parseNtuName(name)!;
    if (parsed.setup >= setups[0] && parsed.setup <= setups[1]) take(parsed);
  }
  const [first, last] = setups;
  for (let step = 0; step <= last - first; step++) {
    for (const performer of range(performers)) {
      const setup = first + (performer * 5 + step * 7) % (last - first + 1);
      for (const replication of [1, 2]) take({ setup, performer, replication });
    }
  }
  return [...chosen.values()].sort((a, b) =>
    a.setup - b.setup || a.performer - b.performer || a.replication - b.replication
  );
}

function range([first, last]: readonly [number, number]): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
