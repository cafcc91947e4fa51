// The page of a source who comes back: return words, answers, writing again, the end.
import "../shim";
import "../inboxwords";
import "../sourcewords";
import type { Partner } from "../conversations";
import { ApiError } from "../errors";
import { sourceIdentity } from "../format/codename";
import type { Bytes } from "../format/bytes";
import { owner } from "../format/identity";
import { parseInboxText } from "../format/inbox";
import { Inboxes } from "../inboxes";
import type { Mailbox } from "../mailbox";
import { persist } from "../retry";
import { ownerTransport } from "../session";
import { sourceMailbox } from "../source";
import { button, byId, put, view } from "../ui/dom";
import { takeFragment } from "../ui/fragment";
import { besideWhile, frame, onLeave } from "../ui/frame";
import { anonymous, api, base } from "../ui/service";
import { patient } from "../ui/trouble";
import { known, say } from "../words";
import { Replies } from "./replies";
import { clearWords, wordsForm } from "./returnwords";

const plain = new Inboxes(anonymous);
let replies: Replies | null = null;
let mailbox: Mailbox | null = null;
let entropy: Bytes | null = null;

const state = frame(api);
// Whoever wanted to write to an inbox, and had return words already, comes with its ID.
const target = parseInboxText(takeFragment(() => mailbox === null).slice(1));
onLeave(forget);
besideWhile(() => mailbox !== null);
button("retry", () => void open());
button("retype", () => location.reload());
button("renew", () => void renew());
if (location.hostname.endsWith(".onion")) {
  wordsForm((typed) => {
    entropy = typed;
    void open();
  });
} else {
  byId("preview-only", HTMLElement).hidden = false;
  byId("enter-form", HTMLElement).hidden = true;
}

async function open(): Promise<void> {
  view("opening");
  put("opening-state", say("return.opening"));
  try {
    const o = patient("opening-state");
    const s = (await state) ?? (await persist(() => api.service(), o));
    const source = await sourceIdentity(entropy!, location.host);
    const session = new Inboxes(ownerTransport(base, location.host, owner(source)));
    mailbox = sourceMailbox(session, plain, source, s.limits);
    replies ??= new Replies(s.limits);
    const box = mailbox;
    const shown = replies;
    let listed = false;
    const changed = () => {
      if (box.notebookDamaged) return;
      if (listed) shown.draw(box);
      else shown.show(box);
      listed = true;
    };
    await box.open({ ...o, changed }).catch((e: unknown) => {
      if (!listed) throw e;
      shown.trouble(e); // the list is there, an answer is not
    });
    if (!listed) return fail("notebook");
    // Whom to write to is the lesser thing: without it the answers are still there.
    const to = target && (await partner(target).catch((e: unknown) => void shown.trouble(e)));
    await shown.opened(box, to ?? null);
  } catch (e) {
    fail(e instanceof ApiError ? e.code : "odd");
  }
}

/** The inbox that the person came to write to, verified. */
async function partner(inbox: Bytes): Promise<Partner> {
  return { inbox, recipients: await persist(() => plain.recipients(inbox), patient("opening-state")), key: null };
}

async function renew(): Promise<void> {
  try {
    await mailbox?.renew(patient("failed-text"));
  } catch (e) {
    return fail(e instanceof ApiError ? e.code : "odd");
  }
  await open();
}

function fail(code: string): void {
  const kind = code === "locked" || code === "full" || code === "notebook" ? code : "odd";
  put("failed-title", say(known(`inbox.${kind}.title`, "inbox.odd.title")));
  put("failed-text", say(known(`inbox.${kind}.text`, "inbox.odd.text")));
  byId("renew-row", HTMLElement).hidden = kind !== "notebook";
  byId("retry", HTMLElement).hidden = kind === "notebook";
  view("failed");
}

function forget(): void {
  clearWords();
  entropy?.fill(0);
  mailbox?.forget();
  replies?.clear();
}
