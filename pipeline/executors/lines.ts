/**
 * Text in pieces of any size, as whole lines.
 *
 * @module
 */

/** Characters of a line that are kept: what says more in one line says it to nobody. */
const LONGEST = 1 << 20;

/**
 * Splits text at line ends. A line without end takes no more memory than a long one: what is over is
 * left out, and said so.
 */
export class LineSplitter {
  readonly #longest: number;
  #line = "";
  #over = 0;

  /**
   * Begins with an empty line.
   *
   * @param longest Characters of a line that are kept.
   */
  constructor(longest: number = LONGEST) {
    this.#longest = longest;
  }

  /** Takes a piece in, and gives the lines that it completes. */
  push(piece: string): string[] {
    const lines: string[] = [];
    let from = 0;
    for (let to = piece.indexOf("\n"); to >= 0; to = piece.indexOf("\n", from)) {
      this.#add(piece.slice(from, to));
      lines.push(this.#take());
      from = to + 1;
    }
    this.#add(piece.slice(from));
    return lines;
  }

  /** The last line, which counts also without an end; none if it is empty. */
  end(): string[] {
    return this.#line === "" ? [] : [this.#take()];
  }

  #add(piece: string): void {
    const room = this.#longest - this.#line.length;
    this.#line += piece.slice(0, room);
    this.#over += Math.max(0, piece.length - room);
  }

  #take(): string {
    const left = this.#over === 0 ? "" : ` ... (${this.#over} more characters left out)`;
    const line = this.#line + left;
    this.#line = "";
    this.#over = 0;
    return line;
  }
}

/** A stream of pieces of text as a stream of lines. */
export class TextLineStream extends TransformStream<string, string> {
  constructor() {
    const splitter = new LineSplitter();
    super({
      transform(piece, controller) {
        for (const line of splitter.push(piece)) controller.enqueue(line);
      },
      flush(controller) {
        for (const line of splitter.end()) controller.enqueue(line);
      },
    });
  }
}
