// The notebook of an inbox while a page is open: fetched, changed, and put in the place of the
// one that was fetched, one after the other. Another tab or the command line may be faster: then
// the changes are made again, in what that wrote. A damaged one stays as it is until its owner
// begins a new one.
import type { Partner } from "./conversations";
import { ApiError } from "./errors";
import { same, type Bytes } from "./format/bytes";
import { damaged, FormatError } from "./format/errors";
import type { Identity } from "./format/identity";
import type { Recipients } from "./format/inbox";
import { emptyNotebook, openNotebook, remember, sealNotebook, usedOn, type Notebook } from "./format/notebook";
import type { Inboxes } from "./inboxes";
import { persist, unlessStopped, type Persist } from "./retry";

/** One change, made in whatever notebook is there. */
export type Change = (n: Notebook) => Notebook;

/** What is to be put, the changes in it, and how often the notebook had been exchanged. */
interface Draft {
  file: Bytes;
  of: readonly Change[];
  exchanges: number;
}

/** So often others may be faster. Only a service that lies needs more. */
const mostTries = 5;

export class Notes {
  book: Notebook = emptyNotebook;
  /** Whether it could not be opened: the service may have made it up, or lost it. */
  damaged = false;
  /** As the service has it. */
  private file: Bytes | null = null;
  /** In `book`, and not at the service yet. */
  private changes: readonly Change[] = [];
  private exchanges = 0;
  private saving: Promise<void> = Promise.resolve();

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
    if (this.changes.length > 0) return;
    const { file } = this;
    await this.read(o, () => this.changes.length === 0 && this.file === file);
  }

  /** Notes that the inbox is used today. */
  async visit(o: Persist): Promise<void> {
    const day = today();
    if (usedOn(this.book, day) !== this.book && !this.damaged) await this.change((n) => usedOn(n, day), o);
  }

  /** Notes with whom there is a conversation: later letters must prove to be theirs. `name` makes
   * its local name of the one it has, null for none. Refused while the notebook is damaged. */
  async know(p: Partner, recipients: Recipients, name: (known: string | null) => string, o: Persist): Promise<void> {
    if (this.damaged) throw damaged("the notebook");
    const since = today();
    const make: Change = (n) => {
      const known = n.conversations.find((c) => same(c.inbox, p.inbox));
      // One who asked and was asked has given a key all the same; the first that was noted counts.
      const key = known?.key ?? p.key;
      return remember(n, { inbox: p.inbox, name: name(known?.name ?? null), recipients, key, since });
    };
    await this.change(make, o);
  }

  /** Begins a new notebook. The service has it with the next change. */
  anew(): void {
    this.damaged = false;
    this.take(emptyNotebook);
  }

  /** Makes a change, and sees that the service has it. */
  change(make: Change, o: Persist): Promise<void> {
    this.book = make(this.book);
    this.changes = [...this.changes, make];
    // Sealed before it waits for its turn: meanwhile the page may have wiped the key.
    const turn = Promise.all([this.draft(), this.settled()]);
    this.saving = turn.then(([draft]) => this.save(draft, o));
    return unlessStopped(this.saving, o.signal); // the turn may be long in coming
  }

  /** Waits until nothing is on its way. */
  settled(): Promise<void> {
    return this.saving.catch(() => undefined);
  }

  private async draft(): Promise<Draft> {
    const { changes: of, exchanges } = this;
    return { file: await sealNotebook(this.identity, this.inbox, this.book), of, exchanges };
  }

  private async save(first: Draft, o: Persist): Promise<void> {
    const missing = () => first.of.some((c) => this.changes.includes(c));
    for (let tries = 1; missing(); tries++) {
      if (this.damaged) throw damaged("the notebook");
      const draft = first.exchanges === this.exchanges ? first : await this.draft();
      try {
        await persist(() => this.session.putNotebook(this.inbox, this.file, draft.file, { signal: o.signal }), o);
        this.file = draft.file;
        this.changes = this.changes.filter((c) => !draft.of.includes(c));
      } catch (e) {
        if (!(e instanceof ApiError && e.code === "replaced") || tries === mostTries) throw e;
        await this.read(o, () => true);
      }
    }
  }

  /** Reads the notebook, and goes on with it if it is still wanted then. */
  private async read(o: Persist, wanted: () => boolean): Promise<void> {
    const file = await persist(() => this.session.notebook(this.inbox, { signal: o.signal }), o);
    let book: Notebook | null = emptyNotebook;
    try {
      if (file) book = await openNotebook(this.identity, this.inbox, file);
    } catch (e) {
      if (!(e instanceof FormatError) || e.fault === "no-key") throw e;
      book = null;
    }
    if (!wanted()) return;
    this.damaged = book === null;
    this.file = file;
    if (book) this.take(book);
  }

  private take(book: Notebook): void {
    this.book = this.changes.reduce((n, make) => make(n), book);
    this.exchanges++;
  }
}

export function today(): string {
  return new Date().toISOString().slice(0, 10);
}
