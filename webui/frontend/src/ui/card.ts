// One message of a mailbox as people read it. Files are only ever saved, never shown: what is
// in them is somebody else's, and a preview would run it on this page.
import type { Entry, Item } from "../conversations";
import { say } from "../words";
import { askInside } from "./confirm";
import { copy } from "./copy";
import { byId, put } from "./dom";
import { inSeconds, moment, size } from "./format";
import { savable } from "./save";

export interface CardActs {
  /** Fetches a message that was not loaded yet; tells how much has come. */
  load(item: Item, progress: (done: number, total: number) => void): Promise<void>;
  destroy(item: Item): Promise<void>;
  /** Who wrote it, where that is not clear from the place. */
  who?(entry: Entry): string;
  /** Whether messages can be selected, to destroy several. */
  select: boolean;
  /** The element that says what happened, for copying. */
  said: string;
}

export class Card {
  readonly root: HTMLLIElement;
  private drawn = "";
  private busy = false;

  constructor(
    private entry: Entry,
    private readonly acts: CardActs,
  ) {
    const template = byId("letter", HTMLTemplateElement);
    this.root = (template.content.cloneNode(true) as DocumentFragment).querySelector("li")!;
    this.press("load", () => void this.load());
    this.press("copy", () => void this.copy());
    askInside(this.root, ".destroy", () => void this.destroy());
    this.draw(entry);
  }

  get selected(): boolean {
    return this.box.checked && this.item.state !== "gone";
  }

  set selected(on: boolean) {
    this.box.checked = on;
  }

  private get box(): HTMLInputElement {
    return this.root.querySelector("input")!;
  }

  private get item(): Item {
    return this.entry.item;
  }

  /** Shows the message as it stands now; what a person is at is left alone. */
  draw(entry: Entry): void {
    this.entry = entry;
    const item = this.item;
    const now = `${item.state} ${entry.verdict}`;
    if (this.busy || this.drawn === now) return;
    this.drawn = now;
    const open = item.state === "open" && item.letter !== null;
    const title = open ? moment(item.letter!.head.time) : say("letter.unread");
    this.find(".when").textContent = title;
    this.find(".copy").setAttribute("aria-label", say("letter.copyNamed", { time: title }));
    this.find(".destroy").setAttribute("aria-label", say("letter.destroyNamed", { time: title }));
    this.find(".load").setAttribute("aria-label", say("letter.loadNamed", { size: size(item.size) }));
    this.box.setAttribute("aria-label", say("letter.select", { time: title }));
    this.show("picked", this.acts.select && item.state !== "gone");
    this.find(".who").textContent = open ? (this.acts.who?.(this.entry) ?? "") : "";
    this.find(".until").textContent =
      item.state === "gone" ? "" : say("letter.until", { time: moment(item.expires) });
    this.state();
    this.mark();
    this.show("loading", item.state === "waiting");
    this.show("acts", item.state !== "gone");
    this.show("copy", open && item.letter!.text !== null);
    if (open) this.content();
    else this.empty();
  }

  private state(): void {
    const { state } = this.item;
    const key = { waiting: "letter.large", reading: "letter.fetching", open: "", damaged: "letter.damaged",
      elsewhere: "letter.elsewhere", gone: "letter.gone" } as const;
    const words = state === "open" && unlikely(this.item) ? "letter.clock" : key[state];
    this.find(".state").textContent = words === "" ? "" : say(words, { size: size(this.item.size) });
  }

  private mark(): void {
    const verdict = this.entry.verdict;
    const line = this.find(".mark");
    line.textContent = verdict ? say(`letter.${verdict}`) : "";
    line.className = `mark${verdict === "conversation" ? " proven" : verdict === "stranger" ? " warn" : ""}`;
  }

  private content(): void {
    const { text, files } = this.item.letter!;
    const place = this.find(".text");
    place.hidden = false;
    place.textContent = text ?? say("letter.noText");
    this.find(".files").replaceChildren(...files.map((f) => savable(f)));
    this.show("harm", files.length > 0);
  }

  private empty(): void {
    const place = this.find(".text");
    place.hidden = true;
    place.textContent = "";
    this.find(".files").replaceChildren();
    this.show("harm", false);
  }

  private async load(): Promise<void> {
    const bar = this.root.querySelector("progress")!;
    this.busy = true;
    this.find(".state").textContent = say("letter.fetching");
    this.show("loading", false);
    this.find(".when").focus(); // the button that had the focus is gone
    bar.hidden = false;
    bar.removeAttribute("value");
    await this.acts.load(this.item, (done, total) => {
      bar.max = total;
      bar.value = done;
    });
    bar.hidden = true;
    this.finish();
  }

  private async destroy(): Promise<void> {
    this.busy = true;
    this.find(".state").textContent = say("letter.destroying");
    this.find(".when").focus();
    await this.acts.destroy(this.item);
    this.finish();
  }

  private finish(): void {
    this.busy = false;
    this.drawn = "";
    this.draw(this.entry);
  }

  private async copy(): Promise<void> {
    put(this.acts.said, "");
    const done = await copy(this.item.letter?.text ?? "", byId("copy-field", HTMLTextAreaElement));
    put(this.acts.said, say(done ? "open.copied" : "copy.failed"));
  }

  private press(name: string, act: () => void): void {
    this.find(`.${name}`).addEventListener("click", act);
  }

  private show(name: string, on: boolean): void {
    this.find(`.${name}`).hidden = !on;
  }

  private find(selector: string): HTMLElement {
    return this.root.querySelector<HTMLElement>(selector)!;
  }
}

/** Whether a letter's own time cannot be right: it is at the service for 30 days at most. A day
 * is left for clocks and slow circuits. */
function unlikely({ letter, expires }: Item): boolean {
  const day = 86_400;
  return letter !== null && (letter.head.time > inSeconds(day) || letter.head.time < expires - 31 * day);
}
