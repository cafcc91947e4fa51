// An owner's view of an inbox: letters and notebook, grouped; answers and destroys.
import type { Proof } from "./api";
import { group, type Group, type Item, type Partner } from "./conversations";
import type { Downloading } from "./download";
import { ApiError } from "./errors";
import { same, wipe, type Bytes } from "./format/bytes";
import type { Content } from "./format/container";
import type { Identity } from "./format/identity";
import type { Recipients } from "./format/inbox";
import { emptyNotebook, type Notebook } from "./format/notebook";
import { destroyMost, type Inboxes } from "./inboxes";
import type { Kind } from "./letters";
import { Notes } from "./notes";
import { persist, type Persist, type Waiting } from "./retry";
import type { Limits } from "./send";
import { Shelf, type Showing } from "./shelf";
import { openForReplies, replyInbox, write, type Addressee, type WriteOptions } from "./write";

/** An answer that went; `noted` says whether the notebook has it too. */
export interface Answered {
  /** Unix seconds. */
  expires: number;
  noted: boolean;
}

/** Destroys an inbox. When the answer to that was lost, the next try finds it gone: it is
 * destroyed then, and nobody else did it. */
export async function endInbox(session: Inboxes, id: Bytes, o: Persist): Promise<Proof> {
  let lost = false;
  const waiting = (w: Waiting) => {
    lost ||= w.why === "broken";
    o.waiting?.(w);
  };
  try {
    return await persist(() => session.destroy(id, { signal: o.signal }), { ...o, waiting });
  } catch (e) {
    if (lost && e instanceof ApiError && e.code === "gone") return "destroyed";
    throw e;
  }
}

export class Mailbox {
  private readonly notes: Notes;
  private readonly shelf: Shelf;

  /** `session` is over the owner's session, `plain` over an anonymous channel. */
  constructor(
    private readonly session: Inboxes,
    private readonly plain: Inboxes,
    readonly identity: Identity,
    readonly id: Bytes,
    private readonly limits: Limits,
  ) {
    this.notes = new Notes(session, identity, id);
    this.shelf = new Shelf(session, identity, id, limits.small);
  }

  get items(): readonly Item[] {
    return this.shelf.items;
  }

  /** Letters in the inbox. */
  get count(): number {
    return this.shelf.count;
  }

  /** Whether there are older ones to list. */
  get more(): boolean {
    return this.shelf.more;
  }

  /** Null when there is no such inbox: a source's begins with the first answer. */
  get kind(): Kind | null {
    return this.shelf.kind;
  }

  get notebook(): Notebook {
    return this.notes.book;
  }

  /** Whether the notebook could not be opened: the service may have made it up, or lost it. */
  get notebookDamaged(): boolean {
    return this.notes.damaged;
  }

  /** The day of the last use before today's, "" when there was none. */
  get before(): string {
    return this.notes.before;
  }

  /** Lists the newest letters, opens the notebook and then the small letters. The day of use
   * is noted in passing. */
  async open(o: Showing): Promise<void> {
    // What letters are is judged by the notebook, so none is opened before it.
    const [page] = await Promise.all([this.shelf.list(0, o), this.notes.fetch(o)]);
    // Noting the day waits for nobody. Without an inbox, and for a single letter, there is
    // nothing to note.
    if (this.kind === "inbox" || this.kind === "reply") void this.notes.visit(o).catch(() => undefined);
    await this.shelf.open(page, o);
  }

  /** The next page, of older letters. */
  async older(o: Showing): Promise<void> {
    await this.shelf.open(await this.shelf.older(o), o);
  }

  conversations(): Group[] {
    return group(this.items, this.notebook, this.identity);
  }

  /** Fetches and opens one letter; what is wrong with it becomes its state. */
  read(item: Item, o: Downloading & Showing): Promise<void> {
    return this.shelf.read(item, o);
  }

  /** Answers, and notes with whom from now on: later letters must prove to be theirs. Whatever
   * becomes of the note, what went is told to have gone: nobody should send it twice. */
  async answer(partner: Partner, name: string, content: Content, seconds: number, o: WriteOptions): Promise<Answered> {
    const fetched = this.notes.fetch(o); // meanwhile: over Tor, each round costs a second
    fetched.catch(() => undefined);
    const to = await this.addressee(partner, o);
    const how = partner.key
      ? { content, to, seconds, from: this.id, key: partner.key }
      : { content, to, seconds, answers: this.identity, at: await this.own(o) };
    const opening = partner.key && to.recipients.length === 1 ? openForReplies(this.plain, to, o) : null;
    const expires = await write(this.plain, this.limits, how, o, opening);
    const noted = await fetched.then(() => this.notes.know(partner, to.recipients, (known) => known ?? name, o)).then(
      () => true,
      () => false,
    );
    return { expires, noted };
  }

  /** Gives a conversation a local name. */
  async name(partner: Partner, name: string, o: Persist): Promise<void> {
    const [to] = await Promise.all([this.addressee(partner, o), this.notes.fetch(o)]);
    await this.notes.know(partner, to.recipients, () => name, o);
  }

  /** Destroys letters, for everybody whose inbox it is. */
  async destroy(items: readonly Item[], o: Showing): Promise<Proof> {
    let proof: Proof = "destroyed";
    for (let at = 0; at < items.length; at += destroyMost) {
      const some = items.slice(at, at + destroyMost);
      const references = some.map((i) => i.reference);
      const ask = () =>
        references.length === 1
          ? this.session.destroyMessage(this.id, references[0]!, { signal: o.signal })
          : this.session.destroyMessages(this.id, references, { signal: o.signal });
      if ((await persist(ask, o)) === "not-proven") proof = "not-proven";
      this.shelf.forget(some);
      this.shelf.count = Math.max(0, this.count - some.length);
      o.changed?.();
    }
    return proof;
  }

  /** Destroys the inbox with all that is in it. */
  async destroyAll(o: Persist): Promise<Proof> {
    await this.notes.settled(); // which would make a source's inbox anew
    const proof = await endInbox(this.session, this.id, o);
    this.forget();
    return proof;
  }

  /** Begins a new notebook in the place of a damaged one. */
  renew(o: Persist): Promise<void> {
    this.notes.anew();
    return this.notes.change((n) => n, o);
  }

  forget(): void {
    wipe(this.identity.seed);
    this.shelf.forget(this.items);
    this.notes.book = emptyNotebook;
  }

  /** The keys of this inbox, a team's all. Asked for in the session: the
   * anonymous channel must not show who writes. */
  private async own(o: Persist): Promise<Recipients> {
    if (same(this.id, replyInbox(this.identity))) return [this.identity.recipient];
    return persist(() => this.session.recipients(this.id, { signal: o.signal }), o);
  }

  /** Whom to encrypt to. */
  private async addressee(p: Partner, o: Persist): Promise<Addressee> {
    const recipients = p.recipients ?? (await persist(() => this.plain.recipients(p.inbox, { signal: o.signal }), o));
    return { id: p.inbox, recipients };
  }
}
