// The view with the link. The message itself is gone from the page by now.
import { parseControlLink } from "../format/link";
import type { Sent } from "../send";
import { copy } from "../ui/copy";
import { button, byId, put, view } from "../ui/dom";
import { moment } from "../ui/format";
import { onLeave, stayWhile } from "../ui/frame";
import { qrButton } from "../ui/qrbutton";
import { destroyButton } from "../ui/revoke";
import { say } from "../words";

export function showLink(sent: Sent): void {
  const link = byId("link", HTMLTextAreaElement);
  const control = byId("control", HTMLTextAreaElement);
  const time = moment(sent.expires);
  link.value = sent.link;
  put("ready-lead", say(sent.keep ? "link.keep" : "link.once", { time }));
  put("ready-see", say(sent.keep ? "link.see.keep" : "link.see.once"));
  const extra = byId("ready-extra", HTMLTextAreaElement);
  extra.value = sent.extra ?? "";
  byId("ready-passphrase", HTMLElement).hidden = sent.extra === null;
  byId("write", HTMLElement).remove();
  view("ready");
  link.focus();
  link.select();

  const saved = guard(link);
  const copyText = (text: string) => {
    put("copied", ""); // said anew at each press
    return copy(text, link).then((done) => {
      put("copied", say(done ? "copy.done" : "copy.failed"));
      if (done) saved();
    });
  };
  button("copy-all", () => void copyText(instructions(sent, time)));
  button("copy-link", () => void copyText(sent.link));
  button("copy-control", () => {
    control.hidden = false;
    control.value = sent.control;
    void copy(sent.control, control).then((done) =>
      put("control-copied", say(done ? "copy.control" : "copy.failed")),
    );
  });
  qrButton(() => sent.link, "qr.label", saved, () => put("copied", say("fail.late")));
  const retired = () => {
    retire(link);
    saved();
  };
  destroyButton(() => parseControlLink(sent.control), retired);
  button("again", () => location.assign("/"));
  onLeave(() => {
    link.value = control.value = extra.value = "";
    document.getElementById("qr-place")?.replaceChildren();
  });
}

/** Warns before the page is left while the link is saved nowhere. */
function guard(link: HTMLTextAreaElement): () => void {
  let unsaved = true;
  const saved = () => void (unsaved = false);
  stayWhile(() => unsaved);
  link.addEventListener("copy", saved);
  return saved;
}

function instructions(sent: Sent, time: string): string {
  const parts = [say(sent.keep ? "link.instructions.keep" : "link.instructions.once", { time })];
  if (sent.extra !== null) parts.push(say("link.instructions.passphrase"));
  return [...parts, sent.link].join("\n\n");
}

/** After the message was destroyed its link leads nowhere: nobody should send it. */
function retire(link: HTMLTextAreaElement): void {
  link.value = "";
  for (const id of ["ready-link", "control-text", "copy-control", "control-copied", "control", "destroy"]) {
    byId(id, HTMLElement).remove();
  }
  const title = byId("ready-title", HTMLElement);
  title.textContent = say("link.over");
  title.focus();
}
