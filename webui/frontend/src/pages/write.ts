// The page that writes to an inbox: find out whose key it is, form, progress, return words.
import "../shim";
import "../inboxwords";
import "../sourcewords";
import { ApiError } from "../errors";
import { bip39, newCodename, sourceIdentity, type WordList } from "../format/codename";
import type { Bytes } from "../format/bytes";
import type { Content } from "../format/container";
import { owner } from "../format/identity";
import { inboxText, parseInboxAddress, type InboxAddress } from "../format/inbox";
import { Inboxes } from "../inboxes";
import { persist, sleep } from "../retry";
import type { SendOptions } from "../send";
import { ownerTransport } from "../session";
import { writeAsSource } from "../source";
import { Unanswered } from "../unanswered";
import { button, byId, put, view } from "../ui/dom";
import { chosenSeconds, MessageForm, Said, TooBig } from "../ui/form";
import { frame, onLeave, service, stayWhile } from "../ui/frame";
import { Sending } from "../ui/sending";
import { anonymous, api, base } from "../ui/service";
import { named, showWhom } from "../ui/whom";
import { known, say } from "../words";
import { findInbox, writeAll, writingSize, type Writing } from "../write";
import { Addressees } from "./also";
import { showSent, showWords } from "./sent";

const inboxes = new Inboxes(anonymous);
const form = new MessageForm(byId("send", HTMLButtonElement));
const sending = new Sending(form, "sending", "write");
const answers = byId("answer-yes", HTMLInputElement);

const unanswered = new Unanswered();
const patience = 5000; // milliseconds

const to = new Addressees(inboxes);
let codename: Bytes | null = null; // of this visit: a second message has the same words
let written = false; // by the person, on paper
let request = false; // takes one message, and nobody there can answer

const state = frame(api);
onLeave(() => {
  form.clear();
  unanswered.forget();
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
  if (!location.hostname.endsWith(".onion")) withoutAnswers("preview");
  void look(address);
}

/** Finds the inbox and verifies its key before anything can be written. */
async function look(address: InboxAddress): Promise<void> {
  put("looking-state", say("look.working"));
  const waiting = { waiting: (w: { seconds: number }) => put("looking-state", say("wait.broken", { n: w.seconds })) };
  try {
    const found = await findInbox(inboxes, address, waiting);
    const whom = await named(found, address.alias);
    to.all.push(whom);
    showWhom(whom);
    if (found.kind === "request") forRequest();
  } catch (e) {
    refuse(e instanceof ApiError ? e.code : e instanceof TypeError ? "late" : "odd");
    return;
  }
  byId("known", HTMLAnchorElement).href = `/return#${inboxText(to.all[0]!.id)}`; // a name would not be known there
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

/** Return words belong to an onion address, which a preview is not; and who made a request
 * cannot write. */
function withoutAnswers(why: "preview" | "request"): void {
  answers.disabled = true;
  byId("answer-no", HTMLInputElement).checked = true;
  for (const id of ["answer-hint", "answer-known", "answer-preview", "answer-request"]) {
    byId(id, HTMLElement).hidden = id !== `answer-${why}`;
  }
}

function forRequest(): void {
  request = true;
  withoutAnswers("request");
  put("write-title", say("request.write"));
  for (const id of ["again", "also-details"]) byId(id, HTMLElement).hidden = true; // it takes one message
}

async function send(): Promise<void> {
  form.problem("");
  const content = form.read();
  const first = to.all[0];
  if (!content || !first || !to.settled()) return;
  const entropy = answers.checked ? (codename ??= newCodename()) : null;
  const letter = { content, seconds: chosenSeconds() };
  const size = writingSize({ ...letter, to: first, answers: null });
  let list: WordList = [];
  const done = await sending.run(size, async (o) => {
    if (entropy) list = await bip39(); // before anything goes: without it no words could be shown
    try {
      await deliver(letter, size, entropy, o);
    } catch (e) {
      throw to.partly ? new Said(partly(e)) : e;
    }
    return true;
  });
  if (done === null) {
    to.show();
    if (to.partly && entropy) showOnce(entropy, list, false, () => view("write"));
    return;
  }
  const files = content.files.map((f) => ({ name: f.name, size: f.blob.size }));
  const expires = Math.max(...to.all.map((w) => to.expires(w)));
  const sent = { whoms: [...to.all], text: content.text !== "", files, expires, answers: entropy !== null, request };
  form.clear();
  to.begin();
  if (entropy) showOnce(entropy, list, true, () => showSent(sent));
  else showSent(sent);
}

/** Shows the return words, if they are not on paper yet. */
function showOnce(entropy: Bytes, list: WordList, all: boolean, then: () => void): void {
  if (written) {
    then();
    return;
  }
  showWords(entropy, list, all, () => {
    written = true;
    then();
  });
}

/** Who has the message and who not, and why. */
function partly(e: unknown): string {
  const stopped = e instanceof DOMException && e.name === "AbortError";
  const code = e instanceof ApiError ? e.code : "odd";
  const why = say(stopped ? "also.stopped" : known(`also.failed.${code}`, "also.failed.odd"));
  const { all, left } = to;
  return say("also.partly", { done: all.length - left.length, n: all.length, words: left[0]!.words, why });
}

interface Draft {
  content: Content;
  seconds: number;
}

async function deliver(draft: Draft, size: number, entropy: Bytes | null, o: SendOptions): Promise<void> {
  const s = (await state) ?? (await persist(() => api.service(), o));
  TooBig.check(size, s.limits.inbox);
  const some = { ...o, unanswered, sent: (w: Writing, expires: number) => to.got(w.to, expires) };
  if (!entropy) {
    await writeAll(inboxes, s.limits, to.left.map((w) => ({ ...draft, to: w, answers: null })), some);
    return;
  }
  const source = await sourceIdentity(entropy, location.host);
  const session = new Inboxes(ownerTransport(base, location.host, owner(source)));
  return new Promise((shown, failed) => {
    // Once all went the return words must be seen soon: a note that hangs is not waited for.
    const sent = (w: Writing, expires: number) => {
      some.sent(w, expires);
      if (to.left.length === 0) void sleep(patience).then(() => shown());
    };
    const letter = { ...draft, to: to.left, reached: to.reached };
    writeAsSource(session, inboxes, s.limits, source, letter, { ...some, sent }).then(() => shown(), failed);
  });
}
