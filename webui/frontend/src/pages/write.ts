// The page that writes to an inbox: find out whose key it is, form, progress, return words.
import "../shim";
import "../inboxwords";
import "../sourcewords";
import { ApiError } from "../errors";
import { bip39, newCodename, sourceIdentity, type WordList } from "../format/codename";
import type { Bytes } from "../format/bytes";
import type { Content } from "../format/container";
import { owner } from "../format/identity";
import { parseInboxAddress, type InboxAddress } from "../format/inbox";
import { Inboxes } from "../inboxes";
import { persist } from "../retry";
import type { SendOptions } from "../send";
import { ownerTransport } from "../session";
import { writeAsSource } from "../source";
import { button, byId, put, view } from "../ui/dom";
import { chosenSeconds, MessageForm, TooBig } from "../ui/form";
import { frame, onLeave, service, stayWhile } from "../ui/frame";
import { Sending } from "../ui/sending";
import { anonymous, api, base } from "../ui/service";
import { named, showWhom, type Whom } from "../ui/whom";
import { known, say } from "../words";
import { findInbox, write, writingSize } from "../write";
import { showSent, showWords } from "./sent";

const inboxes = new Inboxes(anonymous);
const form = new MessageForm(byId("send", HTMLButtonElement));
const sending = new Sending(form, "sending", "write");
const answers = byId("answer-yes", HTMLInputElement);

let whom: Whom | null = null;
let codename: Bytes | null = null; // of this visit: a second message has the same words
let written = false; // by the person, on paper

const state = frame(api);
onLeave(() => {
  form.clear();
  codename?.fill(0);
});
stayWhile(() => !form.empty);
byId("form", HTMLFormElement).addEventListener("submit", (e) => {
  e.preventDefault();
  void send();
});
// The list of return words comes while the person writes: sending does not wait for it.
byId("text", HTMLTextAreaElement).addEventListener("focus", () => void bip39().catch(() => undefined), { once: true });
button("again", () => view("write"));
button("look-again", () => location.reload());
start();

function start(): void {
  let address: InboxAddress;
  try {
    address = parseInboxAddress(service + location.pathname + location.search);
  } catch {
    refuse("bad");
    return;
  }
  if (!location.hostname.endsWith(".onion")) withoutAnswers();
  void look(address);
}

/** Finds the inbox and verifies its key before anything can be written. */
async function look(address: InboxAddress): Promise<void> {
  put("looking-state", say("look.working"));
  const waiting = { waiting: (w: { seconds: number }) => put("looking-state", say("wait.broken", { n: w.seconds })) };
  try {
    whom = await named(await findInbox(inboxes, address, waiting), address.alias);
  } catch (e) {
    refuse(e instanceof ApiError ? e.code : e instanceof TypeError ? "late" : "odd");
    return;
  }
  showWhom(whom);
  byId("known", HTMLAnchorElement).href = `/return#${location.pathname.slice("/to/".length)}`;
  form.press.disabled = false;
  view("write");
}

function refuse(code: string): void {
  const kind = ["gone", "swapped", "bad", "locked", "late"].includes(code) ? code : "odd";
  put("refused-title", say(known(`look.${kind}.title`, "look.odd.title")));
  put("refused-text", say(known(`look.${kind}.text`, "look.odd.text")));
  byId("look-again", HTMLElement).hidden = kind === "swapped" || kind === "bad";
  view("refused");
}

/** Return words belong to an onion address; a preview has none. */
function withoutAnswers(): void {
  answers.disabled = true;
  byId("answer-no", HTMLInputElement).checked = true;
  byId("answer-preview", HTMLElement).hidden = false;
  for (const id of ["answer-hint", "answer-known"]) byId(id, HTMLElement).hidden = true;
}

async function send(): Promise<void> {
  form.problem("");
  const content = form.read();
  if (!content || !whom) return;
  const to = whom;
  const entropy = answers.checked ? (codename ??= newCodename()) : null;
  const letter = { content, to, seconds: chosenSeconds() };
  const size = writingSize({ ...letter, answers: null });
  let list: WordList = [];
  const expires = await sending.run(size, async (o) => {
    if (entropy) list = await bip39(); // before anything goes: without it no words could be shown
    return deliver(letter, size, entropy, o);
  });
  if (expires === null) return;
  const files = content.files.map((f) => ({ name: f.name, size: f.blob.size }));
  const sent = { whom: to, text: content.text !== "", files, expires, answers: entropy !== null };
  form.clear();
  if (!entropy || written) {
    showSent(sent);
    return;
  }
  showWords(entropy, list, () => {
    written = true;
    showSent(sent);
  });
}

interface LetterTo {
  content: Content;
  to: Whom;
  seconds: number;
}

async function deliver(letter: LetterTo, size: number, entropy: Bytes | null, o: SendOptions): Promise<number> {
  const s = (await state) ?? (await persist(() => api.service(), o));
  TooBig.check(size, s.limits.message);
  if (!entropy) return write(inboxes, s.limits, { ...letter, answers: null }, o);
  const source = await sourceIdentity(entropy, location.host);
  const session = new Inboxes(ownerTransport(base, location.host, owner(source)));
  let expires = 0;
  const sent = (_: unknown, e: number) => void (expires = e);
  await writeAsSource(session, inboxes, s.limits, source, { ...letter, to: [letter.to] }, { ...o, sent });
  return expires;
}
