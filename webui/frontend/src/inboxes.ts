// The part of the API that is about inboxes. Over an ordinary transport it writes and looks up;
// what belongs to an owner is answered over a session (session.ts) and refused as "gone" else.
import { sha256 } from "@noble/hashes/sha2.js";
import { Api, object, partial, seconds, type Options, type Proof } from "./api";
import { ApiError } from "./errors";
import { encode, same, utf8, type Bytes } from "./format/bytes";
import { inboxId, inboxText, parseInboxText, parseRecipients, recipientsFile, type Recipients } from "./format/inbox";
import { kinds, readLetters, type Kind, type Letters } from "./letters";

export interface Found {
  recipients: Recipients;
  /** Is the service's word alone. */
  kind: Kind;
}

export interface Opening {
  kind: Kind;
  /** How long a request waits. */
  seconds?: number;
  /** The operator's code, where inboxes are opened by invitation. */
  invite?: string;
}

/** Messages that one request may destroy. */
export const destroyMost = 100;

export class Inboxes extends Api {
  /** To whom letters for an inbox are encrypted, and of what kind it is. A service that gives
   * other keys than the address stands for is found out here. */
  async find(id: Bytes, o: Options = {}): Promise<Found> {
    const answer = await this.call({ method: "GET", path: path(id), ...o });
    const recipients = parse(new Uint8Array(await answer.arrayBuffer()));
    if (!recipients || !same(inboxId(recipients), id)) throw new ApiError("swapped");
    const kind = kinds.find((k) => k === answer.headers.get("Ashpost-Kind"));
    if (!kind) throw new ApiError("protocol");
    return { recipients, kind };
  }

  async recipients(id: Bytes, o: Options = {}): Promise<Recipients> {
    return (await this.find(id, o)).recipients;
  }

  /** The inbox behind an operator's name: here the operator is trusted. */
  async alias(name: string, o: Options = {}): Promise<Bytes> {
    const answer = await this.call({ method: "GET", path: `/aliases/${name}`, ...o });
    const id = parseInboxText(String((await object<{ inbox?: unknown }>(answer)).inbox));
    if (!id) throw new ApiError("protocol");
    return id;
  }

  /** Opens an inbox, or renews it; gives the seconds it lives from now on. */
  async open(recipients: Recipients, opening: Opening, o: Options = {}): Promise<number> {
    const headers: Record<string, string> = { "Content-Type": "text/plain", "Ashpost-Kind": opening.kind };
    if (opening.seconds) headers["Ashpost-Expires-In"] = String(opening.seconds);
    if (opening.invite) headers["Ashpost-Invite"] = opening.invite;
    const body = recipientsFile(recipients);
    const answer = await this.call({ method: "PUT", path: path(inboxId(recipients)), headers, body, ...o });
    return seconds((await object<{ expires_in?: unknown }>(answer)).expires_in);
  }

  /** The newest letters before a serial number, 0 for all, and the files of small ones. */
  async letters(id: Bytes, before: number, small: number, o: Options = {}): Promise<Letters> {
    const answer = await this.call({ method: "GET", path: `${path(id)}/letters/${before}`, ...o, stream: true });
    return readLetters(answer, before, small);
  }

  /** The answer to a request for everything from `from` on; its body is still to be read. */
  async letterFrom(id: Bytes, reference: Bytes, from: number, signal?: AbortSignal): Promise<Response> {
    const headers = { Range: `bytes=${from}-` };
    return partial(await this.call({ method: "GET", path: message(id, reference), headers, signal, stream: true }), from);
  }

  async destroyMessage(id: Bytes, reference: Bytes, o: Options = {}): Promise<Proof> {
    return this.destroying({ path: `${message(id, reference)}/destroy`, ...o });
  }

  async destroyMessages(id: Bytes, references: readonly Bytes[], o: Options = {}): Promise<Proof> {
    const body = utf8(JSON.stringify({ messages: references.map(encode) }));
    const headers = { "Content-Type": "application/json" };
    return this.destroying({ path: `${path(id)}/destroy-messages`, headers, body, ...o });
  }

  /** Destroys an inbox and everything in it. */
  async destroy(id: Bytes, o: Options = {}): Promise<Proof> {
    return this.destroying({ path: `${path(id)}/destroy`, ...o });
  }

  /** The owner's notebook, null when there is none. */
  async notebook(id: Bytes, o: Options = {}): Promise<Bytes | null> {
    try {
      const answer = await this.call({ method: "GET", path: `${path(id)}/notebook`, ...o });
      return new Uint8Array(await answer.arrayBuffer());
    } catch (e) {
      if (e instanceof ApiError && e.code === "gone") return null;
      throw e;
    }
  }

  /** Puts a notebook in the place of `old`, null for none. When another one is there by now, it
   * is refused as "replaced". */
  async putNotebook(id: Bytes, old: Bytes | null, body: Bytes, o: Options = {}): Promise<void> {
    const replaces = old ? encode(sha256(old) as Bytes) : "none";
    const headers = { "Content-Type": "application/octet-stream", "Ashpost-Replaces": replaces };
    await this.call({ method: "PUT", path: `${path(id)}/notebook`, headers, body, ...o });
  }

  private async destroying(call: Options & { path: string; headers?: Record<string, string>; body?: Bytes }): Promise<Proof> {
    const answer = await this.call({ method: "POST", ...call });
    return answer.status === 202 ? "not-proven" : "destroyed";
  }
}

function path(id: Bytes): string {
  return `/inboxes/${inboxText(id)}`;
}

function message(id: Bytes, reference: Bytes): string {
  return `${path(id)}/messages/${encode(reference)}`;
}

function parse(file: Bytes): Recipients | null {
  try {
    return parseRecipients(file);
  } catch {
    return null;
  }
}
