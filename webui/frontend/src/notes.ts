// The notebook of an inbox while a page is open: fetched, changed, and put back, one after the
// other. A damaged one stays as it is until its owner begins a new one.
import type { Partner } from "./conversations";
import { same, type Bytes } from "./format/bytes";
import { damaged, FormatError } from "./format/errors";
import type { Identity } from "./format/identity";
import type { Recipients } from "./format/inbox";
import { emptyNotebook, openNotebook, remember, sealNotebook, usedOn, type Notebook } from "./format/notebook";
import type { Inboxes } from "./inboxes";
import { persist, type Persist } from "./retry";

export class Notes {
  book: Notebook = emptyNotebook;
  /** Whether it could not be opened: the service may have made it up, or lost it. */
  damaged = false;
  private saving: Promise<void> = Promise.resolve();
  private unsaved = false;

  constructor(
    private readonly session: Inboxes,
    private readonly identity: Identity,
    private readonly inbox: Bytes,
  ) {}

  /** The day of the last use before today's, "" when there was none. */
  get before(): string {
    return usedOn(this.book, today()).before;
  }

  /** Takes the notebook as it is at the service, unless a change has not reached it yet. Before
   * each change too: another tab, or the command line, may have written since. */
  async fetch(o: Persist): Promise<void> {
    if (this.unsaved) return;
    const file = await persist(() => this.session.notebook(this.inbox, { signal: o.signal }), o);
    if (!file) return;
    try {
      this.book = await openNotebook(this.identity, this.inbox, file);
    } catch (e) {
      if (!(e instanceof FormatError)) throw e;
      this.damaged = true;
    }
  }

  /** Notes that the inbox is used today. */
  async visit(o: Persist): Promise<void> {
    const used = usedOn(this.book, today());
    if (used !== this.book && !this.damaged) await this.keep(used, o);
  }

  /** Notes with whom there is a conversation: later letters must prove to be theirs. Refused
   * while the notebook is damaged. */
  async know(p: Partner, recipients: Recipients, name: string, o: Persist): Promise<void> {
    if (this.damaged) throw damaged("the notebook");
    const known = this.book.conversations.find((c) => same(c.inbox, p.inbox));
    const key = p.key ?? known?.key ?? null; // one who asked and was asked has given a key all the same
    await this.keep(remember(this.book, { inbox: p.inbox, name, recipients, key, since: today() }), o);
  }

  keep(n: Notebook, o: Persist): Promise<void> {
    this.book = n;
    this.damaged = false;
    this.unsaved = true;
    // Sealed before it waits for its turn: meanwhile the page may have wiped the key.
    const made = Promise.all([sealNotebook(this.identity, this.inbox, n), this.settled()]);
    this.saving = made.then(async ([file]) => {
      await persist(() => this.session.putNotebook(this.inbox, file, { signal: o.signal }), o);
      if (this.book === n) this.unsaved = false;
    });
    return this.saving;
  }

  /** Waits until nothing is on its way. */
  settled(): Promise<void> {
    return this.saving.catch(() => undefined);
  }
}

export function today(): string {
  return new Date().toISOString().slice(0, 10);
}
