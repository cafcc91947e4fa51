// The page that asks for a secret: an address for one message, and the link that reads it.
import "../shim";
import "../inboxwords";
import "../requestwords";
import { ApiError } from "../errors";
import { inboxFingerprint } from "../format/fingerprint";
import { owner } from "../format/identity";
import { Inboxes } from "../inboxes";
import { newRequest, openRequest, type Request } from "../request";
import { ownerTransport } from "../session";
import { replyInbox } from "../write";
import { copy } from "../ui/copy";
import { button, byId, painted, put, submits, view } from "../ui/dom";
import { chosenSeconds } from "../ui/form";
import { inSeconds, moment } from "../ui/format";
import { frame, onLeave, service, stayWhile } from "../ui/frame";
import { qrButton } from "../ui/qrbutton";
import { api, base } from "../ui/service";
import { patient } from "../ui/trouble";
import { known, say } from "../words";

const invite = byId("invite", HTMLInputElement);
const link = byId("link", HTMLTextAreaElement);
const control = byId("control", HTMLTextAreaElement);

const state = frame(api);
void state.then((s) => {
  byId("invite-field", HTMLElement).hidden = s?.inboxes !== "invite";
  byId("nobody", HTMLElement).hidden = s?.inboxes !== "nobody";
  byId("form", HTMLElement).hidden = s?.inboxes === "nobody";
});
submits("form", "make", ask);
onLeave(() => (link.value = control.value = ""));

async function ask(): Promise<void> {
  put("problem", "");
  await state; // which says whether a code is needed
  const code = invite.value.trim();
  if (!byId("invite-field", HTMLElement).hidden && code === "") {
    put("problem", say("inbox.inviteFirst"));
    invite.focus();
    return;
  }
  put("work", say("ask.making"));
  await painted();
  try {
    const request = await newRequest(service);
    const words = await inboxFingerprint(replyInbox(request.identity));
    const session = new Inboxes(ownerTransport(base, location.host, owner(request.identity)));
    const seconds = await openRequest(session, request, { seconds: chosenSeconds(), ...(code && { invite: code }) }, patient("work"));
    request.identity.seed.fill(0); // the private link has it from here on
    show(request, words, moment(inSeconds(seconds)));
  } catch (e) {
    const failed = e instanceof ApiError ? e.code : e instanceof TypeError ? "late" : "odd";
    put("problem", say(known(`ask.${failed}`, known(`fail.${failed}`, "inbox.trouble.odd"))));
  } finally {
    put("work", "");
  }
}

function show(request: Request, words: string, time: string): void {
  link.value = request.address;
  control.value = request.link;
  put("ready-lead", say("ask.lead", { time }));
  put("ready-words", words);
  view("ready");
  const instructions = [say("ask.instructions", { time }), request.address, say("ask.instructions.words", { words })].join("\n\n");
  const give = (text: string) => {
    put("copied", "");
    void copy(text, link).then((done) => put("copied", say(done ? "copy.done" : "copy.failed")));
  };
  button("copy-all", () => give(instructions));
  button("copy-link", () => give(request.address));
  qrButton(() => request.address, "ask.qr", () => undefined, () => put("copied", say("fail.late")));
  let unsaved = true;
  stayWhile(() => unsaved);
  control.addEventListener("copy", () => (unsaved = false));
  button("copy-control", () => {
    put("control-copied", "");
    void copy(request.link, control).then((done) => {
      put("control-copied", say(done ? "ask.copied" : "copy.failed"));
      if (done) unsaved = false;
    });
  });
  button("again", () => location.assign("/ask"));
}
