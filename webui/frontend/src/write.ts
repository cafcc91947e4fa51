// Writing to inboxes: find and verify to whom, encrypt, upload. It takes an anonymous
// transport, never the writer's own session: the service is not told who writes.
import { ApiError } from "./errors";
import type { LetterTerms, Reservation } from "./api";
import { wipe, type Bytes } from "./format/bytes";
import type { Content } from "./format/container";
import type { Identity } from "./format/identity";
import { inboxId, inboxText, type InboxAddress, type Recipients } from "./format/inbox";
import { letterSize, replyKey, sealLetter, type Letter } from "./format/letter";
import type { Found, Inboxes } from "./inboxes";
import { persist, type Persist } from "./retry";
import { upload, type Limits, type SendOptions } from "./send";
import type { Last, Unanswered } from "./unanswered";

/** `unanswered` keeps what may have arrived, for who sends it again. */
export interface WriteOptions extends SendOptions {
  unanswered?: Unanswered;
}

export interface Addressee {
  id: Bytes;
  recipients: Recipients;
}

export interface Writing {
  content: Content;
  to: Addressee;
  seconds: number;
  /** Who wants answers; null writes without a way to answer. */
  answers: Identity | null;
  /** Where, if not at the inbox of that key alone. */
  at?: Recipients;
}

/** An answer to one who gave a key. */
export interface Answering {
  content: Content;
  to: Addressee;
  seconds: number;
  from: Bytes;
  key: Bytes;
}

const restarts = 3;

/** Finds out to whom an address leads. By an alias the operator decides that, by an ID nobody. */
export async function findInbox(inboxes: Inboxes, address: InboxAddress, o: Persist): Promise<Addressee & Found> {
  const id = address.id ?? (await persist(() => inboxes.alias(address.alias, { signal: o.signal }), o));
  return { id, ...(await persist(() => inboxes.find(id, { signal: o.signal }), o)) };
}

export function writingSize(w: Writing | Answering): number {
  return letterSize(w.to.recipients.length, letter(w, now()));
}

/** Opens the inbox of a single key for answers: whoever writes first does it. */
export async function openForReplies(inboxes: Inboxes, to: Addressee, o: Persist): Promise<void> {
  const ask = () => inboxes.open(to.recipients, { kind: "reply" }, { signal: o.signal });
  await persist(ask, o).catch((e: unknown) => {
    // It is there already, opened by its owner.
    if (!(e instanceof ApiError && e.code === "conflict")) throw e;
  });
}

/** Writes to one inbox; gives the time when the letter expires, in Unix seconds. `opening` is
 * of an inbox that may not be there yet. */
export async function write(
  inboxes: Inboxes,
  limits: Limits,
  w: Writing | Answering,
  o: WriteOptions,
  opening: Promise<void> | null = null,
): Promise<number> {
  opening?.catch(() => undefined);
  const before = await o.unanswered?.ask(inboxes, w, o);
  if (before) return now() + before.expires_in;
  const inbox = inboxText(w.to.id);
  const terms: LetterTerms = { seconds: w.seconds, inbox };
  const size = writingSize(w);
  const reserve = () => persist(() => inboxes.reserve({ inbox, size, signal: o.signal }), o);
  for (let n = 1; ; n++) {
    const reservation = await (n === 1 && opening ? both(reserve, opening) : reserve());
    const made = letter(w, now());
    const cipher = sealLetter(w.to.recipients, made);
    try {
      const last = (ask: Last) => o.unanswered?.note(w, ask);
      const receipt = await upload(inboxes, reservation, cipher, size, terms, limits, { ...o, last });
      o.unanswered?.ended(w);
      return now() + receipt.expires_in;
    } catch (e) {
      o.unanswered?.ended(w, e);
      if (!(e instanceof ApiError && e.code === "gone") || n === restarts) throw e;
      // The reservation is forgotten, or the inbox is gone: then the next one is refused.
    } finally {
      await cipher.return(undefined);
      wipe(made.head.reply?.key);
      if (!o.unanswered?.has(w)) wipe(reservation.upload);
    }
  }
}

/** Reserves while the inbox is opened: over Tor, one after the other costs a second. For an
 * inbox that was not there yet it is done again. */
async function both(reserve: () => Promise<Reservation>, opening: Promise<void>): Promise<Reservation> {
  const [reserved] = await Promise.allSettled([reserve(), opening]);
  await opening;
  if (reserved.status === "fulfilled") return reserved.value;
  if (!(reserved.reason instanceof ApiError && reserved.reason.code === "gone")) throw reserved.reason;
  return reserve();
}

/** Writes the same to several inboxes, one after the other. `sent` tells of each, so that who
 * tries again after a failure leaves out those that have it. */
export async function writeAll(
  inboxes: Inboxes,
  limits: Limits,
  all: readonly Writing[],
  o: WriteOptions & { sent?: (w: Writing, expires: number) => void },
): Promise<void> {
  const total = all.reduce((sum, w) => sum + writingSize(w), 0);
  let before = 0;
  for (const w of all) {
    const base = before;
    const progress = (done: number) => o.progress?.(base + done, total);
    const expires = await write(inboxes, limits, w, { ...o, progress });
    before += writingSize(w);
    o.sent?.(w, expires);
  }
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}

function letter(w: Writing | Answering, time: number): Letter {
  const to = w.to.id;
  if ("from" in w) {
    return { content: w.content, head: { to, time, from: w.from, reply: null }, key: w.key };
  }
  const reply = w.answers && { recipients: w.at ?? [w.answers.recipient], key: replyKey(w.answers, to) };
  return { content: w.content, head: { to, time, from: null, reply }, key: null };
}

/** The inbox where answers to an identity arrive. */
export function replyInbox(id: Identity): Bytes {
  return inboxId([id.recipient]);
}
