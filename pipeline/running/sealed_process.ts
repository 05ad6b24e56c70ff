/**
 * Closes, in a stage's process, the two doors of which Deno's permission audit does not tell: the
 * environment, which reads as empty without an error, and starting processes, whose denial a stage's
 * code may swallow. Whoever tries them is heard of.
 *
 * @module
 */

/** Takes in what was tried. */
export type TrespassListener = (permission: "env" | "run", value: string) => void;

/**
 * Seals this process.
 *
 * @param report Told what the stage's own code tried; what npm packages look for in the environment
 * while they load is no news, and reads as empty.
 * @param mayRun Processes may be started.
 */
export function sealProcess(report: TrespassListener, mayRun: boolean): void {
  const { env } = Deno;
  const { get, has, toObject } = env;
  const asked = (name: string) => {
    if (isOwnCode(new Error().stack ?? "")) report("env", name);
  };
  env.get = (name) => (asked(name), get.call(env, name));
  env.has = (name) => (asked(name), has.call(env, name));
  env.toObject = () => (asked("(all of them)"), toObject.call(env));
  if (mayRun) return;
  const refused = class extends Deno.Command {
    constructor(command: string | URL, options?: Deno.CommandOptions) {
      super(command, options);
      report("run", String(command));
    }
  };
  Object.defineProperty(Deno, "Command", { value: refused, configurable: true });
}

/** Whether the first caller that is not Deno itself is a file outside of the npm cache. */
function isOwnCode(stack: string): boolean {
  const callers = stack.split("\n").filter((line) => /^\s+at /.test(line)).slice(2);
  const caller = callers.find((line) => !/\b(ext|node):/.test(line));
  return caller !== undefined && !/\/npm\/|\/node_modules\//.test(caller);
}
