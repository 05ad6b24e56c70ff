/**
 * The kernels of the contrastive loss: products of queries with a block of the queue's keys, whose scores
 * are reduced to a maximum, a sum of exponentials and a sum for each query and {@link SLICE} keys; and
 * backward the same products again, as shares, and their products with the keys.
 *
 * With N queries and F numbers of a row, scores take 2 F operations each and 8 bytes (F = 128: 32
 * operations a byte besides what the tile reads), the pass over them 0.6 operations a byte, the products
 * with the keys 2 F operations for 4 bytes. All of it stays in the cache of a large GPU.
 *
 * @module
 */
import { type Kernel, kernelOf } from "./kernel_code.ts";
import { rowLoad, rowStore, vectors } from "./matrix_product.ts";
import { product, type Tile } from "./product.ts";
import { joinTree, sumTree } from "./workgroup_tree.ts";

const THREADS = 128;

/** Vectors of four scores that a thread has. */
const EACH = 4;

/** Keys of one maximum and sum. */
export const SLICE = 4 * EACH * THREADS;

/** Keys of one product of shares and keys. */
export const DEPTH = 128;

/** Below every score, yet a number. */
const LOWEST = "-1e30";

const SCORE_NUMBERS = [
  "queries: u32",
  "keys: u32",
  "width: u32",
  "first: u32",
  "stride: u32",
  "sharpness: f32",
];

/**
 * Scores q.Q_j of a block of keys, from key `first` on: rows of `stride` vectors. As shares, each is
 * e^(score / tau) / sum instead, `sharpness` being log2(e) / tau, and zeros fill up the rows.
 */
export function scoresKernel(tile: Tile, wide: boolean, asShares: boolean): Kernel {
  const share = `let end = ends[row];
    let share = exp2((value - vec4<f32>(end.x)) * numbers.sharpness) * end.y;
    let there = vec4<u32>(col) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(N);
    let kept = select(vec4<f32>(), share, there);`;
  return product({
    key: `info nce ${asShares ? "shares" : "scores"} ${wide}`,
    bindings: [
      vectors("q", wide),
      vectors("queue", wide),
      ...(asShares ? [{ name: "ends", type: "vec4<f32>" }] : []),
      { name: "scores", type: "vec4<f32>", write: true },
    ],
    numbers: SCORE_NUMBERS,
    declarations: [rowLoad("loadQuery", "q", wide), rowLoad("loadKey", "queue", wide)].join("\n"),
    begin: "let M = numbers.queries; let N = numbers.keys; let K = numbers.width;",
    loadA: { along: "k", value: "loadQuery(out$, K, k$, out$ < M)" },
    loadB: { along: "k", value: "loadKey(numbers.first + out$, K, k$, out$ < N)" },
    store: `if (row < M && col < N) {
      ${asShares ? share : "let kept = value;"}
      scores[row * numbers.stride + col / 4u] = kept;
    }`,
  }, tile);
}

/** Sums over {@link DEPTH} keys of shares times keys: parts (from `to` on, queries, width). */
export function sharesKernel(tile: Tile, wide: boolean): Kernel {
  return product({
    key: `info nce shares of keys ${wide}`,
    bindings: [
      { name: "shares", type: "vec4<f32>" },
      vectors("queue", wide),
      { ...vectors("parts", wide), write: true },
    ],
    numbers: ["queries: u32", "keys: u32", "width: u32", "first: u32", "stride: u32", "to: u32"],
    declarations: [
      rowLoad("loadKey", "queue", wide),
      rowStore("keep", "parts", wide),
      `fn loadShares(row: u32, first: u32, inside: bool) -> vec4<f32> {
        var value = vec4<f32>();
        if (inside) { value = shares[row * numbers.stride + first / 4u]; }
        return value;
      }`,
    ].join("\n"),
    begin: `let M = numbers.queries; let N = numbers.width;
      let start = wid.z * ${DEPTH}u;
      let K = min(${DEPTH}u, numbers.keys - start);`,
    loadA: { along: "k", value: "loadShares(out$, start + k$, out$ < M && k$ < K)" },
    loadB: { along: "out", value: "loadKey(numbers.first + start + k$, N, out$, k$ < K)" },
    store: `if (row < M && col < N) {
      keep((numbers.to + wid.z) * M + row, N, col, value);
    }`,
  }, tile);
}

/**
 * Of each query (x) and slice (y) of a block: the largest score, the sum of exponentials of what the others
 * are below it, and the sum of all: partials (queries, slices), from slice `to` on.
 */
