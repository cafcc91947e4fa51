// One conversation: its messages, its name, an answer.
import type { Group, Item, Partner } from "../conversations";
import type { Mailbox } from "../mailbox";
import type { Answering } from "../ui/answering";
import { Cards } from "../ui/cards";
import { askFirst } from "../ui/confirm";
import { Doing } from "../ui/doing";
import { button, byId, put, submits, view } from "../ui/dom";
import { groupName } from "../ui/partners";
import { count, say } from "../words";

export class Talk {
  private mailbox: Mailbox | null = null;
  private group: Group | null = null;
  private readonly doing = new Doing("talk-done", "talk-trouble");
  private readonly cards: Cards;

  /** `changed` draws everything anew, `leave` shows the list, with words for what was done. */
  constructor(
    private readonly answering: Answering,
    private readonly changed: () => void,
    private readonly leave: (words: string, proven: boolean) => void,
  ) {
    this.cards = new Cards(byId("letters", HTMLElement), {
      load: (item, progress) => this.doing.try((o) => this.mailbox!.read(item, { ...o, progress, changed })),
      destroy: (item) => this.destroy([item]),
      select: true,
      said: "talk-done",
    });
    button("talk-back", () => this.leave("", true));
    button("talk-answer", () => void this.answer());
    button("select-all", () => this.cards.selectAll());
    askFirst("talk-destroy", () => void this.destroy(this.cards.selected()), () => this.ask());
    submits("name-form", "name-save", () => this.name());
  }

  show(mailbox: Mailbox, group: Group): void {
    this.mailbox = mailbox;
    this.group = group;
    this.cards.clear();
    put("talk-done", "");
    put("talk-trouble", "");
    byId("name", HTMLInputElement).value = group.name;
    this.draw();
    view("talk");
  }

  /** Brings the view to what the mailbox holds. A conversation may have got another key: an
   * answer settles with whom it is. */
  draw(): void {
    const shown = this.group;
    if (!shown || !this.mailbox) return;
    const all = this.mailbox.conversations();
    const items = new Set(shown.entries.map((e) => e.item));
    const now = all.find((g) => g.key === shown.key) ?? all.find((g) => g.entries.some((e) => items.has(e.item)));
    this.group = now ?? { ...shown, entries: [], partner: null };
    const { entries, partner } = this.group;
    const many = entries.length > 1;
    put("talk-title", groupName(this.group));
    byId("talk-answer", HTMLElement).hidden = partner === null;
    byId("name-form", HTMLElement).hidden = partner === null;
    byId("talk-many", HTMLElement).hidden = !many;
    this.cards.draw(entries);
  }

  /** Comes back from writing. */
  back(): void {
    this.draw();
    view("talk");
  }

  sent(words: string): void {
    this.changed();
    this.back();
    this.doing.said(words);
  }

  clear(): void {
    this.group = null;
    this.cards.clear();
    byId("name", HTMLInputElement).value = "";
  }

  private async answer(): Promise<void> {
    const { mailbox, group } = this;
    const partner: Partner | null = group?.partner ?? null;
    if (!mailbox || !group || !partner) return;
    put("write-title", say("inbox.answer", { name: groupName(group) }));
    await this.doing.try(() => this.answering.begin(mailbox, { partner, name: group.name }));
  }

  private async name(): Promise<void> {
    const partner = this.group?.partner;
    if (!partner) return;
    await this.doing.try(async (o) => {
      await this.mailbox!.name(partner, byId("name", HTMLInputElement).value.trim(), o);
      this.changed();
      this.doing.said(say("inbox.named"));
    });
  }

  private ask(): boolean {
    const n = this.cards.selected().length;
    put("talk-trouble", n === 0 ? say("inbox.selectFirst") : "");
    put("talk-destroy-what", count("inbox.destroy", n));
    return n > 0;
  }

  private async destroy(items: readonly Item[]): Promise<void> {
    await this.doing.try(async (o) => {
      const proof = await this.mailbox!.destroy(items, { ...o, changed: this.changed });
      const words = proof === "destroyed" ? count("inbox.destroyed", items.length) : say("letter.unproven");
      if (this.group?.entries.length === 0) this.leave(words, proof === "destroyed");
      else this.doing.said(words, proof === "destroyed");
    });
  }
}
