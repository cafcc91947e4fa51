// The client of the service's API, version 1. One method an operation, no retries here.
import { decode, encode, utf8, type Bytes } from "./format/bytes";
import { verifier } from "./format/derive";
import { referenceSize } from "./format/link";
import { ApiError } from "./errors";
import { refusal } from "./refusal";
import type { Call, Transport } from "./transport";

export type Policy = "anyone" | "invite" | "nobody";

export interface ServiceState {
  state: "open" | "locked";
  cause: string;
  locked_for: number;
  proved_ago: number;
  preview: boolean;
  volatile: boolean;
  /** Who may open inboxes, and who may make links. */
  inboxes: Policy;
  links: Policy;
  /** To whom the operator wants visitors to write. */
  contact: { name: string; inbox: string } | null;
  /** `inbox` is of a message to an inbox, `reply` of an answer to somebody who has none. */
  limits: { message: number; inbox: number; reply: number; small: number; part: number; shortest: number; longest: number };
}

export interface Terms {
  seconds: number;
  keep: boolean;
  claim: Bytes;
  manage: Bytes;
  /** The operator's code, where links are made by invitation. */
  invite?: string;
}

/** Terms of a letter, by the 52 characters of its inbox. */
export interface LetterTerms {
  seconds: number;
  inbox: string;
}

export interface Reservation {
  reference: Bytes;
  upload: Bytes;
}

export interface Receipt {
  expires_in: number;
}

export interface Claimed {
  size: number;
  keep: boolean;
  lease: number;
  expiresIn: number;
  body: Bytes;
}

export interface MessageState {
  state: "waiting" | "claimed";
  reading: "once" | "until-expiry";
  expires_in: number;
  lease: number;
}

export type Proof = "destroyed" | "not-proven";

export interface Options {
  signal?: AbortSignal | undefined;
  sent?: ((bytes: number) => void) | undefined;
}

export class Api {
  constructor(private readonly send: Transport) {}

  async service(): Promise<ServiceState> {
    const s = await object<ServiceState>(await this.call({ method: "GET", path: "/service" }));
    if (!possible(s)) throw new ApiError("protocol");
    return s;
  }

  /** Reserves a reference. Room is kept for answers, so the service wants to know for which
   * inbox; what that never takes it refuses here, before anything is sent. */
  async reserve(o: Options & { inbox?: string; size?: number } = {}): Promise<Reservation> {
    const { inbox, size, ...rest } = o;
    const headers: Record<string, string> = inbox ? { "Ashpost-Inbox": inbox } : {};
    if (size) headers["Ashpost-Size"] = String(size);
    const answer = await this.call({ method: "POST", path: "/reservations", headers, ...rest });
    const got = await object<Record<string, unknown>>(answer);
    // The reference salts the keys: accept the canonical form of exactly 16 bytes only.
    const reference = decode(String(got["reference"]), referenceSize);
    const upload = decode(String(got["upload_key"]), 32);
    if (!reference || !upload) throw new ApiError("protocol");
    return { reference, upload };
  }

  async putWhole(r: Reservation, body: Bytes, t: Terms | LetterTerms, o: Options = {}): Promise<Receipt> {
    const headers: Record<string, string> = {
      ...bearer(r.upload),
      ...invited(t),
      "Content-Type": "application/octet-stream",
      "Ashpost-Expires-In": String(t.seconds),
    };
    if ("inbox" in t) headers["Ashpost-Inbox"] = t.inbox;
    else {
      headers["Ashpost-Reading"] = reading(t);
      headers["Ashpost-Claim"] = verifier(t.claim);
      headers["Ashpost-Manage"] = verifier(t.manage);
    }
    return receipt(await this.call({ method: "PUT", path: message(r.reference), headers, body, ...o }));
  }

  async putPart(r: Reservation, n: number, body: Bytes, o: Options = {}): Promise<void> {
    const headers = { ...bearer(r.upload), "Content-Type": "application/octet-stream" };
    const path = `${message(r.reference)}/parts/${n}`;
    await this.call({ method: "PUT", path, headers, body, ...o });
  }

  async commit(r: Reservation, parts: number, size: number, t: Terms | LetterTerms, o: Options = {}): Promise<Receipt> {
    const terms =
      "inbox" in t
        ? { inbox: t.inbox }
        : { reading: reading(t), claim: verifier(t.claim), manage: verifier(t.manage) };
    const body = utf8(JSON.stringify({ parts, size, expires_in: t.seconds, ...terms }));
    const headers = { ...bearer(r.upload), ...invited(t), "Content-Type": "application/json" };
    const path = `${message(r.reference)}/commit`;
    return receipt(await this.call({ method: "POST", path, headers, body, ...o }));
  }

