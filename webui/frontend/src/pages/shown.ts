// The view with the message. Files are only ever saved, never shown: what is in them is
// somebody else's, and a preview would run it on this page.
import type { Claimed } from "../api";
import { utf8, wipe } from "../format/bytes";
import type { Received, ReceivedFile } from "../format/unpack";
import { copy } from "../ui/copy";
import { askFirst } from "../ui/confirm";
import { button, byId, put, view } from "../ui/dom";
import { inSeconds, moment } from "../ui/format";
import { besideWhile, onLeave, stayWhile } from "../ui/frame";
import { savable, save } from "../ui/save";
import { say, type Key } from "../words";

/** What became of the message at the service, and what may still be heard of it. */
export interface Fate {
  key: Key;
  later?: Promise<Fate>;
}

const patience = 10_000; // milliseconds

/** What is known when the text is to be shown. A connection that broke must not keep it from
 * whom it is for: it may be destroyed already. */
export function inTime(answer: Promise<Fate>, late: Key): Promise<Fate> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve({ key: late, later: answer }), patience);
    void answer.then((fate) => {
      clearTimeout(timer);
      resolve(fate);
    });
  });
}

/** Whether it can be opened again, and how long. */
export type Stay = Pick<Claimed, "keep" | "expiresIn">;

const good: readonly Key[] = ["open.destroyed", "open.left", "answer.destroyed"];

const unsaved = new Set<ReceivedFile>();

/** Shows a message; `removed` is called when the person takes it off the page. */
export function showMessage(message: Received, fate: Fate, stay: Stay, removed: () => void): void {
  const text = byId("text", HTMLElement);
  showFate(fate, stay);
  text.textContent = message.text ?? say("open.noText");
  byId("text-row", HTMLElement).hidden = message.text === null;
  byId("files", HTMLElement).replaceChildren(...message.files.map((f) => savable(f, () => unsaved.delete(f))));
  byId("files-note", HTMLElement).hidden = message.files.length === 0;
  button("copy", () => {
    const copied = copy(message.text ?? "", byId("copy-field", HTMLTextAreaElement));
    void copied.then((done) => put("copied", say(done ? "open.copied" : "copy.failed")));
  });
  button("save", () => save("message.txt", [utf8(message.text ?? "")]));
  let here = true;
  const forget = () => {
    here = false;
    text.textContent = message.text = "";
    byId("copy-field", HTMLTextAreaElement).value = "";
    byId("files", HTMLElement).replaceChildren();
    for (const f of message.files) wipe(...f.chunks);
    message.files = [];
    unsaved.clear();
  };
  put("hide-what", say(stay.keep ? "hide.keep" : "hide.once"));
  askFirst("hide", () => {
    forget();
    removed();
    view("hidden");
  });
  onLeave(forget);
  besideWhile(() => here);
  view("shown");
  // A message that is destroyed is nowhere else: warn before files are lost unsaved.
  if (!stay.keep) for (const f of message.files) unsaved.add(f);
  stayWhile(() => unsaved.size > 0);
}

function showFate(fate: Fate, stay: Stay): void {
  const line = byId("fate", HTMLElement);
  line.className = good.includes(fate.key) ? "ok" : "hint";
  line.textContent = say(fate.key, { time: moment(inSeconds(stay.expiresIn)) });
  void fate.later?.then((next) => showFate(next, stay));
}
