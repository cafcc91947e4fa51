// Several inboxes that one message goes to: each is looked up, and its key verified and shown in
// words, before anything is sent.
import { ApiError } from "../errors";
import { same } from "../format/bytes";
import { inboxText, parseInboxAddress, type InboxAddress } from "../format/inbox";
import type { Inboxes } from "../inboxes";
import { byId, put, submits } from "../ui/dom";
import { service } from "../ui/frame";
import { patient } from "../ui/trouble";
import { named, type Whom } from "../ui/whom";
import { known, say } from "../words";
import { findInbox, type Addressee } from "../write";

const most = 10;

export class Addressees {
  readonly all: Whom[] = [];
  /** When what was sent expires, by the inbox that has it. */
  private readonly sent = new Map<string, number>();
  private readonly field = byId("also", HTMLInputElement);

  constructor(private readonly inboxes: Inboxes) {
    submits("also-form", "also-add", () => this.add());
    this.field.addEventListener("input", () => this.problem(""));
  }

  /** Asks for an address to be added that is typed, or being looked up: whoever typed it thinks
   * that the message goes there. */
  settled(): boolean {
    if (this.field.value.trim() === "") return true;
    byId("also-details", HTMLDetailsElement).open = true;
    this.problem(say("also.first"));
    return false;
  }

  get left(): Whom[] {
    return this.all.filter((w) => !this.has(w));
  }

  get reached(): Whom[] {
    return this.all.filter((w) => this.has(w));
  }

  /** Whether some inboxes have the message already, and others not. */
  get partly(): boolean {
    return this.sent.size > 0;
  }

  got(to: Addressee, expires: number): void {
    this.sent.set(inboxText(to.id), expires);
  }

  expires(to: Addressee): number {
    return this.sent.get(inboxText(to.id)) ?? 0;
  }

  /** The next message goes to all of them. */
  begin(): void {
    this.sent.clear();
    this.show();
  }

  /** Shows all but the first, which stands above. */
  show(): void {
    byId("others", HTMLElement).replaceChildren(...this.all.slice(1).map((w) => this.row(w)));
  }

  private has(w: Whom): boolean {
    return this.sent.has(inboxText(w.id));
  }

  private async add(): Promise<void> {
    this.problem("");
    const address = this.typed();
    if (!address) return;
    const { value } = this.field;
    put("also-state", say("look.working"));
    try {
      const found = await findInbox(this.inboxes, address, patient("also-state"));
      const w = await named(found, address.alias);
      if (this.field.value !== value) return; // it is wanted no more
      if (found.kind === "request") this.problem(say("also.request"));
      else if (this.all.some((other) => same(other.id, w.id))) this.problem(say("also.twice"));
      else this.take(w);
    } catch (e) {
      const code = e instanceof ApiError ? e.code : e instanceof TypeError ? "late" : "odd";
      this.problem(say(known(`look.${code}.text`, "look.odd.text")));
    } finally {
      put("also-state", "");
    }
  }

  private typed(): InboxAddress | null {
    let address: InboxAddress;
    try {
      address = parseInboxAddress(this.field.value);
    } catch {
      this.problem(say("also.bad"));
      return null;
    }
    if (this.all.length === most) this.problem(say("also.most", { n: most }));
    else if (address.service !== service) this.problem(say("also.elsewhere"));
    else return address;
    return null;
  }

  private take(w: Whom): void {
    this.all.push(w);
    this.field.value = "";
    this.show();
    this.problem("");
    put("also-done", say("also.added", { words: w.words }));
  }

  private problem(words: string): void {
    put("also-problem", words);
    put("also-done", "");
    this.field.toggleAttribute("aria-invalid", words !== "");
    if (words !== "") this.field.focus();
  }

  private row(w: Whom): HTMLLIElement {
    const item = whomRow(w, "whom.also");
    if (this.has(w)) {
      item.append(line("hint", say("also.has")));
      return item;
    }
    const remove = document.createElement("button");
    remove.type = "button";
    remove.textContent = say("file.remove");
    remove.setAttribute("aria-label", say("file.removeNamed", { name: w.words }));
    remove.addEventListener("click", () => {
      this.all.splice(this.all.indexOf(w), 1);
      this.show();
      this.problem("");
      this.field.focus();
    });
    item.append(remove);
    return item;
  }
}

/** An inbox with its words; `prefix` says what they are of. */
export function whomRow(w: Whom, prefix: "whom.also" | "whom.sent"): HTMLLIElement {
  const item = document.createElement("li");
  item.className = "note whom";
  const kind = w.alias === "" ? "id" : "alias";
  item.append(line("", say(`${prefix}.${kind}`, { name: w.alias })), line("fp", w.words));
  if (prefix === "whom.also") item.append(line("hint", say(`whom.hint.${kind}`)));
  return item;
}

function line(kind: string, words: string): HTMLParagraphElement {
  const p = document.createElement("p");
  if (kind) p.className = kind;
  p.textContent = words;
  return p;
}
