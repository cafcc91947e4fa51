// Sources: they write without an inbox of their own, and come back with return words. Nothing
// of them is at the service but a notebook that it cannot read, and the answers.
import { same } from "./format/bytes";
import type { Identity } from "./format/identity";
import type { Content } from "./format/container";
import { remember, usedOn, type Notebook } from "./format/notebook";
import type { Inboxes } from "./inboxes";
import { Mailbox } from "./mailbox";
import { Notes, today, type Change } from "./notes";
import type { Limits } from "./send";
import { replyInbox, writeAll, type Addressee, type WriteOptions, type Writing } from "./write";

export interface SourceLetter {
  content: Content;
  to: readonly Addressee[];
  /** Who has it already, from an attempt that did not reach all. */
  reached?: readonly Addressee[];
  seconds: number;
}

/** Writes as a source who wants answers, over `plain`, and notes over `session` whom it wrote
 * to. The second is a convenience: false says that it could not be noted, but the letters went
 * and the return words work. */
export async function writeAsSource(
  session: Inboxes,
  plain: Inboxes,
  limits: Limits,
  source: Identity,
  letter: SourceLetter,
  o: WriteOptions & { sent?: (w: Writing, expires: number) => void },
): Promise<boolean> {
  const { content, seconds } = letter;
  const notes = new Notes(session, source, replyInbox(source));
  // What it knows so far is asked for meanwhile: over Tor, each round costs a second.
  const fetched = notes.fetch(o).then(
    () => true,
    () => false,
  );
  const all = letter.to.map((to): Writing => ({ content, to, seconds, answers: source }));
  const reached = [...(letter.reached ?? [])];
  const sent = (w: Writing, expires: number) => {
    reached.push(w.to);
    o.sent?.(w, expires);
  };
  const note = async (): Promise<boolean> => {
    if (!(await fetched)) return false; // what is there must not be overwritten unseen
    // A damaged one was made up or lost: there is nobody to ask here, and nothing in it to keep.
    if (notes.damaged) notes.anew();
    const day = today();
    const make: Change = (n) => usedOn(reached.reduce((all, to) => wrote(all, to, day), n), day);
    return notes.change(make, { ...o, signal: undefined }).then(
      () => true,
      () => false,
    );
  };
  try {
    await writeAll(plain, limits, all, { ...o, sent });
  } catch (e) {
    // Those that have it can answer. This is not waited for: whoever pressed Stop wants an end.
    if (reached.length > 0) void note();
    throw e;
  }
  return note();
}

/** The notebook of one who wrote to somebody. */
function wrote(n: Notebook, { id, recipients }: Addressee, day: string): Notebook {
  const known = n.conversations.find((c) => same(c.inbox, id));
  return remember(n, known ?? { inbox: id, name: "", recipients, key: null, since: day });
}

/** The mailbox of a source who comes back. */
export function sourceMailbox(session: Inboxes, plain: Inboxes, source: Identity, limits: Limits): Mailbox {
  return new Mailbox(session, plain, source, replyInbox(source), limits);
}
