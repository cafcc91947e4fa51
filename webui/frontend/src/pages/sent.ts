// After a message to an inbox went out: the return words, once, then what was sent to whom.
import type { Bytes } from "../format/bytes";
import { checkWord, codenameWords, type WordList } from "../format/codename";
import { copy } from "../ui/copy";
import { button, byId, put, view } from "../ui/dom";
import { fileRow } from "../ui/files";
import { moment } from "../ui/format";
import { onLeave, service, stayWhile } from "../ui/frame";
import type { Whom } from "../ui/whom";
import { say } from "../words";
import { whomRow } from "./also";

// The words that may be typed once more, to see whether the paper is right.
const checked = [3, 9] as const;

let words: string[] = [];
let ready = false;

export interface SentLetter {
  whoms: readonly Whom[];
  text: boolean;
  files: { name: string; size: number }[];
  expires: number;
  answers: boolean;
  request: boolean;
}

/** Shows the return words until the person says that they are written down. `all` says that
 * the message went to everybody it was for. */
export function showWords(entropy: Bytes, list: WordList, all: boolean, written: () => void): void {
  words = codenameWords(entropy, list).split(" ");
  byId("twelve", HTMLElement).replaceChildren(...words.map(line));
  byId("words-address", HTMLTextAreaElement).value = `${service}/return`;
  put("words-copied", "");
  put("check-state", "");
  for (const n of checked) {
    field(n).value = "";
    field(n).oninput = () => put("check-state", wrong(list) ? "" : say("words.right"));
  }
  put("words-title", say(all ? "words.title" : "words.partly"));
  view("words");
  once();
  // Not by Enter in a field of the check: the words would be gone.
  byId("written", HTMLButtonElement).onclick = () => {
    const n = wrong(list, true);
    if (n) {
      put("check-state", say("words.wrong", { n }));
      field(n).focus();
      return;
    }
    forget();
    written();
  };
}

function once(): void {
  if (ready) return;
  ready = true;
  stayWhile(() => words.length > 0);
  onLeave(forget);
  byId("written", HTMLButtonElement).disabled = false;
  button("copy-words", () => {
    put("words-copied", "");
    const copied = copy(words.join(" "), byId("words-field", HTMLTextAreaElement));
    void copied.then((done) => put("words-copied", say(done ? "words.copied" : "copy.failed")));
  });
}

/** The first word of the check that is not right, 0 when all are. A field left empty is wrong
 * only when `skip` is not set: the check is for those who want it. */
function wrong(list: WordList, skip = false): number {
  for (const n of checked) {
    const typed = field(n).value.trim();
    if (typed === "" ? !skip : checkWord(typed, list) !== words[n - 1]) return n;
  }
  return 0;
}

function field(n: number): HTMLInputElement {
  return byId(`check-${n}`, HTMLInputElement);
}

function line(word: string): HTMLLIElement {
  const item = document.createElement("li");
  item.textContent = word;
  return item;
}

function forget(): void {
  words = [];
  byId("twelve", HTMLElement).replaceChildren();
  byId("words-field", HTMLTextAreaElement).value = "";
  for (const n of checked) field(n).value = "";
}

/** What was encrypted, to whom, and until when it is there. The text is not shown again. */
export function showSent(sent: SentLetter): void {
  const several = sent.whoms.length > 1;
  put("sent-until", say(several ? "sent.untilAll" : "sent.until", { time: moment(sent.expires) }));
  put("sent-title", say(sent.request ? "request.sent" : several ? "sent.titleAll" : "sent.title"));
  byId("sent-whoms", HTMLElement).replaceChildren(...sent.whoms.map((w) => whomRow(w, "whom.sent")));
  put("sent-answer", say(sent.answers ? "sent.answer" : "sent.noAnswer"));
  const rows = sent.files.map((f) => fileRow(f.name, f.size));
  if (sent.text) rows.unshift(line(say("sent.text")));
  byId("sent-what", HTMLElement).replaceChildren(...rows);
  view("sent");
}
