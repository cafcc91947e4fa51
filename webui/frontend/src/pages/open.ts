// The page that reads. Nothing is sent before the press; nothing is shown before everything
// has been verified.
import "../shim";
import "../linkwords";
import type { Claimed } from "../api";
import { ApiError } from "../errors";
import { random } from "../format/bytes";
import { FormatError } from "../format/errors";
import { LinkError, parseSecretLink, type SecretLink } from "../format/link";
import { normalise } from "../format/passphrase";
import { Receiver } from "../receive";
import { byId, painted, put, view } from "../ui/dom";
import { takeFragment } from "../ui/fragment";
import { frame, onLeave, service, showLocked, stayWhile } from "../ui/frame";
import { api } from "../ui/service";
import { Lease } from "../ui/lease";
import { Work } from "../ui/work";
import { known, say } from "../words";
import { inTime, showMessage, type Fate } from "./shown";

const large = 5e6;

const work = new Work();
const lease = new Lease();
let begun = false;
let reading = false;
let mine = false; // claimed by this page and not over: no other can open it

void frame(api);
start();

function start(): void {
  let link: SecretLink;
  try {
    const fragment = takeFragment(() => !begun);
    link = parseSecretLink(service + location.pathname + location.search + fragment);
  } catch (e) {
    put("bad-text", say(known(`bad.${(e as LinkError).fault}`, "bad.other")));
    view("bad");
    return;
  }
  const receiver = new Receiver(api, link, random(32));
  onLeave(() => receiver.forget());
  stayWhile(() => reading || mine);
  const extra = byId("extra", HTMLInputElement);
  byId("extra-field", HTMLElement).hidden = !link.passphrase;
  byId("form", HTMLFormElement).addEventListener("submit", (e) => {
    e.preventDefault();
    const fault = link.passphrase ? check(extra.value) : "";
    put("problem", fault);
    if (fault) extra.focus();
    else void read(receiver, link.passphrase ? extra.value : null);
  });
  byId("retry", HTMLButtonElement).addEventListener("click", () => {
    void read(receiver, link.passphrase ? extra.value : null);
  });
  for (const id of ["open", "retry", "ask-go"]) byId(id, HTMLButtonElement).disabled = false;
}

async function read(receiver: Receiver, extra: string | null): Promise<void> {
  begun = true;
  let claim: Claimed | undefined;
  reading = true;
  view("working");
  work.enter("open.fetching");
  try {
    const { claimed, ...message } = await receiver.receive(extra, {
      ...work.persist(),
      claimed: (c) => {
        claim = c;
        mine = !c.keep;
        lease.start(c);
        byId("work-large", HTMLElement).hidden = c.size < large;
        put("work-large", say("large"));
      },
      progress: (done, total) => {
        lease.extend();
        work.moved("open.amount", done, total);
      },
      stretching: () => {
        work.enter("open.stretching");
        return painted();
      },
      ask,
    });
    const fate = await settle(receiver, claimed);
    mine = false;
    showMessage(message, fate, claimed, () => (begun = false));
    lease.stop();
    if (claimed.keep) receiver.forget();
  } catch (e) {
    fail(e, claim !== undefined);
  } finally {
    reading = false;
  }
}

/** Acknowledges, and waits for the destruction; after ten seconds the text is shown anyway
 * and the page goes on asking. Later news goes to the line above the text. */
async function settle(receiver: Receiver, claimed: Claimed): Promise<Fate> {
  if (claimed.keep) return { key: "open.keep" };
  work.enter("open.destroying");
  const answer = receiver.acknowledge({}).then(
    (): Fate => ({ key: "open.destroyed" }),
    // Gone: the time to finish is over, which destroys as well.
    (e): Fate => ({ key: e instanceof ApiError && e.code === "gone" ? "open.left" : "open.unproven" }),
  );
  void answer.then(() => receiver.forget());
  return inTime(answer, "open.unproven");
}

function ask(fault: FormatError): Promise<string> {
  const form = byId("ask", HTMLFormElement);
  const field = byId("ask-extra", HTMLInputElement);
  work.pause("open.asking");
  put("ask-problem", say(known(`passphrase.${fault.fault}`, "passphrase.none")));
  form.hidden = false;
  field.focus();
  field.select();
  return new Promise((resolve) => {
    form.onsubmit = (e) => {
      e.preventDefault();
      const problem = check(field.value);
      if (problem) {
        put("ask-problem", problem);
        return;
      }
      form.hidden = true;
      work.enter("open.stretching");
      byId("extra", HTMLInputElement).value = field.value;
      resolve(field.value);
    };
  });
}

function check(extra: string): string {
  if (extra === "") return say("passphrase.none");
  try {
    normalise(extra);
    return "";
  } catch (e) {
    return say(known(`passphrase.${(e as FormatError).fault}`, "passphrase.none"));
  }
}

function fail(e: unknown, claimed: boolean): void {
  const code = e instanceof FormatError ? "damaged" : e instanceof ApiError ? e.code : "odd";
  if (code === "locked") showLocked();
  const kind =
    code === "gone" ? (claimed ? "late" : "gone") : code === "damaged" || code === "locked" ? code : "odd";
  put("failed-title", say(`${kind}.title`));
  put("failed-text", say(`${kind}.text`));
  const over = kind === "gone" || kind === "late";
  byId("retry", HTMLElement).hidden = over;
  if (over) {
    lease.stop();
    mine = false;
  }
  byId("failed-stay", HTMLElement).hidden = !mine;
  begun = !over; // another link to this page may start it anew
  view("failed");
}
