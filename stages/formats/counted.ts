/**
 * Numbers of things in messages.
 *
 * @module
 */

/** `1 frame`, `2 frames`; a plural that is not formed with s is given. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
