/**
 * Lines of a stream of bytes, one at a time.
 *
 * @module
 */

/** The lines that a process prints. */
export class TextLines {
  readonly #reader: ReadableStreamDefaultReader<string>;
  readonly #lines: string[] = [];
  #rest = "";

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  }

  /**
   * The next line, once it is there.
   *
   * @throws {Error} If the stream ends before.
   */
  async next(): Promise<string> {
    while (this.#lines.length === 0) {
      const { done, value } = await this.#reader.read();
      if (done) throw new Error("the process ended before it had answered");
      const lines = (this.#rest + value).split("\n");
      this.#rest = lines.pop()!;
      this.#lines.push(...lines);
    }
    return this.#lines.shift()!;
  }

  /** Reads no more. */
  async close(): Promise<void> {
    await this.#reader.cancel();
  }
}
