// The owner's notebook: local names, reply inboxes and their keys, encrypted to the owner. The
// public key is no secret, so a tag tells what the owner wrote from what a service made up.
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { encryptTo } from "./age";
import { decode, encode, join, same, sameProof, text, utf8, type Bytes } from "./bytes";
import { damaged } from "./errors";
import { answer, once, seedOf, type Identity } from "./identity";
import { inboxId, inboxIdSize, newRecipients, type Recipients } from "./inbox";
import { padded } from "./padme";

const label = utf8("ashpost/v1/inbox/notebook");
const tagSize = 32;
const keySize = 32;
const mostText = 1 << 20;
const mostConversations = 1000;
const daySpelling = /^(\d{4}-\d\d-\d\d)?$/;

export interface Conversation {
  inbox: Bytes;
  name: string;
  recipients: Recipients;
  /** Null where it can be derived: for those whom the owner wrote to. */
  key: Bytes | null;
  /** YYYY-MM-DD */
  since: string;
}

export interface Notebook {
  /** The day of the last use, and that of the use before it; "" when there is none. */
  seen: string;
  before: string;
  conversations: readonly Conversation[];
}

export const emptyNotebook: Notebook = { seen: "", before: "", conversations: [] };

/** The notebook used on `day`. */
export function usedOn(n: Notebook, day: string): Notebook {
  return n.seen === day ? n : { ...n, seen: day, before: n.seen };
}

/** The notebook with `c` in the place of what it knew of that inbox. */
export function remember(n: Notebook, c: Conversation): Notebook {
  const others = n.conversations.filter((o) => !same(o.inbox, c.inbox));
  return { ...n, conversations: [...others, c] };
}

export async function sealNotebook(id: Identity, inbox: Bytes, n: Notebook): Promise<Bytes> {
  const pieces: Bytes[] = [];
  for await (const piece of encryptTo(once(writeNotebook(id, inbox, n)), [id.recipient])) pieces.push(piece);
  return join(pieces);
}

/** Tag, text and padding, before they are encrypted. */
export function writeNotebook(id: Identity, inbox: Bytes, n: Notebook): Bytes {
  const body = bounded(n);
  const rest = new Uint8Array(padded(tagSize + body.length) - tagSize).fill(0x20);
  rest.set(body);
  return join([tag(id, inbox, rest), rest]);
}

/** The text within its bounds: the oldest conversations give way. */
function bounded(n: Notebook): Bytes {
  let kept = [...n.conversations].sort((a, b) => (a.since < b.since ? -1 : a.since > b.since ? 1 : 0));
  kept = kept.slice(-mostConversations);
  for (;;) {
    const body = utf8(JSON.stringify(toJSON({ ...n, conversations: kept })));
    if (body.length <= mostText) return body;
    kept = kept.slice(1 + Math.floor(kept.length / 16));
  }
}

/** Opens a notebook. "damaged" also says that the service may have made it up. */
export async function openNotebook(id: Identity, inbox: Bytes, file: Bytes): Promise<Notebook> {
  return readNotebook(id, inbox, await answer(id, file));
}

export function readNotebook(id: Identity, inbox: Bytes, plain: Bytes): Notebook {
  const rest = plain.subarray(tagSize);
  if (!sameProof(plain.subarray(0, tagSize), tag(id, inbox, rest))) throw damaged("not the owner's notebook");
  const body = (text(rest) ?? "").replace(/ +$/, "");
  const size = utf8(body).length;
  if (size > mostText || padded(tagSize + size) !== plain.length) throw damaged("not the notebook's length");
  try {
    return fromJSON(JSON.parse(body) as Record<string, unknown>);
  } catch {
    throw damaged("not a notebook as the product writes it");
  }
}

function tag(id: Identity, inbox: Bytes, rest: Bytes): Bytes {
  const key = hkdf(sha256, seedOf(id), inbox, label, 32);
  return hmac(sha256, key, join([label, inbox, rest])) as Bytes;
}

function toJSON(n: Notebook): unknown {
  const conversations = n.conversations.map((c) => ({
    inbox: encode(c.inbox),
    name: c.name,
    recipients: c.recipients,
    key: c.key ? encode(c.key) : "",
    since: c.since,
  }));
  return { v: 1, seen: n.seen, before: n.before, conversations };
}

function fromJSON(j: Record<string, unknown>): Notebook {
  const all = j["conversations"];
  if (j["v"] !== 1 || !Array.isArray(all) || all.length > mostConversations) throw damaged("notebook");
  const n = { seen: day(j["seen"]), before: day(j["before"]), conversations: all.map(conversation) };
  return exactly(n, j, 4);
}

function conversation(c: Record<string, unknown>): Conversation {
  const { name, recipients, key: written } = c;
  const key = written === "" ? null : decode(String(written), keySize);
  const inbox = decode(String(c["inbox"]), inboxIdSize);
  // Only in their one order do recipients have that hash.
  const theirs = Array.isArray(recipients) && newRecipients(recipients.map(String)).length === recipients.length;
  if (!theirs || !inbox || !same(inbox, inboxId(recipients)) || typeof name !== "string") throw damaged("notebook");
  if (written !== "" && !key) throw damaged("notebook");
  return exactly({ inbox, name, recipients, key, since: day(c["since"]) }, c, 5);
}

/** What a newer version added must not be lost by writing without it. */
function exactly<T>(value: T, members: object, count: number): T {
  if (Object.keys(members).length !== count) throw damaged("notebook");
  return value;
}

function day(value: unknown): string {
  if (typeof value !== "string" || !daySpelling.test(value)) throw damaged("notebook");
  if (value !== "" && new Date(value + "T00:00:00Z").toISOString().slice(0, 10) !== value) throw damaged("notebook");
  return value;
}
