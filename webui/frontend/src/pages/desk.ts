// The list of conversations, the address of the inbox, and its end.
import type { Group, Item } from "../conversations";
import { ApiError } from "../errors";
import { inboxFingerprint } from "../format/fingerprint";
import { inboxAddress } from "../format/inbox";
import type { Mailbox } from "../mailbox";
import type { Limits } from "../send";
import { Answering } from "../ui/answering";
import { askFirst } from "../ui/confirm";
import { copy } from "../ui/copy";
import { Doing } from "../ui/doing";
import { button, byId, put, submits, view } from "../ui/dom";
import { day, moment } from "../ui/format";
import { service } from "../ui/frame";
import { learnPartners } from "../ui/partners";
import { qrButton } from "../ui/qrbutton";
import { troubleWords } from "../ui/trouble";
import { count, say } from "../words";
import { Rows } from "./rows";
import { Talk } from "./talk";

export class Desk {
  private mailbox!: Mailbox;
  private address = "";
  private readonly doing = new Doing("done", "trouble");
  private readonly rows = new Rows((g) => this.talk.show(this.mailbox, g));
  private readonly talk: Talk;
  private asked: readonly Item[] = [];

  constructor(limits: Limits & { inbox: number; reply: number }) {
    const answering = new Answering(
      limits,
      () => this.talk.back(),
      (a) => this.talk.sent(say(a.noted ? "inbox.sent" : "inbox.sentUnnoted", { time: moment(a.expires) })),
    );
    this.talk = new Talk(answering, () => this.draw(), (words, proven) => this.list(words, proven));
    button("more", () => void this.older());
    button("refresh", () => void this.refresh());
    button("all", () => this.rows.selectAll());
    askFirst("destroy", () => void this.destroy(), () => this.ask());
    submits("end-form", "end", () => this.end());
    const field = byId("your-address", HTMLTextAreaElement);
    button("copy-address", () => {
      put("address-copied", "");
      void copy(this.address, field).then((ok) => put("address-copied", say(ok ? "copy.done" : "copy.failed")));
    });
    const failed = () => put("address-copied", say("fail.late"));
    qrButton(() => this.address, "inbox.qr", () => undefined, failed);
  }

  async show(mailbox: Mailbox): Promise<void> {
    this.mailbox = mailbox;
    this.address = inboxAddress({ service, id: mailbox.id, alias: "" });
    byId("your-address", HTMLTextAreaElement).value = this.address;
    byId("public", HTMLTextAreaElement).value = mailbox.identity.recipient;
    put("last", "");
    byId("mailbox", HTMLElement).hidden = mailbox.kind !== "reply";
    this.draw();
    view("list");
    put("your-words", await inboxFingerprint(mailbox.id).catch(() => ""));
  }

  /** All small letters are open, and it is known when the inbox was used last. */
  opened(): void {
    const { before } = this.mailbox;
    put("last", before ? say("inbox.last", { day: day(before) }) : say("inbox.firstVisit"));
    this.draw();
  }

  trouble(e: unknown): void {
    put("trouble", troubleWords(e));
  }

  /** Brings the views to what the mailbox holds. */
  draw(): void {
    const { mailbox } = this;
    const groups = mailbox.conversations();
    this.rows.draw(groups);
    this.talk.draw();
    const held = mailbox.count === 0 ? say("inbox.held.none") : count("inbox.held", mailbox.count);
    put("held", mailbox.more ? `${held} ${say("inbox.heldMore", { n: mailbox.items.length })}` : held);
    const show = (id: string, on: boolean) => (byId(id, HTMLElement).hidden = !on);
    show("empty", groups.length === 0);
    show("talks-set", groups.length > 0);
    show("more", mailbox.more);
    show("destroy", mailbox.items.length > 0);
    show("all", mailbox.items.length > 1);
    this.learn(groups);
  }

  clear(): void {
    this.rows.clear();
    this.talk.clear();
  }

  /** Loads the words that name writers who are new, then draws. */
  private learn(groups: readonly Group[]): void {
    learnPartners(groups.map((g) => g.inbox)).then(
      (more) => more && this.draw(),
      () => undefined,
    );
  }

  private list(words: string, proven: boolean): void {
    view("list");
    if (words !== "") this.doing.said(words, proven);
  }

  private async older(): Promise<void> {
    await this.doing.try(async (o) => {
      await this.mailbox.older({ ...o, changed: () => this.draw() });
      this.draw();
    });
  }

  private async refresh(): Promise<void> {
    const before = this.mailbox.items.length;
    await this.doing.try(async (o) => {
      await this.mailbox.open({ ...o, changed: () => this.draw() });
      this.draw();
      if (this.mailbox.kind === null) throw new ApiError("gone");
      const more = this.mailbox.items.length - before;
      this.doing.said(more > 0 ? count("inbox.arrived", more) : say("inbox.refreshed"));
    });
  }

  private ask(): boolean {
    this.asked = this.rows.selected();
    const n = this.asked.length;
    put("trouble", n === 0 ? say("inbox.selectFirst") : "");
    put("destroy-what", count("inbox.destroy", n));
    return n > 0;
  }

  private async destroy(): Promise<void> {
    // A message that has come into a conversation since was not asked about.
    const items = this.rows.selected().filter((i) => this.asked.includes(i));
    put("held", say("inbox.destroying"));
    await this.doing.try(async (o) => {
      const proof = await this.mailbox.destroy(items, { ...o, changed: () => this.draw() });
      this.doing.said(proof === "destroyed" ? count("inbox.destroyed", items.length) : say("letter.unproven"), proof === "destroyed");
    });
    this.draw();
  }

  private async end(): Promise<void> {
    const word = byId("end-word", HTMLInputElement);
    put("end-problem", "");
    if (word.value.trim().toLowerCase() !== "destroy") {
      put("end-problem", say("inbox.endWord"));
      word.focus();
      return;
    }
    await this.doing.try(async (o) => {
      const proof = await this.mailbox.destroyAll(o);
      this.clear();
      put("ended-text", say(proof === "destroyed" ? "inbox.ended" : "inbox.endedUnproven"));
      view("ended");
    });
  }
}