  async claim(reference: Bytes, claim: Bytes, reader: Bytes, o: Options = {}): Promise<Claimed> {
    const headers = { ...bearer(claim), "Ashpost-Reader": verifier(reader) };
    const path = `${message(reference)}/claim`;
    const answer = await this.call({ method: "POST", path, headers, ...o });
    const size = Number(answer.headers.get("Ashpost-Size"));
    if (!Number.isSafeInteger(size) || size <= 0) throw new ApiError("protocol");
    return {
      size,
      keep: answer.headers.get("Ashpost-Reading") === "until-expiry",
      lease: seconds(Number(answer.headers.get("Ashpost-Lease"))),
      expiresIn: seconds(Number(answer.headers.get("Ashpost-Expires-In"))),
      body: new Uint8Array(await answer.arrayBuffer()),
    };
  }

  /** The answer to a request for everything from `from` on; its body is still to be read. */
  async content(reference: Bytes, key: Bytes, from: number, signal?: AbortSignal): Promise<Response> {
    const headers = { ...bearer(key), Range: `bytes=${from}-` };
    const path = `${message(reference)}/content`;
    return partial(await this.call({ method: "GET", path, headers, signal, stream: true }), from);
  }

  async acknowledge(reference: Bytes, reader: Bytes, o: Options = {}): Promise<Proof> {
    const path = `${message(reference)}/acknowledge`;
    const answer = await this.call({ method: "POST", path, headers: bearer(reader), ...o });
    return answer.status === 202 ? "not-proven" : "destroyed";
  }

  async state(reference: Bytes, manage: Bytes): Promise<MessageState> {
    const path = `${message(reference)}/state`;
    const answer = await this.call({ method: "GET", path, headers: bearer(manage) });
    const s = await object<MessageState>(answer);
    return { ...s, expires_in: seconds(s.expires_in), lease: seconds(s.lease) };
  }

  /** Destroys a message; tells whether somebody had opened it, null when not proven yet. */
  async revoke(reference: Bytes, manage: Bytes): Promise<{ claimed: boolean } | null> {
    const path = `${message(reference)}/revoke`;
    const answer = await this.call({ method: "POST", path, headers: bearer(manage) });
    return answer.status === 202 ? null : object<{ claimed: boolean }>(answer);
  }

  protected async call(call: Call): Promise<Response> {
    const answer = await this.send({ ...call, path: `/api/v1${call.path}` });
    if (!answer.ok) throw await refusal(answer, call.signal);
    return answer;
  }
}

const mostPart = 4 << 20;
const mostSeconds = 1e10;

/** A time that is left. What is no time at all would be found out when the page shows it, with
 * the message sent, or read and destroyed. */
export function seconds(n: unknown): number {
  if (!Number.isSafeInteger(n) || (n as number) < 0 || (n as number) > mostSeconds) throw new ApiError("protocol");
  return n as number;
}

async function receipt(answer: Response): Promise<Receipt> {
  return { expires_in: seconds((await object<{ expires_in?: unknown }>(answer)).expires_in) };
}

/** An answer in JSON. What its members are is still to be looked at. */
export async function object<T extends object>(answer: Response): Promise<T> {
  const value: unknown = await answer.json().catch(() => null);
  if (typeof value !== "object" || value === null) throw new ApiError("protocol");
  return value as T;
}

/** Whether the numbers of a state can be. What is cut into parts by them must come to an end,
 * and a part be no more than the memory bears. */
function possible({ limits: l, locked_for, proved_ago }: ServiceState): boolean {
  const within = (n: unknown, least: number, most: number) => Number.isSafeInteger(n) && (n as number) >= least && (n as number) <= most;
  return (
    within(l?.part, 1 << 16, mostPart) && within(l.small, 1, mostPart) && within(l.message, 1, Number.MAX_SAFE_INTEGER) &&
    within(locked_for, -mostSeconds, mostSeconds) && within(proved_ago, -1, mostSeconds)
  );
}

/** Passes on an answer that begins at `from`. */
export function partial(answer: Response, from: number): Response {
  const begins = answer.headers.get("Content-Range")?.startsWith(`bytes ${from}-`) ?? false;
  const whole = answer.status === 200 && from === 0;
  if (!whole && !(answer.status === 206 && begins)) throw new ApiError("protocol");
  return answer;
}

function message(reference: Bytes): string {
  return `/messages/${encode(reference)}`;
}

function bearer(key: Bytes): Record<string, string> {
  return { Authorization: `Bearer ${encode(key)}` };
}

function invited(t: Terms | LetterTerms): Record<string, string> {
  return "invite" in t && t.invite ? { "Ashpost-Invite": t.invite } : {};
}

function reading(t: Terms): string {
  return t.keep ? "until-expiry" : "once";
}
