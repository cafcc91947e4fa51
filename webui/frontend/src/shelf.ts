// The letters of an inbox that were listed, as they are opened. Nothing of a letter is handed
// out before its last byte was verified.
import { ApiError } from "./errors";
import type { Item } from "./conversations";
import { download, type Downloading } from "./download";
import { breathe } from "./frames";
import { wipe, type Bytes } from "./format/bytes";
import { FormatError } from "./format/errors";
import { once, type Identity } from "./format/identity";
import { openLetter } from "./format/letter";
import type { Inboxes } from "./inboxes";
import { carriedSize, type Kind, type Letters, type List } from "./letters";
import { persist, type Persist } from "./retry";
import { Broken } from "./transport";

export interface Showing extends Persist {
  /** Called when there is something new to show. */
  changed?: () => void;
}

/** Letters that were listed together, and the answer that their files are still to be read of. */
export interface Page {
  items: Item[];
  rest: Letters | null;
}

export class Shelf {
  items: Item[] = [];
  /** Letters in the inbox, and whether there are older ones to list. */
  count = 0;
  more = false;
  /** Null when there is no such inbox: a source's begins with the first answer. */
  kind: Kind | null = null;
  private readonly small: number;

  constructor(
    private readonly session: Inboxes,
    private readonly identity: Identity,
    private readonly id: Bytes,
    small: number,
  ) {
    this.small = Math.min(small, carriedSize); // so that every answer carries one at least
  }

  /** Lists what came before a serial number, or the newest. */
  async list(before: number, o: Showing): Promise<Page> {
    const rest = await persist(() => this.ask(before, o), o).catch((e: unknown) => {
      if (e instanceof ApiError && e.code === "gone") return null;
      throw e;
    });
    this.kind = rest?.kind ?? null;
    this.count = rest?.count ?? 0;
    this.more = rest?.more ?? false;
    return { items: this.add(rest), rest };
  }

  /** What came before the oldest that is here. */
  older(o: Showing): Promise<Page> {
    const oldest = this.items.reduce((least, i) => Math.min(least, i.serial), Infinity);
    return this.list(oldest === Infinity ? 0 : oldest, o);
  }

  /** Opens the small letters of a page, the newest first, while the others still come. What
   * one answer does not carry, the next one begins with. */
  async open(page: Page, o: Showing): Promise<void> {
    const wanted = () => page.items.filter((i) => i.state === "waiting" && i.size <= this.small);
    o.changed?.();
    let { rest } = page;
    for (let [next] = wanted(); next; [next] = wanted()) {
      const from = next.serial + 1;
      await persist(async () => {
        const letters = rest ?? (await this.ask(from, o));
        rest = null;
        for (const i of wanted()) if (!has(letters, i)) i.state = "gone";
        await this.take(letters, wanted, o);
      }, o);
    }
    rest?.close();
  }

  /** Fetches and opens one letter; what is wrong with it becomes its state. */
  async read(item: Item, o: Downloading & Showing): Promise<void> {
    const from = (at: number, signal: AbortSignal) => this.session.letterFrom(this.id, item.reference, at, signal);
    if (item.state === "waiting" || item.state === "damaged") await this.unfold(item, download(from, item.size, o), o);
  }

  forget(items: readonly Item[]): void {
    for (const i of items) {
      i.state = "gone"; // for who is opening it
      for (const file of i.letter?.files ?? []) file.chunks.forEach((c) => wipe(c));
      i.letter = null;
    }
    this.items = this.items.filter((i) => !items.includes(i));
  }

  private ask(before: number, o: Showing): Promise<Letters> {
    return this.session.letters(this.id, before, this.small, { signal: o.signal });
  }

  /** Gives the items of a list, of which some may be here already. */
  private add(list: List | null): Item[] {
    const now = Math.floor(Date.now() / 1000);
    return (list?.messages ?? []).map(({ expiresIn, ...facts }) => {
      const known = this.items.find((i) => i.serial === facts.serial);
      const item: Item = known ?? { ...facts, expires: now + expiresIn, state: "waiting", letter: null };
      if (!known) this.items.push(item);
      return item;
    });
  }

  /** Opens what comes, one after the other, beside the reading: a connection on which nothing
   * is read for a while is ended. One that breaks after some came is gone on from there. */
  private async take(letters: Letters, wanted: () => Item[], o: Showing): Promise<void> {
    let opening = Promise.resolve();
    const queued = new Set<Item>();
    const open = async (item: Item, file: Bytes) => {
      await breathe();
      if (item.state === "waiting" && !o.signal?.aborted) await this.unfold(item, once(file), o);
    };
    try {
      for await (const { letter, file, last } of letters.files) {
        const item = wanted().find((i) => i.serial === letter.serial);
        if (!item) continue;
        queued.add(item);
        if (file) opening = opening.then(() => open(item, file));
        else item.state = "gone";
        // The connection of an answer that is not read to its end is lost.
        if (!last && wanted().every((i) => queued.has(i))) break;
      }
    } catch (e) {
      if (!(e instanceof Broken) || queued.size === 0) throw e;
    } finally {
      letters.close();
      await opening;
    }
  }

  private async unfold(item: Item, source: AsyncIterable<Bytes>, o: Showing): Promise<void> {
    item.state = "reading";
    let state: Item["state"] = "waiting";
    try {
      const letter = await openLetter(source, this.identity, this.id);
      if (this.items.includes(item)) item.letter = letter;
      state = "open";
    } catch (e) {
      if (e instanceof FormatError) state = e.fault === "elsewhere" ? "elsewhere" : "damaged";
      else if (e instanceof ApiError && e.code === "gone") state = "gone";
      else throw e;
    } finally {
      item.state = this.items.includes(item) ? state : "gone";
      o.changed?.();
    }
  }
}

/** Whether a letter is listed, or older than what is. */
function has({ messages, more }: List, { serial, size }: Item): boolean {
  const older = more && serial < messages.at(-1)!.serial;
  return older || messages.some((m) => m.serial === serial && m.size === size);
}
