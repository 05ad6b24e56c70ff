/**
 * The kernels of attention between its dense layers, softmax(q k^T / sqrt(d)) v for each head of each body:
 * forward with a running maximum and sum, and backward from the maxima and inverse sums that the forward
 * pass kept, with the weights computed again. So memory grows with tokens, never with their square, and
 * as every row's sums are one thread's, in the order of tokens, the bytes are the same on every run.
 *
 * A pair of tokens at depth d takes 4 d operations forward, 6 d for the queries' gradient and 8 d for the
 * keys' and values'. Rows of the own block are read once and those met once for each block, of which a clip
 * of 400 tokens has one or two: 70 to 130 operations a byte of the device's memory at any depth. A read of
 * four numbers from workgroup memory serves 4, 6 and 8 multiply-adds of each row that a thread holds; with
 * the eight (backward four) rows of shallow heads on a GPU that is 32, with the two and one of heads of 32
 * numbers 8. An exponential goes with 2 d, 3 d and 4 d multiply-adds.
 *
 * @module
 */
import {
  dotOf,
  type HeadKernel,
  headKernel,
  type HeadTile,
  headTile,
  lines,
  metMemory,
  NUMBERS,
  overTokens,
  place,
  powers,
  rowReader,
  rowType,
  storeRow,
} from "./attention_text.ts";

/** Below every score, yet a number. */
const LOWEST = "-1e30";

/**
 * parts (bodies tokens, 3 D) -> mixed (bodies tokens, D), and of every row its largest score, as a power
 * of two, and 1 / sum: ends (bodies, heads, tokens, 2).
 */
export function attendKernel(tokens: number, depth: number): HeadKernel {
  const tile = headTile(tokens, depth, false);
  return headKernel("attend", tokens, tile, () => ({
    bindings: [
      { name: "parts", type: rowType(tile) },
      { name: "mixed", type: rowType(tile), write: true },
      { name: "ends", type: "vec2<f32>", write: true },
    ],
    numbers: NUMBERS,
    workgroup: [tile.threads],
    declarations: [rowReader("parts", tile), metMemory("keys", tile), metMemory("values", tile)]
      .join("\n"),
    main: attendText(tile),
  }));
}

function attendText(tile: HeadTile): string {
  const { depth, vectors, per, unrolled, whole } = tile;
  const all = (text: (p: number, c: number) => string) =>
    lines(per, (p) => lines(vectors, (c) => text(p, c)));
  const scores = lines(unrolled, (u) => `
    ${lines(per, (p) => `var s${p}_${u}: f32;`)}
    {
      ${lines(vectors, (c) => `let k${c} = keys[group][${u * vectors + c}];`)}
      ${
    lines(per, (p) =>
      `${dotOf(tile, `q${p}_`, "k", `d${p}`)}
       s${p}_${u} = ${
        whole || u === 0 ? `d${p}` : `select(${LOWEST}, d${p}, token0 + ${u}u < numbers.tokens)`
      };`)
  }
    }`);
  const grow = lines(per, (p) => `
    let top${p} = max(most${p}, ${
    Array.from({ length: unrolled }, (_, u) => `s${p}_${u}`)
      .reduce((a, b) => `max(${a}, ${b})`)
  });
    let fade${p} = exp2(most${p} - top${p});
    most${p} = top${p};
    sum${p} *= fade${p};
    ${lines(vectors, (c) => `o${p}_${c} *= fade${p};`)}`);
  const add = lines(unrolled, (u) =>
    `{
    ${lines(vectors, (c) => `let v${c} = values[group][${u * vectors + c}];`)}
    ${
      lines(per, (p) =>
        `let e${p} = exp2(s${p}_${u} - top${p});
      sum${p} += e${p};
      ${lines(vectors, (c) => `o${p}_${c} = fma(vec4<f32>(e${p}), v${c}, o${p}_${c});`)}`)
    }
  }`);
  return `${place(tile)}
    ${
    all((p, c) =>
      `let q${p}_${c} = load_parts(row${p} * width3 + column, ${c}u) * ${powers(depth)};
      var o${p}_${c} = vec4<f32>();`
    )
  }
    ${lines(per, (p) => `var most${p} = ${LOWEST}; var sum${p} = 0.0;`)}
    ${
    overTokens(
      tile,
      `let at = (first + token) * width3 + numbers.width + column;
       keys[group][place] = load_parts(at, c);
       values[group][place] = load_parts(at + numbers.width, c);`,
      `${scores}\n${grow}\n${add}`,
    )
  }
    ${
    lines(per, (p) =>
      `if (own${p} < numbers.tokens) {
      let inverse = 1.0 / sum${p};
      ends[end${p}] = vec2<f32>(most${p}, inverse);
      let at = row${p} * numbers.width + column;
      ${lines(vectors, (c) => storeRow("mixed", tile, "at", c, `o${p}_${c} * inverse`))}
    }`)
  }`;
}
