// The page of a private link: looks for the answer to a request, fetches and verifies it, has
// it destroyed, and shows it.
import "../shim";
import "../inboxwords";
import "../requestwords";
import type { Item } from "../conversations";
import { ApiError } from "../errors";
import { FormatError } from "../format/errors";
import { owner } from "../format/identity";
import { parseRequestLink, type RequestLink } from "../format/inbox";
import { LinkError } from "../format/link";
import { Inboxes } from "../inboxes";
import { endInbox, Mailbox } from "../mailbox";
import { requestIdentity } from "../request";
import { persist } from "../retry";
import { ownerTransport } from "../session";
import { askFirst } from "../ui/confirm";
import { byId, put, view } from "../ui/dom";
import { takeFragment } from "../ui/fragment";
import { inSeconds } from "../ui/format";
import { frame, onLeave, service, showLocked, stayWhile } from "../ui/frame";
import { anonymous, api, base } from "../ui/service";
import { Work } from "../ui/work";
import { known, say } from "../words";
import { inTime, showMessage, type Fate } from "./shown";

const large = 5e6;
const work = new Work();
let begun = false;
let busy = false;

const state = frame(api);
start();

function start(): void {
  let link: RequestLink;
  try {
    const fragment = takeFragment(() => !begun);
    link = parseRequestLink(service + location.pathname + location.search + fragment);
  } catch (e) {
    bad(e);
    return;
  }
  onLeave(() => link.seed.fill(0));
  stayWhile(() => busy);
  byId("form", HTMLFormElement).addEventListener("submit", (e) => {
    e.preventDefault();
    void look(link);
  });
  byId("retry", HTMLButtonElement).addEventListener("click", () => void look(link));
  for (const id of ["open", "retry"]) byId(id, HTMLButtonElement).disabled = false;
  askFirst("end", () => void end(link));
}

function bad(e: unknown): void {
  put("bad-text", say(known(`bad.${e instanceof LinkError ? e.fault : "other"}`, "bad.other")));
  view("bad");
}

async function look(link: RequestLink): Promise<void> {
  begun = busy = true;
  put("nothing", "");
  view("working");
  work.enter("answer.looking");
  try {
    const identity = await requestIdentity(link);
    const o = work.persist();
    const s = (await state) ?? (await persist(() => api.service(), o));
    const session = new Inboxes(ownerTransport(base, location.host, owner(identity)));
    const mailbox = new Mailbox(session, new Inboxes(anonymous), identity, link.id, s.limits);
    await mailbox.open(o);
    const item = mailbox.items[0];
    if (mailbox.kind === null) throw new ApiError("gone");
    if (item) await read(mailbox, item);
    else {
      put("nothing", say("answer.nothing"));
      view("wait");
      byId("open", HTMLElement).focus();
      mailbox.forget();
    }
  } catch (e) {
    if (e instanceof LinkError) bad(e);
    else fail(e);
  } finally {
    busy = false;
  }
}

/** Destroys the request, whether an answer has come or not. */
async function end(link: RequestLink): Promise<void> {
  begun = busy = true;
  view("working");
  work.enter("answer.destroying");
  try {
    const session = new Inboxes(ownerTransport(base, location.host, owner(await requestIdentity(link))));
    const proof = await endInbox(session, link.id, work.persist());
    put("ended-text", say(proof === "destroyed" ? "answer.ended" : "answer.endedUnproven"));
    link.seed.fill(0);
    view("ended");
  } catch (e) {
    if (e instanceof LinkError) bad(e);
    else fail(e);
  } finally {
    busy = false;
  }
}

/** Shows a letter after it was verified, and destroyed at the service. */
async function read(mailbox: Mailbox, item: Item): Promise<void> {
  byId("work-large", HTMLElement).hidden = item.size < large;
  put("work-large", say("large"));
  const progress = (done: number, total: number) => work.moved("open.amount", done, total);
  work.enter("open.fetching");
  await mailbox.read(item, { ...work.persist(), progress });
  if (!item.letter) throw item.state === "gone" ? new ApiError("gone") : new FormatError("damaged", "not a letter");
  const message = { text: item.letter.text, files: item.letter.files };
  item.letter = null; // which the page forgets from here on, not the mailbox
  const stay = { keep: false, expiresIn: item.expires - inSeconds(0) };
  work.enter("open.destroying");
  const destroyed = destroy(mailbox);
  void destroyed.then(() => mailbox.forget());
  showMessage(message, await inTime(destroyed, "answer.late"), stay, () => (begun = false));
}

/** Destroys the request with its answer; the text is shown however that ends. */
async function destroy(mailbox: Mailbox): Promise<Fate> {
  try {
    const proof = await mailbox.destroyAll(work.persist());
    return { key: proof === "destroyed" ? "answer.destroyed" : "answer.unproven" };
  } catch (e) {
    if (e instanceof ApiError && e.code === "locked") showLocked();
    return { key: e instanceof ApiError && e.code === "gone" ? "answer.destroyed" : "answer.left" };
  }
}

function fail(e: unknown): void {
  const code = e instanceof FormatError ? "damaged" : e instanceof ApiError ? e.code : "odd";
  if (code === "locked") showLocked();
  const kind = code === "gone" || code === "damaged" || code === "locked" ? code : "odd";
  put("failed-title", say(`answer.${kind}.title`));
  put("failed-text", say(`answer.${kind}.text`));
  byId("retry", HTMLElement).hidden = kind === "gone";
  begun = kind !== "gone";
  view("failed");
}
