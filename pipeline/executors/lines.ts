/**
 * Text in pieces of any size, as whole lines.
 *
 * @module
 */

/** Characters of a line that are kept: what says more in one line says it to nobody. */
const LONGEST = 1 << 20;

/**
 * Splits a stream of text at line ends; the last line counts also without one. A line without end takes
 * no more memory than a long one: what is over is left out, and said so.
 */
export class TextLineStream extends TransformStream<string, string> {
  constructor(longest: number = LONGEST) {
    let line = "";
    let over = 0;
    const add = (piece: string) => {
      const room = longest - line.length;
      line += piece.slice(0, room);
      over += Math.max(0, piece.length - room);
    };
    const take = () => {
      const whole = over === 0 ? line : `${line} ... (${over} more characters left out)`;
      line = "";
      over = 0;
      return whole;
    };
    super({
      transform(piece, controller) {
        let from = 0;
        for (let to = piece.indexOf("\n"); to >= 0; to = piece.indexOf("\n", from)) {
          add(piece.slice(from, to));
          controller.enqueue(take());
          from = to + 1;
        }
        add(piece.slice(from));
      },
      flush(controller) {
        if (line !== "") controller.enqueue(take());
      },
    });
  }
}
