// Letters of which the writer does not know whether they arrived: Stop was pressed before the
// last answer came. Who sends the same again asks for that answer first, so that no letter is
// delivered twice. The service answers a repeated request as it did before, until it has
// forgotten the upload.
import type { Api, Receipt } from "./api";
import { ApiError } from "./errors";
import { encode } from "./format/bytes";
import type { Content } from "./format/container";
import { inboxText } from "./format/inbox";
import type { SendOptions } from "./send";
import type { Answering, Writing } from "./write";

/** Makes the last request of an upload, again or for the first time. */
export type Last = (api: Api, o: SendOptions) => Promise<Receipt>;

interface Letter {
  content: Content;
  terms: string;
  last: Last;
}

export class Unanswered {
  private readonly letters = new Map<string, Letter>(); // by inbox

  note(w: Writing | Answering, last: Last): void {
    const content = { text: w.content.text, files: [...w.content.files] };
    this.letters.set(inboxText(w.to.id), { content, terms: terms(w), last });
  }

  has(w: Writing | Answering): boolean {
    return this.letters.has(inboxText(w.to.id));
  }

  /** Forgets a letter that came to an end, as far as `e` is one. */
  ended(w: Writing | Answering, e: unknown = null): void {
    const open = e instanceof ApiError ? e.code === "locked" : e !== null;
    if (!open) this.letters.delete(inboxText(w.to.id));
  }

  /** The answer for the same letter sent before; null when it has to be sent. */
  async ask(api: Api, w: Writing | Answering, o: SendOptions): Promise<Receipt | null> {
    const before = this.letters.get(inboxText(w.to.id));
    if (!before || before.terms !== terms(w) || !alike(before.content, w.content)) {
      this.ended(w);
      return null;
    }
    try {
      const receipt = await before.last(api, o);
      this.ended(w);
      return receipt;
    } catch (e) {
      this.ended(w, e);
      if (e instanceof ApiError && e.code === "gone") return null;
      throw e;
    }
  }

  forget(): void {
    this.letters.clear();
  }
}

/** What else makes a letter another one. */
function terms(w: Writing | Answering): string {
  return `${w.seconds} ${"from" in w ? encode(w.key) : (w.answers?.recipient ?? "")}`;
}

function alike(a: Content, b: Content): boolean {
  return (
    a.text === b.text &&
    a.files.length === b.files.length &&
    a.files.every((f, i) => f.name === b.files[i]!.name && f.blob === b.files[i]!.blob)
  );
}
