// Reads exact lengths from pieces of any length.
import { join, type Bytes } from "./bytes";
import { damaged } from "./errors";

export class Input {
  /** Bytes read so far. */
  taken = 0;
  private held: Bytes = new Uint8Array(0);

  constructor(private readonly source: AsyncIterator<Bytes>) {}

  async take(length: number): Promise<Bytes> {
    return join(await this.pieces(length));
  }

  /** The next `length` bytes, as views of the pieces they came in. */
  async pieces(length: number): Promise<Bytes[]> {
    const out: Bytes[] = [];
    while (length > 0) {
      if (this.held.length === 0 && !(await this.more())) throw damaged("it ends too early");
      const piece = this.held.subarray(0, length);
      this.held = this.held.subarray(piece.length);
      this.taken += piece.length;
      length -= piece.length;
      out.push(piece);
    }
    return out;
  }

  /** Everything that is left, as it comes. */
  async *rest(): AsyncGenerator<Bytes> {
    do {
      const piece = this.held;
      this.held = new Uint8Array(0);
      this.taken += piece.length;
      if (piece.length > 0) yield piece;
    } while (await this.more());
  }

  private async more(): Promise<boolean> {
    const next = await this.source.next();
    if (next.done) return false;
    this.held = next.value;
    return true;
  }
}
