/**
 * `parity FILE.json`: trajectories that another implementation recorded, run here and compared.
 *
 * @module
 */
import type { Call, Terminal, Verb } from "../../pipeline/verb.ts";
import { BACKEND_OPTIONS, type BackendChoice, backendChoice } from "./backend_choice.ts";

/** Largest difference that passes, unless another is asked for. */
const TOLERANCE = 2e-3;

/** Compares training with recorded trajectories. */
export const parity: Verb = {
  name: "parity",
  summary: "Run recorded training trajectories and compare every quantity",
  arguments: [{
    name: "FILE",
    summary: "a JSON file of the form that docs/golden_form.md describes",
  }],
  options: {
    ...BACKEND_OPTIONS,
    tolerance: {
      kind: "value",
      value: "X",
      summary: `Largest max|a-b| / max|b| that passes (default: ${TOLERANCE})`,
    },
    "free-running": {
      kind: "flag",
      summary: "Let the backend run on from its own float32 state instead of beginning each step " +
        "at the float64 one; small roundings then grow from step to step",
    },
    json: { kind: "flag", summary: "Print one JSON document on standard output" },
  },
  example: "deno task parity tests/goldens/golden_train.json --backend cpu",
  async run(call) {
    const { terminal } = call;
    const request = requestOf(call);
    if (typeof request === "string") {
      terminal.err(`parity: ${request}\n`);
      return 2;
    }
    const { backend, tolerance } = request;
    const file = call.args.FILE!;
    const { parseTrajectories, TrajectoryFileError } = await import("../parity/trajectory_file.ts");
    let cases;
    try {
      cases = parseTrajectories(await Deno.readTextFile(file), file);
    } catch (error) {
      const known = error instanceof TrajectoryFileError || error instanceof Deno.errors.NotFound ||
        error instanceof Deno.errors.IsADirectory;
      if (!known) throw error;
      const message = error instanceof TrajectoryFileError
        ? error.message
        : `${file}: expected a file, found ${
          error instanceof Deno.errors.NotFound ? "nothing there" : "a folder"
        }`;
      terminal.err(`${message.split("\n").map((line) => `parity: ${line}`).join("\n")}\n`);
      return 2;
    }
    const { resolveDevice } = await import("../tensor/device_class.ts");
    const device = await resolveDevice({ backend, allowSoftware: call.flag("allow-software") });
    const { startBackend } = await import("../tensor/backend.ts");
    const started = await startBackend(device.backend, { allowSoftware: device.software });
    terminal.err(`device: ${started.name} (${device.why})\n`);
    const { checkParity } = await import("../parity/parity_check.ts");
    const { parityText } = await import("../parity/parity_text.ts");
    const results = [];
    for (const recorded of cases) {
      const result = await checkParity(recorded, {
        tolerance,
        freeRunning: call.flag("free-running"),
        onStep: progressOn(terminal, recorded.config.name),
      });
      results.push(result);
      if (!call.flag("json")) terminal.out(`${parityText(result, started.name, tolerance)}\n`);
    }
    const passed = results.every((result) => result.passed);
    if (call.flag("json")) {
      const document = {
        backend: started.name,
        device: started.device,
        tolerance,
        passed,
        cases: results,
      };
      // JSON has no infinity.
      const text = (_: string, value: unknown) => value === Infinity ? "infinite" : value;
      terminal.out(`${JSON.stringify(document, text, 2)}\n`);
    }
    return passed ? 0 : 1;
  },
};

/** The options' values, or what is wrong with them. */
function requestOf(call: Call): { backend: BackendChoice; tolerance: number } | string {
  const choice = backendChoice(call);
  if ("problem" in choice) return choice.problem;
  const text = call.value("tolerance");
  const tolerance = text === undefined ? TOLERANCE : Number(text);
  if (text?.trim() === "" || !(tolerance >= 0)) {
    return `--tolerance: expected a number of at least 0, found ${JSON.stringify(text)}`;
  }
  return { ...choice, tolerance };
}

/** A counter on a terminal, a line a step elsewhere. */
function progressOn(terminal: Terminal, name: string): (done: number, total: number) => void {
  return (done, total) => {
    const line = `${name}: ${done} of ${total} steps`;
    terminal.err(terminal.live ? `\r${line}${done === total ? "\n" : ""}` : `${line}\n`);
  };
}
