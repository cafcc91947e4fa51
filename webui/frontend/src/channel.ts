// The channel: every request of the API encrypted once more, to the service itself.
// PROTOCOL.md beside the Go implementation is the specification; the vectors are shared.
import "./shim";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { Encrypter } from "age-encryption";
import { ApiError, refusal } from "./errors";
import { FrameReader, openAll, sealInto, sealedSize } from "./frames";
import { join, random, utf8, wipe, type Bytes } from "./format/bytes";
import { answerHead, requestText } from "./heads";
import { announced, watched, type Call, type Transport } from "./transport";

const label = "ashpost/v1/channel";
const route = "/api/v1/channel";
const stateRoute = "/api/v1/service";
const idSize = 16;

/** A transport that sends everything but the request for the service's state through a
 * channel. `address` is the host the page came from. */
export function channelTransport(base: Transport, address: string): Transport {
  let recipient = "";
  let current: Promise<Channel> | null = null;

  const state = async (call: Call): Promise<Response> => {
    const answer = await base(call);
    const said = (await answer.clone().json().catch(() => ({}))) as { channel?: unknown };
    if (typeof said.channel === "string") recipient = said.channel;
    return answer;
  };
  const open = async (fresh: boolean): Promise<Channel> => {
    if (fresh || recipient === "") {
      recipient = "";
      const answer = await state({ method: "GET", path: stateRoute });
      if (!answer.ok) throw await refusal(answer);
      if (recipient === "") throw new ApiError("protocol");
    }
    return newChannel(address, recipient);
  };
  return async (call) => {
    if (call.path === stateRoute) return state(call);
    const text = requestText(call);
    for (let again = false; ; again = true) {
      const pending = (current ??= open(again));
      const forget = () => {
        if (current === pending) current = null;
      };
      const channel = await pending.catch((e: unknown) => {
        forget();
        throw e;
      });
      const answer = await channel.send(base, call, text);
      if (answer) return answer;
      forget();
      if (again) throw new ApiError("protocol");
    }
  };
}

async function newChannel(address: string, recipient: string): Promise<Channel> {
  const age = new Encrypter();
  try {
    age.addRecipient(recipient);
  } catch {
    throw new ApiError("protocol");
  }
  const k1 = random(32);
  const text = join([utf8(label), k1]);
  try {
    const opening = (await age.encrypt(text)) as Bytes;
    return new Channel(k1, address, recipient, opening);
  } finally {
    wipe(k1, text);
  }
}

/** The client's end of one channel. */
export class Channel {
  readonly id: Bytes;
  readonly clientKey: Bytes;
  readonly serviceKey: Bytes;
  private next = 0;
  private answered = false;

  constructor(k1: Bytes, address: string, recipient: string, private readonly opening: Bytes) {
    const transcript = join([prefixed(address), prefixed(recipient), opening]);
    const salt = sha256(transcript);
    const derive = (direction: string) => hkdf(sha256, k1, salt, utf8(label + direction), 32) as Bytes;
    this.id = sha256(opening).slice(0, idSize) as Bytes;
    this.clientKey = derive("/client");
    this.serviceKey = derive("/service");
  }

  /** Sends one request. Null says that the service cannot open the channel. */
  async send(base: Transport, call: Call, text: Bytes): Promise<Response | null> {
    const number = this.next++;
    const body = await this.record(number, !this.answered, text);
    const more = body.length - (call.body?.length ?? 0);
    const answer = await base({
      method: "POST",
      path: route,
      headers: { "Content-Type": "application/octet-stream" },
      body,
      signal: call.signal,
      stream: call.stream ?? false,
      sent: call.sent && ((bytes) => call.sent?.(Math.max(0, bytes - more))),
    });
    if (answer.status !== 200) return outside(answer);
    const inner = call.stream ? await this.streamed(answer, number, call.signal) : await this.whole(answer, number);
    this.answered = true;
    return inner;
  }

  /** A request sealed under a number of its own. It yields between frames: without a JIT a
   * part takes seconds. */
  async record(number: number, first: boolean, text: Bytes): Promise<Bytes> {
    const head = new Uint8Array(2 + idSize + 8);
    head.set([1, first ? 1 : 0]);
    head.set(this.id, 2);
    writeNumber(head, 2 + idSize, number);
    const start = head.length + (first ? this.opening.length : 0);
    const out = new Uint8Array(start + sealedSize(text.length));
    out.set(head);
    if (first) out.set(this.opening, head.length);
    await sealInto(out.subarray(start), this.clientKey, this.id, number, text);
    return out;
  }

  private async whole(answer: Response, number: number): Promise<Response> {
    const sealed = new Uint8Array(await answer.arrayBuffer());
    const { status, headers, rest, length } = answerHead(await openAll(this.serviceKey, this.id, number, sealed));
    if (rest.length !== (length ?? rest.length)) throw new ApiError("protocol");
    return new Response(status === 204 ? null : rest, { status, headers });
  }

  /** The answer as it comes: each frame is opened before any of it is given on. */
  private async streamed(answer: Response, number: number, outer: AbortSignal | undefined): Promise<Response> {
    const source = answer.body?.getReader();
    if (!source) throw new ApiError("protocol");
    const frames = new FrameReader(source, this.serviceKey, this.id, number, announced(answer.headers));
    const leave = () => void source.cancel().catch(() => undefined);
    outer?.addEventListener("abort", leave, { once: true });
    // The answer has begun, which ended the watch over it: its head may still not come.
    const { status, headers, rest, length } = await watched(outer, async (signal) => {
      if (signal.aborted) leave();
      signal.addEventListener("abort", leave);
      return answerHead((await frames.next()) ?? new Uint8Array(0));
    }).catch((e: unknown) => {
      leave();
      throw e;
    });
    let got = rest.length;
    const body = new ReadableStream<Bytes>(
      {
        start: (to) => {
          if (rest.length > 0) to.enqueue(rest);
        },
        pull: async (to) => {
          const frame = await frames.next();
          got += frame?.length ?? 0;
          if (length !== null && (got > length || (!frame && got < length))) throw new ApiError("protocol");
          if (frame) to.enqueue(frame);
          else to.close();
        },
        cancel: () => source.cancel(),
      },
      { highWaterMark: 0 },
    );
    return new Response(body, { status, headers });
  }
}

/** Judges an answer from outside of the channel, which anybody between could have made. */
async function outside(answer: Response): Promise<Response | null> {
  const text = await answer.text();
  let code: unknown;
  try {
    code = (JSON.parse(text) as { code?: unknown }).code;
  } catch {
    throw new ApiError("protocol");
  }
  if (code === "channel") return null;
  if (code !== "busy" && code !== "internal") throw new ApiError("protocol");
  const retry = answer.headers.get("Retry-After");
  return new Response(text, { status: answer.status, headers: retry === null ? {} : { "Retry-After": retry } });
}

function prefixed(text: string): Bytes {
  const bytes = utf8(text);
  return join([Uint8Array.of(bytes.length >> 8, bytes.length & 255), bytes]);
}

function writeNumber(to: Uint8Array, at: number, n: number): void {
  const view = new DataView(to.buffer, to.byteOffset);
  view.setUint32(at, Math.floor(n / 2 ** 32));
  view.setUint32(at + 4, n % 2 ** 32);
}
