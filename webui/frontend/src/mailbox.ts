// An owner's view of an inbox: lists it, opens letters, groups them, answers and destroys. Nothing of a letter is handed out before its last byte was verified.
import { ApiError } from "./errors";
import type { Proof } from "./api";
import { group, type Group, type Item, type Partner } from "./conversations";
import { download, type Downloading } from "./download";
import { same, wipe, type Bytes } from "./format/bytes";
import type { Content } from "./format/container";
import { FormatError } from "./format/errors";
import { once, type Identity } from "./format/identity";
import type { Recipients } from "./format/inbox";
import { openLetter } from "./format/letter";
import { emptyNotebook, type Notebook } from "./format/notebook";
import { destroyMost, type Inboxes, type Kind, type List } from "./inboxes";
import { Notes } from "./notes";
import { persist, type Persist } from "./retry";
import type { Limits, SendOptions } from "./send";
import { replyInbox, write, type Addressee } from "./write";

export interface MailboxOptions extends Persist {
  /** Called when there is something new to show. */
  changed?: () => void;
}

const atOnce = 4;

export class Mailbox {
  items: Item[] = [];
  /** Letters in the inbox, and whether there are older ones to list. */
  count = 0;
  more = false;
  /** Null when there is no such inbox: a source's begins with the first answer. */
  kind: Kind | null = null;
  private readonly notes: Notes;

