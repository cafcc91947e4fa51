// What a source sees who came back: the answers, whom to write to again, and the end.
import type { Entry, Group, Item, Partner } from "../conversations";
import { inboxText } from "../format/inbox";
import type { Answered, Mailbox } from "../mailbox";
import type { Limits } from "../send";
import { Answering } from "../ui/answering";
import type { CardActs } from "../ui/card";
import { Cards } from "../ui/cards";
import { askFirst } from "../ui/confirm";
import { Doing } from "../ui/doing";
import { byId, put, view } from "../ui/dom";
import { day, moment } from "../ui/format";
import { learnPartners, partnerName } from "../ui/partners";
import { troubleWords } from "../ui/trouble";
import { say } from "../words";

export class Replies {
  private mailbox!: Mailbox;
  private readonly doing = new Doing("done", "trouble");
  private readonly answering: Answering;
  private readonly proven: Cards;
  private readonly strangers: Cards;
  private extra: Partner | null = null;

  constructor(limits: Limits & { inbox: number; reply: number }) {
    const acts: CardActs = {
      load: (item, progress) => this.load(item, progress),
      destroy: (item) => this.destroy(item),
      who: (entry) => this.writer(entry),
      select: false,
      said: "done",
    };
    this.proven = new Cards(byId("letters", HTMLElement), acts);
    this.strangers = new Cards(byId("strangers", HTMLElement), acts);
    const sent = ({ expires, noted }: Answered) => {
      this.drawPartners();
      view("replies");
      this.doing.said(say(noted ? "return.sent" : "return.sentUnnoted", { time: moment(expires) }));
    };
    this.answering = new Answering(limits, () => view("replies"), sent);
    askFirst("end", () => void this.end());
  }

  show(mailbox: Mailbox): void {
    this.draw(mailbox);
    put("last", "");
    put("last-hint", "");
    put("none-text", say("return.none"));
    view("replies");
  }

  /** All small answers are open, and it is known when the words were used last; `target` is a
   * further inbox to write to. */
  async opened(mailbox: Mailbox, target: Partner | null): Promise<void> {
    this.extra = target;
    this.visits(mailbox);
    await learnPartners(this.partners().map((p) => p.partner.inbox)).catch(() => undefined);
    this.draw(mailbox);
    this.drawPartners();
    if (target) await this.begin(target);
  }

  trouble(e: unknown): void {
    put("trouble", troubleWords(e));
  }

  /** Brings the lists to what the mailbox holds. */
  draw(mailbox: Mailbox): void {
    this.mailbox = mailbox;
    const entries = mailbox.conversations().flatMap((g) => g.entries);
    entries.sort((a, b) => b.item.serial - a.item.serial);
    const apart = entries.filter((e) => !this.trusted(e));
    this.proven.draw(entries.filter((e) => this.trusted(e)));
    this.strangers.draw(apart);
    byId("apart", HTMLElement).hidden = apart.length === 0;
    byId("none", HTMLElement).hidden = entries.length > apart.length || !this.known();
  }

  clear(): void {
    this.proven.clear();
    this.strangers.clear();
  }

  /** What is not open yet stands with the answers until it is. */
  private trusted({ item, verdict }: Entry): boolean {
    return verdict === "conversation" || item.state === "waiting" || item.state === "reading";
  }

  private writer(entry: Entry): string {
    const from = entry.item.letter?.head.from;
    return from && entry.verdict === "conversation" && this.partners().length > 1 ? this.nameOf(from) : "";
  }

  private nameOf(inbox: Partner["inbox"]): string {
    return say("return.inbox", { words: partnerName(inbox, "") });
  }

  private visits(m: Mailbox): void {
    const known = this.known();
    put("last", m.before ? say("return.last", { day: day(m.before) }) : say(known ? "return.first" : "return.unknown"));
    put("last-hint", say(m.before ? "return.lastHint" : known ? "return.firstHint" : "return.unknownHint"));
    byId("end-part", HTMLElement).hidden = !known;
  }

  /** Whether there is a mailbox behind the words. */
  private known(): boolean {
    return this.mailbox.kind !== null || this.mailbox.notebook.conversations.length > 0;
  }

  private partners(): { partner: Partner; since: string }[] {
    const groups = this.mailbox.conversations().filter((g): g is Group & { partner: Partner } => g.partner !== null);
    const since = (p: Partner) =>
      this.mailbox.notebook.conversations.find((c) => inboxText(c.inbox) === inboxText(p.inbox))?.since ?? "";
    const own = groups.filter((g) => g.partner.key === null).map((g) => ({ partner: g.partner, since: since(g.partner) }));
    const extra = this.extra;
    if (extra && !own.some((p) => inboxText(p.partner.inbox) === inboxText(extra.inbox))) own.push({ partner: extra, since: "" });
    return own;
  }

  private drawPartners(): void {
    const rows = this.partners().map(({ partner }) => {
      const row = document.createElement("li");
      const press = document.createElement("button");
      press.type = "button";
      press.textContent = say("return.again", { name: this.nameOf(partner.inbox) });
      press.addEventListener("click", () => void this.begin(partner));
      row.append(press);
      return row;
    });
    byId("people", HTMLElement).replaceChildren(...rows);
    byId("again-part", HTMLElement).hidden = rows.length === 0;
  }

  private async begin(partner: Partner): Promise<void> {
    await this.doing.try(() => this.answering.begin(this.mailbox, { partner, name: "" }));
  }

  private async load(item: Item, progress: (done: number, total: number) => void): Promise<void> {
    const changed = () => this.draw(this.mailbox);
    await this.doing.try((o) => this.mailbox.read(item, { ...o, progress, changed }));
  }

  private async destroy(item: Item): Promise<void> {
    const changed = () => this.draw(this.mailbox);
    await this.doing.try(async (o) => {
      const proof = await this.mailbox.destroy([item], { ...o, changed });
      this.doing.said(say(proof === "destroyed" ? "letter.gone" : "letter.unproven"), proof === "destroyed");
    });
  }

  private async end(): Promise<void> {
    await this.doing.try(async (o) => {
      const kind = (await this.mailbox.destroyAll(o)) === "destroyed" ? "ended" : "unproven";
      this.clear();
      put("ended-title", say(`return.${kind}.title`));
      put("ended-text", say(`return.${kind}.text`));
      view("ended");
    });
  }
}
