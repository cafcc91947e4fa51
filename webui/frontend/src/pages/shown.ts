// The view with the message. Files are only ever saved, never shown: what is in them is
// somebody else's, and a preview would run it on this page.
import type { Claimed } from "../api";
import { utf8, wipe } from "../format/bytes";
import type { Received, ReceivedFile } from "../format/unpack";
import { copy } from "../ui/copy";
import { askFirst } from "../ui/confirm";
import { button, byId, put, view } from "../ui/dom";
import { fileRow } from "../ui/files";
import { inSeconds, moment } from "../ui/format";
import { besideWhile, onLeave, stayWhile } from "../ui/frame";
import { say } from "../words";

/** What became of the message at the service, and what may still be heard of it. */
export interface Fate {
  key: "open.destroyed" | "open.left" | "open.unproven" | "open.keep";
  later?: Promise<Fate>;
}

const unsaved = new Set<ReceivedFile>();

/** Shows a message; `removed` is called when the person takes it off the page. */
export function showMessage(message: Received, fate: Fate, claimed: Claimed, removed: () => void): void {
  const text = byId("text", HTMLElement);
  showFate(fate, claimed);
  text.textContent = message.text ?? say("open.noText");
  byId("text-row", HTMLElement).hidden = message.text === null;
  byId("files", HTMLElement).replaceChildren(...message.files.map(row));
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
  put("hide-what", say(claimed.keep ? "hide.keep" : "hide.once"));
  askFirst("hide", () => {
    forget();
    removed();
    view("hidden");
  });
  onLeave(forget);
  besideWhile(() => here);
  view("shown");
  // A message that is destroyed is nowhere else: warn before files are lost unsaved.
  if (!claimed.keep) for (const f of message.files) unsaved.add(f);
  stayWhile(() => unsaved.size > 0);
}

function showFate(fate: Fate, claimed: Claimed): void {
  const line = byId("fate", HTMLElement);
  line.className = fate.key === "open.destroyed" || fate.key === "open.left" ? "ok" : "hint";
  line.textContent = say(fate.key, { time: moment(inSeconds(claimed.expiresIn)) });
  void fate.later?.then((next) => showFate(next, claimed));
}

function row(file: ReceivedFile): HTMLLIElement {
  const press = document.createElement("button");
  press.type = "button";
  press.textContent = say("open.save");
  press.setAttribute("aria-label", say("open.saveNamed", { name: file.name }));
  press.addEventListener("click", () => {
    save(file.name, file.chunks);
    unsaved.delete(file);
  });
  const line = fileRow(file.name, file.size);
  line.append(press);
  return line;
}

/** A download, always as an octet stream: the browser must not open what it gets. */
function save(name: string, chunks: Uint8Array<ArrayBuffer>[]): void {
  const url = URL.createObjectURL(new Blob(chunks, { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
