/**
 * The Deno version this project is tested with: the only place that says it in code. `README.md`,
 * `package.json` and the CI script name the same one, which a test checks.
 *
 * @module
 */

/** The version, as `Deno.version.deno` writes it. */
export const PINNED_DENO = "2.9.6";

/**
 * What to say about a Deno of another version.
 *
 * @param running The version in use.
 * @returns One sentence, or nothing when it is the pinned one.
 */
export function versionNotice(running: string): string | undefined {
  if (running === PINNED_DENO) return undefined;
  return `this is Deno ${running}; the project is tested with ${PINNED_DENO}, and results of ` +
    `different versions are cached apart. To use that one: npx -y deno@${PINNED_DENO} task ...`;
}
