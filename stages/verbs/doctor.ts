/**
 * `doctor`: what this machine has, what will be used and why, and what to install to do better.
 *
 * @module
 */
import type { Verb } from "../../pipeline/verb.ts";

const BACKENDS = ["auto", "cpu", "simd", "webgpu"] as const;

/** Looks at the machine and advises. */
export const doctor: Verb = {
  name: "doctor",
  summary: "Say what this machine has, what will be used and why, and what to install",
  arguments: [],
  options: {
    json: { kind: "flag", summary: "Print one JSON document on standard output" },
    backend: {
      kind: "value",
      value: "NAME",
      summary: "Ask for auto (default), cpu, simd or webgpu",
    },
    "allow-software": { kind: "flag", summary: "Let webgpu use a software adapter" },
    store: { kind: "value", value: "DIR", summary: "The folder of results whose disk is meant" },
  },
  example: "deno task doctor",
  async run(call) {
    const given = call.value("backend") ?? "auto";
    const backend = BACKENDS.find((name) => name === given);
    if (backend === undefined) {
      call.terminal.err(
        `doctor: --backend: expected ${BACKENDS.join(", ")}, found ${JSON.stringify(given)}\n`,
      );
      return 2;
    }
    const { machineReport } = await import("../doctor/machine_report.ts");
    const { adviceFor } = await import("../doctor/advice.ts");
    const report = await machineReport({
      deno: call.deno,
      storeFolder: call.store,
      request: { backend, allowSoftware: call.flag("allow-software") },
    });
    const advice = adviceFor(report);
    if (call.flag("json")) {
      call.terminal.out(`${JSON.stringify({ ...report, advice }, undefined, 2)}\n`);
    } else {
      const { reportText } = await import("../doctor/report_text.ts");
      call.terminal.out(reportText(report, advice, call.terminal.columns));
    }
    return "chosen" in report.device ? 0 : 1;
  },
};
