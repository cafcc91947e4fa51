// The page that writes: form, progress, then the link.
import "../shim";
import "../linkwords";
import type { ServiceState } from "../api";
import type { FormatError } from "../format/errors";
import { normalise } from "../format/passphrase";
import { persist } from "../retry";
import { draftSize, send, type Draft, type SendOptions, type Sent } from "../send";
import { button, byId, submits } from "../ui/dom";
import { chosenSeconds, MessageForm, TooBig } from "../ui/form";
import { frame, onLeave, service, stayWhile } from "../ui/frame";
import { Sending } from "../ui/sending";
import { api } from "../ui/service";
import { known, say } from "../words";
import { showLink } from "./ready";

const press = byId("protect", HTMLButtonElement);
const extra = byId("extra", HTMLInputElement);
const invite = byId("invite", HTMLInputElement);
const form = new MessageForm(press, [extra, invite]);
const sending = new Sending(form, "working", "fail");

const state = frame(api);
void state.then((s) => s && welcome(s));
onLeave(clear);
stayWhile(() => !form.empty);

submits("form", "protect", protect);
button("words", () => void suggest());

/** Begins with the inbox that the operator wants written to, and holds the policy of links. */
function welcome(s: ServiceState): void {
  byId("invite-field", HTMLElement).hidden = s.links !== "invite";
  byId("nobody", HTMLElement).hidden = s.links !== "nobody";
  byId("form", HTMLElement).hidden = s.links === "nobody";
  if (!s.contact) return;
  const link = byId("contact", HTMLAnchorElement);
  link.textContent = say("contact.write", { name: s.contact.name });
  link.href = `/to/${s.contact.inbox}`;
  byId("contact-part", HTMLElement).hidden = false;
}

async function protect(): Promise<void> {
  form.problem("");
  const draft = readDraft();
  const sent = draft && (await sending.run(draftSize(draft), (o) => run(draft, o)));
  if (!sent) return;
  clear();
  showLink(sent);
}

async function run(draft: Draft, o: SendOptions): Promise<Sent> {
  const s: ServiceState = (await state) ?? (await persist(() => api.service(), o));
  TooBig.check(draftSize(draft), s.limits.message);
  return send(api, service, s.limits, draft, o);
}

/** What the form holds, or null when something must be mended first. */
function readDraft(): Draft | null {
  const content = form.read();
  if (!content) return null;
  const passphrase = extra.value === "" ? null : extra.value;
  const keep = byId("keep", HTMLInputElement).checked;
  try {
    if (passphrase !== null) normalise(passphrase);
  } catch (e) {
    byId("form", HTMLFormElement).querySelector("details")!.open = true;
    return form.mend(known(`passphrase.${(e as FormatError).fault}`, "fail.other"), extra);
  }
  const code = invite.value.trim();
  if (!byId("invite-field", HTMLElement).hidden && code === "") return form.mend("fail.invite", invite);
  return { ...content, extra: passphrase, seconds: chosenSeconds(), keep, ...(code && { invite: code }) };
}

async function suggest(): Promise<void> {
  try {
    extra.value = (await import("../ui/wordlist")).pickWords();
    extra.focus();
  } catch {
    form.problem(say("fail.late"));
  }
}

function clear(): void {
  form.clear();
  extra.value = "";
}
