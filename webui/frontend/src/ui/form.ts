// A message being written: text and files, and what must be mended before it can be sent.
import { ApiError, type Code } from "../errors";
import { FileChanged, maxFiles, maxText, type Content } from "../format/container";
import { utf8 } from "../format/bytes";
import { known, say, type Key } from "../words";
import { byId } from "./dom";
import { Files } from "./files";
import { atMost, size } from "./format";
import { showLocked } from "./frame";

type Field = HTMLTextAreaElement | HTMLInputElement;

// What is sent from a page is opened by a page, which holds all of it in memory; Tor Browser
// writes nothing to the disk.
const browserMost = 256 * 1024 * 1024;

export class MessageForm {
  readonly text = byId("text", HTMLTextAreaElement);
  readonly files = new Files(() => this.problem(""));
  private readonly fields: HTMLElement[];

  /** `press` is the button that sends; `more` are further fields that can be wrong. */
  constructor(
    readonly press: HTMLButtonElement,
    more: Field[] = [],
  ) {
    this.fields = [this.text, byId("pick", HTMLElement), ...more];
    for (const field of [this.text, ...more]) field.addEventListener("input", () => this.problem(""));
  }

  get empty(): boolean {
    return this.text.value === "" && this.files.all.length === 0;
  }

  /** What is written, or null when something must be mended first. */
  read(): Content | null {
    const content = this.content();
    if (this.empty) return this.mend("fail.empty", this.text);
    if (utf8(content.text).length > maxText) return this.mend("fail.text", this.text);
    if (content.files.length > maxFiles) return this.mend("fail.files", byId("pick", HTMLInputElement));
    return content;
  }

  /** Says what must be mended below the field it is about: on a phone the end of the form is far. */
  mend(key: Key, field: Field): null {
    this.problem(say(key), field);
    field.setAttribute("aria-invalid", "true");
    field.focus();
    return null;
  }

  problem(words: string, field: HTMLElement | null = null): void {
    const line = byId("problem", HTMLElement);
    line.textContent = "";
    if (field) (field.closest(".row") ?? field).after(line);
    else this.press.before(line);
    line.textContent = words;
    for (const f of this.fields) f.removeAttribute("aria-invalid");
  }

  content(): Content {
    return { text: this.text.value, files: this.files.all };
  }

  fill({ text, files }: { text: string; files: Content["files"] }): void {
    this.text.value = text;
    this.files.set([...files]);
  }

  clear(): void {
    this.fill({ text: "", files: [] });
    this.problem("");
  }
}

/** The seconds that are chosen in the page's list of expiries. */
export function chosenSeconds(): number {
  return Number(byId("expiry", HTMLElement).querySelector<HTMLInputElement>(":checked")!.value);
}

/** What went wrong, in words already. */
export class Said extends Error {
  constructor(readonly words: string) {
    super("said");
  }
}

export class TooBig extends Said {
  constructor(total: number, most: number, key: Key) {
    super(say(key, { size: size(total), limit: atMost(most) }));
  }

  /** Throws when a message of `total` bytes is more than the service or a browser takes. */
  static check(total: number, service: number): void {
    const most = Math.min(service, browserMost);
    if (total <= most) return;
    throw new TooBig(total, most, most < service ? "fail.browser" : "fail.size");
  }
}

/** What went wrong when sending, in words: the key `PREFIX.CODE` if there is one, else the
 * common ones. */
export function explainSending(e: unknown, prefix: string): string {
  if (e instanceof Said) return e.words;
  // A file that went away is a DOMException of the file reader.
  if (e instanceof FileChanged || e instanceof DOMException) {
    const what = e.name === "AbortError" ? "stopped" : "changed";
    return say(known(`${prefix}.${what}`, what === "stopped" ? "send.stopped" : "fail.changed"));
  }
  if (e instanceof TypeError) return say("fail.late"); // a late part of the page
  const code: Code = e instanceof ApiError ? e.code : "protocol";
  if (code === "locked") showLocked();
  return say(known(`${prefix}.${code}`, known(`fail.${code}`, "fail.other")));
}
