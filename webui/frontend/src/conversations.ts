// Which letters belong together, and what is proven about who wrote them.
import { encode, same, type Bytes } from "./format/bytes";
import type { Identity } from "./format/identity";
import { inboxId, inboxText } from "./format/inbox";
import { replyKey, type OpenedLetter } from "./format/letter";
import type { Conversation, Notebook } from "./format/notebook";

/** "first": a first contact, and nothing proves who wrote it. "conversation": by the one whom
 * the conversation is with. "stranger": it claims that, without proof. "anonymous": it gives no
 * way to answer. */
export type Verdict = "first" | "conversation" | "stranger" | "anonymous";

/** "waiting" is not fetched yet, "elsewhere" was written to another inbox, "gone" was destroyed
 * meanwhile. */
export type ItemState = "waiting" | "reading" | "open" | "damaged" | "elsewhere" | "gone";

/** One letter in an inbox. */
export interface Item {
  reference: Bytes;
  serial: number;
  size: number;
  /** Unix seconds. */
  expires: number;
  state: ItemState;
  letter: OpenedLetter | null;
}

export interface Entry {
  item: Item;
  verdict: Verdict | null;
}

/** Letters with one partner. */
export interface Group {
  key: string;
  /** The partner's inbox; null for letters without a way to answer, or not open. */
  inbox: Bytes | null;
  name: string;
  /** Oldest first. */
  entries: Entry[];
  /** Whom an answer goes to; null when there is nobody, or nothing proves who that is. */
  partner: Partner | null;
}

export interface Partner {
  inbox: Bytes;
  /** Null when they are to be asked for by the inbox's ID. */
  recipients: readonly string[] | null;
  /** The key the partner gave; null when it is the owner who wrote first. */
  key: Bytes | null;
}

interface Judged {
  verdict: Verdict;
  partner: Partner | null;
}

/** What a letter says of its writer, whatever the notebook knows. */
interface Claim {
  inbox: Bytes;
  /** Of an answer: whether it proves to be one. */
  proven: boolean;
}

/** Every letter that comes has all of them grouped anew, and without a JIT each of these takes
 * milliseconds. */
const claims = new WeakMap<OpenedLetter, Claim>();

function claim(letter: OpenedLetter, owner: Identity): Claim | null {
  const { from, reply } = letter.head;
  if (!from && !reply) return null;
  const known = claims.get(letter);
  if (known) return known;
  const made = from ? { inbox: from, proven: letter.proves(replyKey(owner, from)) } : { inbox: inboxId(reply!.recipients), proven: false };
  claims.set(letter, made);
  return made;
}

export function judge(letter: OpenedLetter, notebook: Notebook, owner: Identity): Judged {
  const { reply } = letter.head;
  const claimed = claim(letter, owner);
  if (!claimed) return { verdict: "anonymous", partner: null };
  const { inbox, proven } = claimed;
  const known = find(notebook, inbox);
  if (!reply) {
    return { verdict: proven ? "conversation" : "stranger", partner: { inbox, recipients: known?.recipients ?? null, key: null } };
  }
  // Of one whom the owner wrote to first, no other key can be told from a forger's.
  const verdict = !known ? "first" : known.key && same(known.key, reply.key) ? "conversation" : "stranger";
  return { verdict, partner: { inbox, recipients: reply.recipients, key: reply.key } };
}

/** Groups items, the one with the newest letter first, and behind them the conversations of
 * which no letter is there. */
export function group(items: readonly Item[], notebook: Notebook, owner: Identity): Group[] {
  const groups = new Map<string, Group>();
  const add = (key: string, entry: Entry, partner: Partner | null): Group => {
    const name = (partner && find(notebook, partner.inbox)?.name) ?? "";
    const found = groups.get(key) ?? { key, inbox: partner?.inbox ?? null, name, entries: [], partner: null };
    groups.delete(key); // the newest comes last
    groups.set(key, found);
    found.entries.push(entry);
    return found;
  };
  for (const item of [...items].sort((a, b) => a.serial - b.serial)) {
    const alone = `letter ${item.serial}`;
    if (!item.letter) {
      add(alone, { item, verdict: null }, null);
      continue;
    }
    const { verdict, partner } = judge(item.letter, notebook, owner);
    // Two that give other keys for one inbox are two people until the owner has chosen one.
    const own = verdict === "first" ? ` ${encode(partner!.key!)}` : "";
    const g = add(partner ? inboxText(partner.inbox) + own : alone, { item, verdict }, partner);
    if (verdict === "first" || verdict === "conversation") g.partner = partner;
  }
  for (const g of groups.values()) g.partner ??= (g.inbox && find(notebook, g.inbox)) ?? null;
  const silent = notebook.conversations
    .filter((c) => !groups.has(inboxText(c.inbox)))
    .map((c) => ({ key: inboxText(c.inbox), inbox: c.inbox, name: c.name, entries: [], partner: c }));
  return [...[...groups.values()].reverse(), ...silent];
}

function find(notebook: Notebook, inbox: Bytes): Conversation | undefined {
  return notebook.conversations.find((c) => same(c.inbox, inbox));
}
