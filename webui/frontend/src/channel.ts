// The channel: every request of the API encrypted once more, to the service itself.
// PROTOCOL.md beside the Go implementation is the specification; the vectors are shared.
import "./shim";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { Encrypter } from "age-encryption";
import { ApiError } from "./errors";
import { FrameReader, openAll, sealInto, sealedSize } from "./frames";
import { join, random, utf8, wipe, type Bytes } from "./format/bytes";
import { isRecipient } from "./format/hybrid";
import { answerHead, requestText } from "./heads";
import { brief, codeIn, refusal } from "./refusal";
import { announced, response, watched, type Call, type Transport } from "./transport";

const label = "ashpost/v1/channel";
const route = "/api/v1/channel";
const stateRoute = "/api/v1/service";
export const idSize = 16;

/** A transport that sends everything but the request for the service's state through a
 * channel. `address` is the host the page came from. */
export function channelTransport(base: Transport, address: string): Transport {
  return carried(base, (again) => openChannel(base, address, again));
}

/** Gives what is to carry a request: a channel, or the service's refusal to begin one. Null
 * says that it does not open. `again` says that the one before did not. */
export type Opener = (again: boolean) => Promise<Channel | Response | null>;

/** Sends calls through what `open` gives, once more when the service cannot open it. Parallel
 * calls wait for one opening. */
export function carried(base: Transport, open: Opener): Transport {
  let current: ReturnType<Opener> | null = null;
  return async (call) => {
    if (call.path === stateRoute) return stateOf(base).ask(call);
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
      if (channel instanceof Channel) {
        const answer = await channel.send(base, call, text);
        if (answer) return answer;
      }
      forget();
      if (channel instanceof Response) return channel.clone(); // others wait for it, too
      if (again) throw new ApiError("protocol");
    }
  };
}

/** What the service said last of its recipient. */
class State {
  private recipient = "";
  constructor(private readonly base: Transport) {}

  async ask(call: Call): Promise<Response> {
    const answer = await this.base(call);
    const said = (await answer.clone().json().catch(() => null)) as { channel?: unknown } | null;
    if (typeof said?.channel === "string") this.recipient = said.channel;
    return answer;
  }

  async to(fresh: boolean): Promise<string> {
    if (fresh || this.recipient === "") {
      this.recipient = "";
      const answer = await this.ask({ method: "GET", path: stateRoute });
      if (!answer.ok) throw await refusal(answer);
      if (this.recipient === "") throw new ApiError("protocol");
    }
    return this.recipient;
  }
}

const states = new WeakMap<Transport, State>();

/** Transports over one base share what was said: a page asks once. */
function stateOf(base: Transport): State {
  const known = states.get(base) ?? new State(base);
  states.set(base, known);
  return known;
}

/** Makes a channel, whose opening travels with its first request. */
export async function openChannel(base: Transport, address: string, fresh: boolean): Promise<Channel> {
  const recipient = await stateOf(base).to(fresh);
  if (!isRecipient(recipient)) throw new ApiError("protocol"); // age would take weaker ones
  const age = new Encrypter();
  age.addRecipient(recipient);
  const k1 = random(32);
  const text = join([utf8(label), k1]);
  try {
    const opening = (await age.encrypt(text)) as Bytes;
    return new Channel(channelKeys(k1, address, recipient, opening), opening);
  } finally {
    wipe(k1, text);
  }
}

/** What both ends derive: keys for the two directions, and what sessions inside of a channel
 * are bound to. A session has no `export`. */
export interface Keys {
  id: Bytes;
  client: Bytes;
  service: Bytes;
  transcript: Bytes;
  export?: Bytes;
}

export function channelKeys(k1: Bytes, address: string, recipient: string, opening: Bytes): Keys {
  const transcript = digest(prefixed(address), prefixed(recipient), opening);
  return {
    id: digest(opening).slice(0, idSize),
    transcript,
    export: expand(k1, transcript, label + "/session"),
    ...directions(k1, transcript, label),
  };
}

export function directions(secret: Bytes, transcript: Bytes, label: string): Pick<Keys, "client" | "service"> {
  return { client: expand(secret, transcript, label + "/client"), service: expand(secret, transcript, label + "/service") };
}

/** The client's end of one channel, or of one session, which has no opening. */
export class Channel {
  private next = 0;
  private answered: boolean;

  constructor(readonly keys: Keys, private readonly opening: Bytes = new Uint8Array(0)) {
    this.answered = opening.length === 0;
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
    if (answer.status !== 200) return outside(answer, call.signal);
    const inner = call.stream ? await this.streamed(answer, number, call.signal) : await this.whole(answer, number);
    this.answered = true;
    return inner;
  }

  /** A request sealed under a number of its own. It yields between frames: without a JIT a
   * part takes seconds. */
  async record(number: number, first: boolean, text: Bytes): Promise<Bytes> {
    const head = new Uint8Array(2 + idSize + 8);
    head.set([1, first ? 1 : 0]);
    head.set(this.keys.id, 2);
    writeNumber(head, 2 + idSize, number);
    const start = head.length + (first ? this.opening.length : 0);
    const out = new Uint8Array(start + sealedSize(text.length));
    out.set(head);
    if (first) out.set(this.opening, head.length);
    await sealInto(out.subarray(start), this.keys.client, this.keys.id, number, text);
    return out;
  }

  private async whole(answer: Response, number: number): Promise<Response> {
    const sealed = new Uint8Array(await answer.arrayBuffer());
    const { status, headers, rest, length } = answerHead(await openAll(this.keys.service, this.keys.id, number, sealed));
    if (rest.length !== (length ?? rest.length)) throw new ApiError("protocol");
    return response(status === 204 && rest.length === 0 ? null : rest, status, headers);
  }

  /** The answer as it comes: each frame is opened before any of it is given on. */
  private async streamed(answer: Response, number: number, outer: AbortSignal | undefined): Promise<Response> {
    const source = answer.body?.getReader();
    if (!source) throw new ApiError("protocol");
    const frames = new FrameReader(source, this.keys.service, this.keys.id, number, announced(answer.headers));
    const leave = () => void source.cancel().catch(() => undefined);
    outer?.addEventListener("abort", leave, { once: true });
    // The answer has begun, which ended the watch over it: its head may still not come.
    const { status, headers, rest, length } = await watched(outer, async (signal) => {
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
    return response(body, status, headers);
  }
}

/** Judges an answer from outside of the channel, which anybody between could have made. */
async function outside(answer: Response, outer: AbortSignal | undefined): Promise<Response | null> {
  const text = await brief(answer, outer);
  const code = codeIn(text);
  if (code === "channel") return null;
  if (code !== "busy" && code !== "internal") throw new ApiError("protocol");
  const retry = answer.headers.get("Retry-After");
  return response(text, answer.status, retry === null ? {} : { "Retry-After": retry });
}

function expand(secret: Bytes, salt: Bytes, info: string): Bytes {
  return hkdf(sha256, secret, salt, utf8(info), 32) as Bytes;
}

export function digest(...parts: Uint8Array[]): Bytes {
  return sha256(join(parts)) as Bytes;
}

export function prefixed(text: string): Bytes {
  const bytes = utf8(text);
  return join([Uint8Array.of(bytes.length >> 8, bytes.length & 255), bytes]);
}

function writeNumber(to: Uint8Array, at: number, n: number): void {
  const view = new DataView(to.buffer, to.byteOffset);
  view.setUint32(at, Math.floor(n / 2 ** 32));
  view.setUint32(at + 4, n % 2 ** 32);
}
