// Frames of a channel: ChaCha20-Poly1305, numbered, the last one marked.
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { ApiError } from "./errors";
import { join, type Bytes } from "./format/bytes";
import { Broken } from "./transport";

export const frameSize = 65536;
const overhead = 16;

/** The size of frames that hold `size` bytes. */
export function sealedSize(size: number): number {
  return size + overhead * Math.max(1, Math.ceil(size / frameSize));
}

function cipher(key: Bytes, id: Bytes, number: number, frame: number, last: boolean) {
  const nonce = new Uint8Array(12);
  const view = new DataView(nonce.buffer);
  view.setUint32(0, Math.floor(number / 2 ** 32));
  view.setUint32(4, number % 2 ** 32);
  view.setUint32(8, frame * 256 + (last ? 1 : 0));
  return chacha20poly1305(key, nonce, id);
}

/** Lets the page breathe: without a JIT a frame takes a tenth of a second, a letter a third. */
export const breathe = () => new Promise<void>((go) => setTimeout(go));

/** Seals `text` into `out`, which has exactly its sealed size. */
export async function sealInto(out: Uint8Array, key: Bytes, id: Bytes, number: number, text: Bytes): Promise<void> {
  const frames = Math.max(1, Math.ceil(text.length / frameSize));
  for (let n = 0; n < frames; n++) {
    const plain = text.subarray(n * frameSize, (n + 1) * frameSize);
    const at = n * (frameSize + overhead);
    cipher(key, id, number, n, n === frames - 1).encrypt(plain, out.subarray(at, at + plain.length + overhead));
    if (n % 4 === 3) await breathe();
  }
}

function openFrame(key: Bytes, id: Bytes, number: number, frame: number, last: boolean, sealed: Uint8Array): Bytes {
  let plain: Bytes;
  try {
    plain = cipher(key, id, number, frame, last).decrypt(sealed) as Bytes;
  } catch {
    throw new ApiError("protocol");
  }
  if (frame > 0 && plain.length === 0) throw new ApiError("protocol");
  return plain;
}

/** Opens all frames of an answer. Nothing is given if any of them fails. */
export async function openAll(key: Bytes, id: Bytes, number: number, sealed: Uint8Array): Promise<Bytes> {
  const whole = frameSize + overhead;
  const frames = Math.max(1, Math.ceil(sealed.length / whole));
  const plain: Bytes[] = [];
  for (let n = 0; n < frames; n++) {
    plain.push(openFrame(key, id, number, n, n === frames - 1, sealed.subarray(n * whole, (n + 1) * whole)));
    if (n % 4 === 3) await breathe();
  }
  return join(plain);
}

/** Opens frames as they come. `announced` is the size that the answer was to have. */
export class FrameReader {
  private held: Uint8Array = new Uint8Array(0);
  private frame = 0;
  private taken = 0;
  private ended = false;
  private done = false;

  constructor(
    private readonly source: ReadableStreamDefaultReader<Uint8Array>,
    private readonly key: Bytes,
    private readonly id: Bytes,
    private readonly number: number,
    private readonly announced = 0,
  ) {}

  /** The next frame's bytes, or null after the last frame. */
  async next(): Promise<Bytes | null> {
    if (this.done) return null;
    const whole = frameSize + overhead;
    // A byte more than a frame tells that it is not the last.
    const pieces = [this.held];
    for (let have = this.held.length; have <= whole && !this.ended; ) {
      const got = await this.source.read();
      if (got.done) this.ended = true;
      else {
        pieces.push(got.value);
        this.taken += got.value.length;
        have += got.value.length;
      }
    }
    if (this.ended && this.taken < this.announced) throw new Broken();
    const all = join(pieces);
    this.done = this.ended && all.length <= whole;
    this.held = all.subarray(Math.min(all.length, whole));
    return openFrame(this.key, this.id, this.number, this.frame++, this.done, all.subarray(0, whole));
  }
}
