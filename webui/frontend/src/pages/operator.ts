// The operator's page: the state of the service, unlocking, names, invite codes and private
// clients, for machines without a screen.
import "../shim";
import "../inboxwords";
import "../operatorwords";
import { ApiError } from "../errors";
import { owner, type Identity } from "../format/identity";
import { inboxText, parseInboxAddress } from "../format/inbox";
import { Operator } from "../operator";
import { persist, type Persist } from "../retry";
import { ownerTransport } from "../session";
import { askFirst } from "../ui/confirm";
import { button, byId, put, submits, view } from "../ui/dom";
import { besideWhile, frame, onLeave, service, stayWhile } from "../ui/frame";
import { clearKeyFile, openKeyFile } from "../ui/keyfield";
import { api, base } from "../ui/service";
import { known, say, type Key } from "../words";
import { causeWords, showFacts, unlockable } from "./facts";
import { drawNamed, wrong } from "./named";

const aliasShape = /^[a-z][a-z0-9-]{1,30}$/;

let key: Identity | null = null;
let operator: Operator;
let cause = "";
let once = false; // a code or a key is shown that cannot be shown again

void frame(api);
onLeave(() => {
  clearKeyFile();
  key?.seed.fill(0);
});
stayWhile(() => once);
besideWhile(() => key !== null);
submits("open-form", "open", open);
submits("alias-form", "alias-set", setAlias);
submits("invite-form", "invite-make", async () => void (await act(invite)));
submits("client-form", "client-add", addClient);
button("refresh", () => void act((o) => persist(refresh, o)));
button("retry", () => void show());
button("other", () => view("start"));
const unlockButton = askFirst("unlock", () => void act(unlock, "operator.unlocked", "operator.unlockChanged"));

async function open(): Promise<void> {
  const file = await openKeyFile();
  if (!file) return;
  key = file.identity;
  operator = new Operator(ownerTransport(base, location.host, owner(key)));
  clearKeyFile();
  await show();
}

async function show(): Promise<void> {
  put("opening", say("operator.opening"));
  try {
    await persist(refresh, { waiting: (w) => put("opening", say("wait.broken", { n: w.seconds })) });
    view("panel");
  } catch (e) {
    const code = e instanceof ApiError ? e.code : "protocol";
    const kind = code === "not_found" || code === "gone" ? "operator.refused" : "inbox.odd";
    put("failed-title", say(`${kind}.title`));
    put("failed-text", say(`${kind}.text`));
    byId("retry", HTMLElement).hidden = kind === "operator.refused";
    view("failed");
  } finally {
    put("opening", "");
  }
}

async function refresh(): Promise<void> {
  const status = await operator.status();
  cause = status.cause ?? "";
  showFacts(status);
  byId("unlock-part", HTMLElement).hidden = status.state === "open" || !unlockable(cause);
  unlockButton.disabled = false;
  put("unlock-why", say("operator.unlockWhy", { cause: causeWords(cause) }));
  put("unlock-what", say(known(`operator.unlock.${cause}`, "operator.unlockSure")));
  byId("open-part", HTMLElement).hidden = status.state !== "open";
  if (status.state === "open") await Promise.all([drawAliases(), drawClients()]);
}

/** Does one thing and says how it went; `conflict` is what that refusal means here. Each request
 * is repeated by itself: what was done once is not done again because of what follows it. */
async function act(run: (o: Persist) => Promise<void>, done?: Key, conflict: Key = "operator.failed"): Promise<boolean> {
  put("done", "");
  put("trouble", "");
  try {
    await run({ waiting: (w) => put("done", say("wait.broken", { n: w.seconds })) });
    put("done", done ? say(done) : "");
    return true;
  } catch (e) {
    const code = e instanceof ApiError ? e.code : "odd";
    put("done", "");
    put("trouble", say(code === "locked" ? "inbox.trouble.locked" : code === "conflict" ? conflict : "operator.failed"));
    return false;
  }
}

async function unlock(o: Persist): Promise<void> {
  await persist(() => operator.unlock(cause), o);
  await persist(refresh, o);
}

async function setAlias(): Promise<void> {
  const name = byId("alias-name", HTMLInputElement);
  const inbox = byId("alias-inbox", HTMLInputElement);
  put("alias-problem", "");
  if (!aliasShape.test(name.value.trim())) return wrong("alias-problem", "operator.aliasName", name);
  let id;
  try {
    const address = parseInboxAddress(inbox.value);
    id = address.service === service ? address.id : null;
  } catch {
    id = null;
  }
  if (!id) return wrong("alias-problem", "key.address", inbox);
  const chosen = id;
  await act(async (o) => {
    await persist(() => operator.setAlias(name.value.trim(), chosen), o);
    await persist(drawAliases, o);
    name.value = inbox.value = "";
  }, "operator.aliasSet");
}

/** Removes something, and puts the focus on the words for it: its button is gone. */
async function remove(run: () => Promise<void>, drawn: () => Promise<void>, conflict?: Key): Promise<void> {
  const both = async (o: Persist) => {
    await persist(run, o);
    await persist(drawn, o);
  };
  if (await act(both, "operator.removed", conflict)) byId("done", HTMLElement).focus();
}

async function drawAliases(): Promise<void> {
  const all = [...(await operator.aliases())].sort(([a], [b]) => (a < b ? -1 : 1));
  drawNamed("aliases", all.map(([name, id]) => ({ name, more: `${service}/to/${inboxText(id)}` })), "operator.sureAlias", (name) => {
    void remove(() => operator.removeAlias(name), drawAliases);
  });
}

async function invite(o: Persist): Promise<void> {
  const purpose = byId("for-links", HTMLInputElement).checked ? "links" : "inbox";
  reveal("invite-made", "invite-code", await persist(() => operator.invite(purpose), o));
}

async function addClient(): Promise<void> {
  const name = byId("client-name", HTMLInputElement);
  put("client-problem", "");
  if (name.value.trim() === "") return wrong("client-problem", "operator.clientName", name);
  const add = async (o: Persist) => {
    reveal("client-made", "client-line", await persist(() => operator.addClient(name.value.trim()), o));
    await persist(drawClients, o);
    name.value = "";
  };
  if (await act(add, undefined, "operator.clientThere")) return;
  await drawClients().catch(() => undefined); // one whose key was lost can be removed there
}

async function drawClients(): Promise<void> {
  const all = await operator.clients().catch((e: unknown) => {
    if (e instanceof ApiError && e.code === "conflict") return null; // Tor runs apart
    throw e;
  });
  byId("clients-part", HTMLElement).hidden = all === null;
  drawNamed("clients", (all ?? []).map((name) => ({ name, more: "" })), "operator.sureClient", (name) => {
    void remove(() => operator.removeClient(name), drawClients, "operator.lastClient");
  });
}

/** Shows what is shown once, and puts the focus there. */
function reveal(part: string, field: string, text: string): void {
  byId(part, HTMLElement).hidden = false;
  const place = byId(field, HTMLTextAreaElement);
  place.value = text;
  place.focus();
  place.select();
  once = true;
  place.addEventListener("copy", () => (once = false), { once: true });
}
