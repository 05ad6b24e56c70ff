import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { fitScale } from "../../../stages/charts/axes.ts";
import { barChart } from "../../../stages/charts/bar_chart.ts";
import { heatMap } from "../../../stages/charts/heat_map.ts";
import { type LineChart, lineChart } from "../../../stages/charts/line_chart.ts";
import { seriesStyle, shareColor } from "../../../stages/charts/palette.ts";
import { fitText, textWidth } from "../../../stages/charts/svg.ts";
import { assertWellFormed } from "./well_formed.ts";

const NASTY = `a < b & "c" > d\u0001`;

function chart(points: readonly (readonly [number, number])[], scale: "linear" | "log"): LineChart {
  return {
    title: NASTY,
    description: NASTY,
    x: { label: "step" },
    panels: [{
      title: NASTY,
      y: { label: "loss", scale },
      series: [{ name: NASTY, points }, { name: "other", points: [] }],
      references: [{ name: "chance A", value: 5.5 }, { name: "chance B", value: 5.501 }],
    }],
  };
}

Deno.test("lineChart() is well-formed whatever the names and numbers are, and says title and description", () => {
  for (const scale of ["linear", "log"] as const) {
    for (
      const points of [
        [],
        [[1, 2]],
        [[1, 2], [2, NaN], [3, -1], [4, 0]],
        [[1, 3], [1, 3]],
        [[0, 1e-9], [5, 1e9]],
        [[1, Infinity], [2, 7]],
      ] as [number, number][][]
    ) {
      const svg = lineChart(chart(points, scale));
      const counts = assertWellFormed(svg);
      assertEquals([counts.get("title"), counts.get("desc")], [1, 1]);
      assertStringIncludes(svg, `<title id="title">a &lt; b &amp; &quot;c&quot; &gt; d</title>`);
    }
  }
});

Deno.test("charts of equal data are equal bytes and load nothing", () => {
  const data = chart([[1, 5], [2, 4], [3, 4.5]], "linear");
  const svg = lineChart(data);
  assertEquals(lineChart(structuredClone(data)), svg);
  assert(!/href|url\(|@import|<script|<style/.test(svg));
});

Deno.test("lineChart() breaks a line where a value is missing and marks a lonely point", () => {
  const svg = lineChart(
    chart([[1, 1], [2, 2], [3, NaN], [4, 3], [5, 4], [6, NaN], [7, 5]], "linear"),
  );
  const path = /d="(M[^"]*)" fill="none"/.exec(svg)![1]!;
  assertEquals(path.match(/M/g)!.length, 3);
  assertEquals(svg.match(/<circle/g)!.length, 1);
});

Deno.test("lineChart() gives reference lines that almost touch one label", () => {
  assertStringIncludes(lineChart(chart([[1, 1], [2, 9]], "linear")), "chance B; chance A");
});

Deno.test("fitScale() puts larger values further along, and shows no value that is not positive on a log axis", () => {
  const linear = fitScale({ label: "x" }, [0, 10], [0, 100], 5);
  assertEquals([linear.at(0), linear.at(5), linear.at(10)], [0, 50, 100]);
  assertEquals(linear.ticks.map((tick) => tick.label), ["0", "2", "4", "6", "8", "10"]);
  const log = fitScale({ label: "x", scale: "log" }, [-1, 0, 0.01, 100], [0, 100], 6);
  assertEquals(log.ticks.map((tick) => tick.label), ["0.01", "0.1", "1", "10", "100"]);
  assertEquals([log.shows(0), log.shows(-3), log.shows(0.5), log.shows(NaN)], [
    false,
    false,
    true,
    false,
  ]);
});

Deno.test("heatMap() merges equal neighbours and states shares where there is room", () => {
  const base = {
    title: NASTY,
    description: "d",
    rowLabel: "true",
    columnLabel: "predicted",
    rows: ["a", "b"],
    columns: ["a", "b"],
    legend: "of the class",
  };
  const svg = heatMap({ ...base, values: [1, 0, NaN, NaN] });
  assertWellFormed(svg);
  assertStringIncludes(svg, ">100</text>");
  const whole = heatMap({ ...base, values: [0.5, 0.5, 0.5, 0.5] });
  assertEquals(whole.match(/M\d+ \d+h60v30h-60z/g)!.length, 2);
  assertThrows(() => heatMap({ ...base, values: [1] }), RangeError, "need 4 values, 1");
});

Deno.test("heatMap() of 120 classes stays below 60 kB when most cells are empty", () => {
  const n = 120, names = Array.from({ length: n }, (_, i) => `class ${i + 1}`);
  const values = new Float64Array(n * n);
  for (let r = 0; r < n; r++) {
    values[r * n + r] = 0.8;
    for (const c of [3, 7, 11]) values[r * n + ((r + c) % n)] = 0.2 / 3;
  }
  const svg = heatMap({
    title: "t",
    description: "d",
    rowLabel: "true",
    columnLabel: "predicted",
    rows: names,
    columns: names,
    values,
    legend: "l",
  });
  assertWellFormed(svg);
  assert(svg.length < 60_000, `${svg.length} bytes`);
});

Deno.test("barChart() draws a bar of its value's length, its error bar and its label", () => {
  const svg = barChart({
    title: NASTY,
    description: "d",
    x: { label: "%", domain: [0, 100] },
    series: ["last"],
    groups: [{ name: "half", bars: [{ series: 0, value: 50, error: 5, label: "50 ± 5" }] }, {
      name: "none",
      bars: [],
    }],
    references: [{ name: "chance", value: 10 }],
  });
  assertWellFormed(svg);
  assertStringIncludes(svg, ">50 ± 5</text>");
  const color = seriesStyle(0).color;
  const bars = [...svg.matchAll(/<rect x="([\d.]+)"[^>]* width="([\d.]+)"[^>]* fill="([^"]+)"/g)];
  const bar = bars.filter((m) => m[3] === color).at(-1)!;
  const axis = /M([\d.]+) [\d.]+h([\d.]+)" stroke="#6e7781"/.exec(svg)!;
  assertEquals(Number(bar[2]) / Number(axis[2]), 0.5);
});

Deno.test("series styles differ and shares darken", () => {
  const styles = Array.from({ length: 28 }, (_, i) => JSON.stringify(seriesStyle(i)));
  assertEquals(new Set(styles).size, 28);
  const lightness = (hex: string) => parseInt(hex.slice(1, 3), 16) + parseInt(hex.slice(3, 5), 16);
  let before = Infinity;
  for (let share = 0; share <= 1; share += 0.05) {
    assert(lightness(shareColor(share)) < before);
    before = lightness(shareColor(share));
  }
});

Deno.test("fitText() shortens only what is too wide", () => {
  assertEquals(fitText("short", 500), "short");
  const cut = fitText("a rather long name of a class", 80);
  assert(cut.endsWith("…") && textWidth(cut) <= 80);
});