export function slicesKernel(): Kernel {
  const each = (text: (i: number) => string) =>
    Array.from({ length: EACH }, (_, i) => text(i)).join("\n");
  return kernelOf("info nce slices", () => ({
    bindings: [
      { name: "scores", type: "vec4<f32>" },
      { name: "partials", type: "vec4<f32>", write: true },
    ],
    numbers: ["keys: u32", "stride: u32", "slices: u32", "to: u32", "sharpness: f32"],
    workgroup: [THREADS],
    declarations: `var<workgroup> most: array<f32, ${THREADS}>;
      var<workgroup> sums: array<f32, ${THREADS}>;
      var<workgroup> totals: array<f32, ${THREADS}>;`,
    main: `let place = wid.y * ${EACH * THREADS}u + lix;
      ${
      each((i) =>
        `let at${i} = place + ${i * THREADS}u;
         let there${i} = vec4<u32>(4u * at${i}) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(numbers.keys);
         let v${i} = scores[wid.x * numbers.stride + min(at${i}, numbers.stride - 1u)];
         let s${i} = select(vec4<f32>(${LOWEST}), v${i}, there${i});`
      )
    }
      let top = max(max(s0, s1), max(s2, s3));
      most[lix] = max(max(top.x, top.y), max(top.z, top.w));
      ${joinTree({ threads: THREADS, join: "most[a] = max(most[a], most[b]);" })}
      let largest = vec4<f32>(most[0]);
      var sum = vec4<f32>();
      var total = vec4<f32>();
      ${
      each((i) =>
        `sum += exp2((s${i} - largest) * numbers.sharpness);
         total += select(vec4<f32>(), v${i}, there${i});`
      )
    }
      sums[lix] = (sum.x + sum.y) + (sum.z + sum.w);
      totals[lix] = (total.x + total.y) + (total.z + total.w);
      ${sumTree(["sums", "totals"], THREADS)}
      if (lix == 0u) {
        partials[wid.x * numbers.slices + numbers.to + wid.y] =
          vec4<f32>(largest.x, sums[0], totals[0], 0.0);
      }`,
  }));
}

const QUERY_THREADS = 64;

/** Statements that end with the product of a query (x) and a row of `name` in `NAME_score`. */
const scoreWith = (name: string) =>
  `var ${name}_sum = 0.0;
  for (var f = lix; f < numbers.width; f += ${QUERY_THREADS}u) {
    ${name}_sum += q[wid.x * numbers.width + f] * ${name}[wid.x * numbers.width + f];
  }
  workgroupBarrier();
  sums[lix] = ${name}_sum;
  ${sumTree(["sums"], QUERY_THREADS)}
  let ${name}_score = sums[0];`;

/**
 * Of each query (x), with what is known of its slices, its key and perhaps one more negative: ends
 * (queries), of the largest score, 1 / sum, the key's share less one, the negative's share; and by rows
 * the loss, the key's score and the mean score of the queue: found (3, queries).
 */
export function endsKernel(extra: boolean): Kernel {
  return kernelOf(`info nce ends ${extra}`, () => ({
    bindings: [
      { name: "q" },
      { name: "own" },
      ...(extra ? [{ name: "beside" }] : []),
      { name: "partials", type: "vec4<f32>" },
      { name: "ends", type: "vec4<f32>", write: true },
      { name: "found", write: true },
    ],
    numbers: ["width: u32", "slices: u32", "sharpness: f32", "inverseTau: f32", "share: f32"],
    workgroup: [QUERY_THREADS],
    declarations: `var<workgroup> sums: array<f32, ${QUERY_THREADS}>;
      var<workgroup> totals: array<f32, ${QUERY_THREADS}>;`,
    main: `${scoreWith("own")}
      ${extra ? scoreWith("beside") : ""}
      var top = ${extra ? "max(own_score, beside_score)" : "own_score"};
      for (var i = lix; i < numbers.slices; i += ${QUERY_THREADS}u) {
        top = max(top, partials[wid.x * numbers.slices + i].x);
      }
      workgroupBarrier();
      totals[lix] = top;
      ${joinTree({ threads: QUERY_THREADS, join: "totals[a] = max(totals[a], totals[b]);" })}
      top = totals[0];
      let eOwn = exp2((own_score - top) * numbers.sharpness);
      let eBeside = ${extra ? "exp2((beside_score - top) * numbers.sharpness)" : "0.0"};
      var sum = select(0.0, eOwn + eBeside, lix == 0u);
      var total = 0.0;
      for (var i = lix; i < numbers.slices; i += ${QUERY_THREADS}u) {
        let slice = partials[wid.x * numbers.slices + i];
        sum += slice.y * exp2((slice.x - top) * numbers.sharpness);
        total += slice.z;
      }
      workgroupBarrier();
      sums[lix] = sum;
      totals[lix] = total;
      ${sumTree(["sums", "totals"], QUERY_THREADS)}
      if (lix == 0u) {
        let inverse = 1.0 / sums[0];
        ends[wid.x] = vec4<f32>(top, inverse, eOwn * inverse - 1.0, eBeside * inverse);
        found[wid.x] = log(sums[0]) + (top - own_score) * numbers.inverseTau;
        found[groups.x + wid.x] = own_score;
        found[2u * groups.x + wid.x] = totals[0] * numbers.share;
      }`,
  }));
}

/** dq from the sums over the queue, in place: sums + missing share of the key, share of the negative. */
export function queryGradientKernel(extra: boolean): Kernel {
  return kernelOf(`info nce gradient ${extra}`, () => ({
    bindings: [
      { name: "sums" },
      { name: "ends", type: "vec4<f32>" },
      { name: "own" },
      ...(extra ? [{ name: "beside" }] : []),
      { name: "dy" },
      { name: "dq", write: true },
    ],
    numbers: ["width: u32", "scale: f32"],
    workgroup: [QUERY_THREADS],
    main: `let end = ends[wid.x];
      let flow = dy[0] * numbers.scale;
      for (var f = lix; f < numbers.width; f += ${QUERY_THREADS}u) {
        let at = wid.x * numbers.width + f;
        dq[at] = flow * (sums[at] + end.z * own[at] ${extra ? "+ end.w * beside[at]" : ""});
      }`,
  }));
}
