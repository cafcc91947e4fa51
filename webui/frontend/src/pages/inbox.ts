// The page of whoever has an inbox: open it with the key file, or make one.
import "../shim";
import "../inboxwords";
import { ApiError } from "../errors";
import { newIdentity, owner, type Identity } from "../format/identity";
import { inboxId, newRecipients, parseInboxAddress, type Recipients } from "../format/inbox";
import type { Bytes } from "../format/bytes";
import { same } from "../format/bytes";
import { Inboxes } from "../inboxes";
import { Mailbox } from "../mailbox";
import { persist } from "../retry";
import { ownerTransport } from "../session";
import { button, byId, put, submits, view } from "../ui/dom";
import { besideWhile, frame, onLeave, service } from "../ui/frame";
import { clearKeyFile, keyProblem, openKeyFile } from "../ui/keyfield";
import { anonymous, api, base } from "../ui/service";
import { patient } from "../ui/trouble";
import { known, say } from "../words";
import { Desk } from "./desk";
import { saveKey } from "./newkey";

const plain = new Inboxes(anonymous);

interface Own {
  identity: Identity;
  session: Inboxes;
  id: Bytes;
  /** To make the inbox with; null when only its address is known. */
  recipients: Recipients | null;
}

let own: Own | null = null;
let mailbox: Mailbox | null = null;
let desk: Desk | null = null;
let retry: () => Promise<void> = () => enter();

const state = frame(api);
void state.then((s) => {
  byId("invite-field", HTMLElement).hidden = s?.inboxes !== "invite";
  byId("again-invite-field", HTMLElement).hidden = s?.inboxes !== "invite";
  byId("new-nobody", HTMLElement).hidden = s?.inboxes !== "nobody";
  byId("new-form", HTMLElement).hidden = s?.inboxes === "nobody";
});
onLeave(() => {
  clearKeyFile();
  own?.identity.seed.fill(0);
  mailbox?.forget();
  desk?.clear();
});
besideWhile(() => mailbox !== null);
submits("open-form", "open", open);
submits("new-form", "new", make);
button("retry", () => void retry());
button("make-again", () => void create(byId("again-invite", HTMLInputElement).value.trim()));
button("make-inbox", () => void create(""));
button("renew", () => void renew());

async function open(): Promise<void> {
  const file = await openKeyFile();
  if (!file) return;
  const field = byId("address", HTMLInputElement);
  const address = field.value.trim() || file.address;
  const recipients = newRecipients([file.identity.recipient]);
  let id = inboxId(recipients);
  try {
    const named = address === "" ? null : parseInboxAddress(address);
    if (named && (named.service !== service || !named.id)) throw new Error("elsewhere");
    id = named?.id ?? id;
  } catch {
    byId("team", HTMLDetailsElement).open = true;
    keyProblem(say(field.value.trim() === "" ? "key.elsewhere" : "key.address"), field);
    return;
  }
  clearKeyFile();
  take(file.identity, id, same(id, inboxId(recipients)) ? recipients : null);
  await enter();
}

function take(identity: Identity, id: Bytes, recipients: Recipients | null): void {
  own = { identity, session: new Inboxes(ownerTransport(base, location.host, owner(identity))), id, recipients };
}

/** Opens the inbox and shows it as soon as something is known. */
async function enter(): Promise<void> {
  retry = enter;
  working("opening", "inbox.asking");
  try {
    const o = patient("working-state");
    const s = (await state) ?? (await persist(() => api.service(), o));
    const box = new Mailbox(own!.session, plain, own!.identity, own!.id, s.limits);
    mailbox = box;
    desk ??= new Desk(s.limits);
    const shown = desk;
    let listed: Promise<void> | null = null;
    const changed = () => {
      if (listed) shown.draw();
      else if (box.kind !== null && !box.notebookDamaged) listed = shown.show(box);
    };
    await box.open({ ...o, changed }).catch((e: unknown) => {
      if (!listed) throw e;
      shown.trouble(e); // the list is there, a letter is not
    });
    if (listed) shown.opened();
    else fail(box.kind === null ? "gone" : "notebook");
  } catch (e) {
    fail(e instanceof ApiError ? e.code : "odd");
  }
}

/** Makes a key, has it saved, then opens the inbox: nobody must write to a key that is lost. */
async function make(): Promise<void> {
  const invite = byId("invite", HTMLInputElement);
  const members = byId("members", HTMLTextAreaElement);
  put("new-problem", "");
  await state; // which says whether a code is needed
  if (!byId("invite-field", HTMLElement).hidden && invite.value.trim() === "") {
    put("new-problem", say("inbox.inviteFirst"));
    invite.focus();
    return;
  }
  const identity = await newIdentity();
  let recipients: Recipients;
  try {
    recipients = newRecipients([identity.recipient, ...members.value.split("\n")]);
  } catch {
    put("new-problem", say("inbox.members"));
    members.focus();
    return;
  }
  take(identity, inboxId(recipients), recipients);
  try {
    await saveKey(identity, own!.id, () => void create(invite.value.trim()));
  } catch {
    put("new-problem", say("fail.late"));
  }
}

/** Opens the inbox at the service. */
async function create(invite: string): Promise<void> {
  retry = () => create(invite);
  working("making", "inbox.making");
  try {
    const { session, recipients } = own!;
    await persist(() => session.open(recipients!, { kind: "inbox", ...(invite && { invite }) }), patient("working-state"));
  } catch (e) {
    fail(e instanceof ApiError ? e.code : "odd");
    return;
  }
  await enter();
}

async function renew(): Promise<void> {
  working("opening", "inbox.asking");
  try {
    await mailbox!.renew(patient("working-state"));
  } catch (e) {
    fail(e instanceof ApiError ? e.code : "odd");
    return;
  }
  await enter();
}

function working(title: "opening" | "making", doing: "inbox.asking" | "inbox.making"): void {
  put("working-title", say(`inbox.${title}.title`));
  put("working-state", say(doing));
  view("working");
}

function fail(code: string): void {
  const lost = code === "gone" && own?.recipients === null; // only its address was known
  const kind = lost ? "elsewhere" : code in kinds ? (code as keyof typeof kinds) : "odd";
  put("failed-title", say(known(`inbox.${kind}.title`, "inbox.odd.title")));
  put("failed-text", say(kind === "gone" && nobody() ? "inbox.gone.nobody" : known(`inbox.${kind}.text`, "inbox.odd.text")));
  const show = (id: string, on: boolean) => (byId(id, HTMLElement).hidden = !on);
  const again = (kind === "gone" || kind === "not_allowed") && own?.recipients != null && !nobody();
  show("make-again", again);
  show("again-invite-field", again && !byId("invite-field", HTMLElement).hidden);
  show("renew", kind === "notebook");
  show("retry", !again && kind !== "notebook");
  view("failed");
}

/** Whether visitors may make no inboxes. */
function nobody(): boolean {
  return byId("new-form", HTMLElement).hidden;
}

const kinds = { gone: 1, not_allowed: 1, notebook: 1, locked: 1, full: 1 };
