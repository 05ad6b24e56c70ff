/**
 * `.skeleton` texts made line by line, for tests that break one thing in them.
 *
 * @module
 */

/** The coordinate of an axis of a joint that {@link skeletonLines} writes: exact in float32. */
export function coordinate(frame: number, body: number, joint: number, axis: number): number {
  return 1 + frame * 4 + body * 0.5 + joint * 0.015625 + axis * 32;
}

/**
 * The lines of a recording.
 *
 * @param bodies Number of bodies in each frame.
 */
export function skeletonLines(bodies: readonly number[]): string[] {
  const lines = [String(bodies.length)];
  bodies.forEach((count, frame) => {
    lines.push(String(count));
    for (let body = 0; body < count; body++) {
      lines.push(`7205759403793110${body + 1} 0 1 1 1 1 0 0.02764709 -0.05745083 2`, "25");
      for (let joint = 0; joint < 25; joint++) {
        const xyz = [0, 1, 2].map((axis) => coordinate(frame, body, joint, axis)).join(" ");
        lines.push(`${xyz} 277.419 191.8218 1036.233 519.1677 -0.20594 0.0535 0.9692 -1.2E-05 2`);
      }
    }
  });
  return lines;
}

/** Lines as a file. */
export function textOf(lines: readonly string[], lineEnd = "\n"): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(lines.map((line) => line + lineEnd).join(""));
}