  /** `session` is over the owner's session, `plain` over an anonymous channel. */
  constructor(
    private readonly session: Inboxes,
    private readonly plain: Inboxes,
    readonly identity: Identity,
    readonly id: Bytes,
    private readonly limits: Limits,
  ) {
    this.notes = new Notes(session, identity, id);
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

  /** Lists the newest letters, opens the notebook and the small letters. The day of use is
   * noted in passing. */
  async open(o: MailboxOptions): Promise<void> {
    const [list] = await Promise.all([this.list(0, o), this.notes.fetch(o)]);
    this.add(list, o);
    // Noting the day waits for nobody. Without an inbox, and for a single letter, there is
    // nothing to note.
    if (this.kind === "inbox" || this.kind === "reply") void this.notes.visit(o).catch(() => undefined);
    await this.openSmall(o);
  }

  /** The next page, of older letters. */
  async older(o: MailboxOptions): Promise<void> {
    const oldest = this.items.reduce((least, i) => Math.min(least, i.serial), Infinity);
    this.add(await this.list(oldest === Infinity ? 0 : oldest, o), o);
    await this.openSmall(o);
  }

  conversations(): Group[] {
    return group(this.items, this.notebook, this.identity);
  }

  /** Fetches and opens one letter; what is wrong with it becomes its state. */
  async read(item: Item, o: Downloading & MailboxOptions): Promise<void> {
    if (item.state !== "waiting" && item.state !== "damaged") return;
    item.state = "reading";
    try {
      item.letter = await openLetter(this.fetch(item, o), this.identity, this.id);
      item.state = "open";
    } catch (e) {
      item.state = "waiting";
      if (e instanceof FormatError) item.state = e.fault === "elsewhere" ? "elsewhere" : "damaged";
      else if (e instanceof ApiError && e.code === "gone") item.state = "gone";
      else throw e;
    } finally {
      o.changed?.();
    }
  }

  /** Answers, and notes with whom from now on: later letters must prove to be theirs. */
  async answer(partner: Partner, name: string, content: Content, seconds: number, o: SendOptions): Promise<number> {
    const to = await this.addressee(partner, o);
    const how = partner.key
      ? { content, to, seconds, from: this.id, key: partner.key }
      : { content, to, seconds, answers: this.identity, at: await this.own(o) };
    const expires = await write(this.plain, this.limits, how, o);
    await this.notes.know(partner, to.recipients, name, o);
    return expires;
  }

  /** Gives a conversation a local name. */
  async name(partner: Partner, name: string, o: Persist): Promise<void> {
    await this.notes.know(partner, (await this.addressee(partner, o)).recipients, name, o);
  }

  /** Destroys letters, for everybody whose inbox it is. */
  async destroy(items: readonly Item[], o: MailboxOptions): Promise<Proof> {
    let proof: Proof = "destroyed";
    for (let at = 0; at < items.length; at += destroyMost) {
      const some = items.slice(at, at + destroyMost);
      const ask = () =>
        some.length === 1
          ? this.session.destroyMessage(this.id, some[0]!.reference, { signal: o.signal })
          : this.session.destroyMessages(this.id, some.map((i) => i.reference), { signal: o.signal });
      if ((await persist(ask, o)) === "not-proven") proof = "not-proven";
      for (const i of some) forget(i);
      this.items = this.items.filter((i) => !some.includes(i));
      this.count = Math.max(0, this.count - some.length);
      o.changed?.();
    }
    return proof;
  }

  /** Destroys the inbox with all that is in it. */
  async destroyAll(o: Persist): Promise<Proof> {
    await this.notes.settled(); // which would make a source's inbox anew
    const proof = await persist(() => this.session.destroy(this.id, { signal: o.signal }), o);
    this.forget();
    return proof;
  }

  /** Keeps a notebook in the place of the one before: an empty one begins a new one. */
  keep(n: Notebook, o: Persist): Promise<void> {
    return this.notes.keep(n, o);
  }

  forget(): void {
    wipe(this.identity.seed);
    for (const i of this.items) forget(i);
    this.items = [];
    this.notes.book = emptyNotebook;
  }

  private async list(before: number, o: Persist): Promise<List | null> {
    try {
      return await persist(() => this.session.list(this.id, before, { signal: o.signal }), o);
    } catch (e) {
      if (e instanceof ApiError && e.code === "gone") return null;
      throw e;
    }
  }

  private add(list: List | null, o: MailboxOptions): void {
    const now = Math.floor(Date.now() / 1000);
    const have = new Set(this.items.map((i) => i.serial));
    for (const m of list?.messages ?? []) {
      const { reference, serial, size } = m;
      if (!have.has(serial)) {
        this.items.push({ reference, serial, size, expires: now + m.expiresIn, state: "waiting", letter: null });
      }
    }
    this.kind = list?.kind ?? null;
    this.count = list?.count ?? 0;
    this.more = list?.more ?? false;
    o.changed?.();
  }

  private async openSmall(o: MailboxOptions): Promise<void> {
    const waiting = this.items.filter((i) => i.state === "waiting" && i.size <= this.limits.small);
    const worker = async () => {
      for (let item = waiting.shift(); item; item = waiting.shift()) await this.read(item, o);
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  }

  private fetch(item: Item, o: Downloading): AsyncIterable<Bytes> {
    if (item.size > this.limits.small) {
      const from = (at: number, signal: AbortSignal) =>
        this.session.letterFrom(this.id, item.reference, at, signal);
      return download(from, item.size, o);
    }
    const whole = () => this.session.letter(this.id, item.reference, item.size, { signal: o.signal });
    return (async function* () {
      yield* once(await persist(whole, o));
    })();
  }

  /** The keys of this inbox, a team's all. Asked for in the session: the
   * anonymous channel must not show who writes. */
  private async own(o: Persist): Promise<Recipients> {
    if (same(this.id, replyInbox(this.identity))) return [this.identity.recipient];
    return persist(() => this.session.recipients(this.id, { signal: o.signal }), o);
  }

  /** Whom to encrypt to. The inbox of a single key is opened by the first who writes to it. */
  private async addressee(p: Partner, o: Persist): Promise<Addressee> {
    const call = { signal: o.signal };
    const recipients = p.recipients ?? (await persist(() => this.plain.recipients(p.inbox, call), o));
    if (p.key && recipients.length === 1) {
      await persist(() => this.plain.open(recipients, { kind: "reply" }, call), o).catch((e: unknown) => {
        // It is there already, opened by its owner.
        if (!(e instanceof ApiError && e.code === "conflict")) throw e;
      });
    }
    return { id: p.inbox, recipients };
  }
}

function forget(item: Item): void {
  for (const file of item.letter?.files ?? []) file.chunks.forEach((c) => wipe(c));
  item.letter = null;
}
