// Downloading over connections that break: each one goes on where the one before it ended.
import { ApiError } from "./errors";
import type { Bytes } from "./format/bytes";
import { persist, type Persist } from "./retry";
import { Broken, silence } from "./transport";

export interface Downloading extends Persist {
  progress?: (done: number, total: number) => void;
}

/** Answers with everything from `from` on. */
type Open = (from: number, signal: AbortSignal) => Promise<Response>;

/** The `size` bytes behind `open`, as they come. */
export async function* download(open: Open, size: number, o: Downloading): AsyncGenerator<Bytes> {
  let done = 0;
  while (done < size) {
    for await (const piece of connection(open, done, size, o)) {
      done += piece.length;
      o.progress?.(done, size);
      yield piece;
    }
  }
}

/** One connection's worth of content; returns when the connection breaks. */
async function* connection(open: Open, from: number, size: number, o: Persist): AsyncGenerator<Bytes> {
  const stop = new AbortController();
  const outer = () => stop.abort();
  o.signal?.addEventListener("abort", outer);
  try {
    const begin = () => first(open, from, stop.signal);
    const { reader, piece: begun } = await persist(begin, { ...o, throughLock: true });
    for (let piece: Bytes | null = begun; piece; piece = await next(reader).catch(() => null)) {
      from += piece.length;
      if (from > size) throw new ApiError("protocol");
      yield piece;
    }
  } finally {
    o.signal?.removeEventListener("abort", outer);
    stop.abort();
  }
}

interface Begun {
  reader: ReadableStreamDefaultReader<Bytes>;
  piece: Bytes;
}

/** Asks for the rest and waits for its first bytes, so that an answer without any counts
 * as a failure and is tried again with growing pauses. */
async function first(open: Open, from: number, signal: AbortSignal): Promise<Begun> {
  const answer = await open(from, signal);
  const reader = answer.body!.getReader() as ReadableStreamDefaultReader<Bytes>;
  const piece = await next(reader);
  if (!piece) throw new Broken();
  return { reader, piece };
}

/** The body of an answer as it comes. Whoever stops early ends the connection. */
export async function* pieces(answer: Response): AsyncGenerator<Bytes> {
  const reader = answer.body?.getReader() as ReadableStreamDefaultReader<Bytes> | undefined;
  try {
    for (let piece = reader && (await next(reader)); piece; piece = await next(reader!)) yield piece;
  } finally {
    reader?.cancel().catch(() => undefined);
  }
}

/** The next piece, or null at the end; a connection that went silent counts as broken. */
async function next(reader: ReadableStreamDefaultReader<Bytes>): Promise<Bytes | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silent = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Broken()), silence);
  });
  try {
    const got = await Promise.race([reader.read(), silent]);
    return got.done ? null : got.value;
  } catch {
    throw new Broken();
  } finally {
    clearTimeout(timer);
  }
}
