/**
 * The kernels of attention backward; see `attention_kernels.ts`.
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

/**
 * The queries' gradient, by blocks of queries, into the first third of dParts; and of every row its level,
 * the sum of dMixed mixed, times the inverse sum, for the other kernel: levels (bodies, heads, tokens).
 */
export function queryGradientKernel(tokens: number, depth: number): HeadKernel {
  const tile = headTile(tokens, depth, true);
  const type = rowType(tile);
  return headKernel("attend gradient of queries", tokens, tile, () => ({
    bindings: [
      { name: "parts", type },
      { name: "mixed", type },
      { name: "ends", type: "vec2<f32>" },
      { name: "dMixed", type },
      { name: "levels", write: true },
      { name: "dParts", type, write: true },
    ],
    numbers: NUMBERS,
    workgroup: [tile.threads],
    declarations: [
      ...["parts", "mixed", "dMixed"].map((name) => rowReader(name, tile)),
      metMemory("keys", tile),
      metMemory("values", tile),
    ].join("\n"),
    main: queryGradientText(tile),
  }));
}

function queryGradientText(tile: HeadTile): string {
  const { depth, vectors, per, unrolled, whole } = tile;
  const each = lines(unrolled, (u) =>
    `{
    ${
      lines(vectors, (c) =>
        `let k${c} = keys[group][${u * vectors + c}];
       let v${c} = values[group][${u * vectors + c}];`)
    }
    ${
      lines(per, (p) => {
        const share = `exp2(s${p})`;
        return `${dotOf(tile, `q${p}_`, "k", `s${p}`, `-ends${p}.x`)}
        ${dotOf(tile, `f${p}_`, "v", `t${p}`, `-level${p}`)}
        let w${p} = t${p} * ${
          whole || u === 0 ? share : `select(0.0, ${share}, token0 + ${u}u < numbers.tokens)`
        };
        ${lines(vectors, (c) => `dq${p}_${c} = fma(vec4<f32>(w${p}), k${c}, dq${p}_${c});`)}`;
      })
    }
  }`);
  return `${place(tile)}
    ${
    lines(per, (p) =>
      `let ends${p} = ends[end${p}];
      let flow${p} = row${p} * numbers.width + column;
      ${
        lines(vectors, (c) =>
          `let q${p}_${c} = load_parts(row${p} * width3 + column, ${c}u) * ${powers(depth)};
         let f${p}_${c} = load_dMixed(flow${p}, ${c}u);
         let m${p}_${c} = load_mixed(flow${p}, ${c}u);
         var dq${p}_${c} = vec4<f32>();`)
      }
      ${dotOf(tile, `f${p}_`, `m${p}_`, `level${p}`)}`)
  }
    ${
    overTokens(
      tile,
      `let at = (first + token) * width3 + numbers.width + column;
       keys[group][place] = load_parts(at, c);
       values[group][place] = load_parts(at + numbers.width, c);`,
      each,
    )
  }
    ${
    lines(per, (p) =>
      `if (own${p} < numbers.tokens) {
      levels[end${p}] = level${p} * ends${p}.y;
      let at = row${p} * width3 + column;
      let share = ends${p}.y * ${depth ** -0.5};
      ${lines(vectors, (c) => storeRow("dParts", tile, "at", c, `dq${p}_${c} * share`))}
    }`)
  }`;
}

/**
 * The keys' and the values' gradients, by blocks of keys, into the other two thirds of dParts. Rows of dMixed
 * come times the inverse sum, so that weights need not be multiplied by it; beyond the last token they are
 * zeros.
 */
export function keyGradientKernel(tokens: number, depth: number): HeadKernel {
  const tile = headTile(tokens, depth, true);
  const type = rowType(tile);
  const { unrolled, met } = tile;
  return headKernel("attend gradient of keys", tokens, tile, () => ({
    bindings: [
      { name: "parts", type },
      { name: "ends", type: "vec2<f32>" },
      { name: "dMixed", type },
      { name: "levels" },
      { name: "dParts", type, write: true },
    ],
    numbers: NUMBERS,
    workgroup: [tile.threads],
    declarations: [
      ...["parts", "dMixed"].map((name) => rowReader(name, tile)),
      metMemory("queries", tile),
      metMemory("flows", tile),
      `var<workgroup> marks: array<array<vec2<f32>, ${unrolled}>, ${met / unrolled}>;`,
    ].join("\n"),
    main: keyGradientText(tile),
  }));
}

function keyGradientText(tile: HeadTile): string {
  const { depth, vectors, per, unrolled, met, threads } = tile;
  const each = lines(unrolled, (u) =>
    `{
    let mark = marks[group][${u}];
    ${
      lines(vectors, (c) =>
        `let q${c} = queries[group][${u * vectors + c}];
       let f${c} = flows[group][${u * vectors + c}];`)
    }
    ${
      lines(per, (p) =>
        `${dotOf(tile, `k${p}_`, "q", `s${p}`, "-mark.x")}
      ${dotOf(tile, `v${p}_`, "f", `t${p}`, "-mark.y")}
      let e${p} = exp2(s${p});
      let w${p} = e${p} * t${p};
      ${
          lines(vectors, (c) =>
            `dv${p}_${c} = fma(vec4<f32>(e${p}), f${c}, dv${p}_${c});
         dk${p}_${c} = fma(vec4<f32>(w${p}), q${c}, dk${p}_${c});`)
        }`)
    }
  }`);
  return `${place(tile)}
    ${
    lines(per, (p) =>
      `let at${p} = row${p} * width3 + numbers.width + column;
      ${
        lines(vectors, (c) =>
          `let k${p}_${c} = load_parts(at${p}, ${c}u) * ${powers(depth)};
         let v${p}_${c} = load_parts(at${p} + numbers.width, ${c}u);
         var dk${p}_${c} = vec4<f32>();
         var dv${p}_${c} = vec4<f32>();`)
      }`)
  }
    ${
    overTokens(
      tile,
      `queries[group][place] = load_parts((first + token) * width3 + column, c);
       let there = select(0.0, ends[firstEnd + token].y, start + e / ${vectors}u < numbers.tokens);
       flows[group][place] = load_dMixed((first + token) * numbers.width + column, c) * there;`,
      each,
      lines(Math.ceil(met / threads), (i) =>
        `if (lix + ${i * threads}u < ${met}u) {
        let e = lix + ${i * threads}u;
        let at = firstEnd + min(start + e, numbers.tokens - 1u);
        let there = start + e < numbers.tokens;
        marks[e / ${unrolled}u][e % ${unrolled}u] =
          vec2<f32>(ends[at].x, select(0.0, levels[at], there));
      }`),
    )
  }
    ${
    lines(per, (p) =>
      `if (own${p} < numbers.tokens) {
      ${
        lines(vectors, (c) =>
          storeRow("dParts", tile, `at${p}`, c, `dk${p}_${c} * ${depth ** -0.5}`) +
          storeRow("dParts", tile, `(at${p} + numbers.width)`, c, `dv${p}_${c}`))
      }
    }`)
  }`;
}
