// The page that writes: form, progress, then the link.
import "../shim";
import type { ServiceState } from "../api";
import { ApiError } from "../errors";
import { FormatError } from "../format/errors";
import { FileChanged, maxFiles, maxText } from "../format/container";
import { utf8 } from "../format/bytes";
import { normalise } from "../format/passphrase";
import { persist } from "../retry";
import { draftSize, send, type Draft, type Sent } from "../send";
import { button, byId, painted, put, view } from "../ui/dom";
import { Files } from "../ui/files";
import { size } from "../ui/format";
import { frame, onLeave, service, showLocked, stayWhile } from "../ui/frame";
import { api } from "../ui/service";
import { Work } from "../ui/work";
import { known, say, type Key } from "../words";
import { showLink } from "./ready";

const large = 5e6;
// What is sent from a page is opened by a page, which holds all of it in memory; Tor Browser
// writes nothing to the disk.
const browserMost = 256 * 1024 * 1024;

const text = byId("text", HTMLTextAreaElement);
const extra = byId("extra", HTMLInputElement);
const work = new Work();
const files = new Files(() => problem(""));
let stop = new AbortController();

const state = frame(api);
onLeave(clear);
stayWhile(() => text.value !== "" || files.all.length > 0);

byId("form", HTMLFormElement).addEventListener("submit", (e) => {
  e.preventDefault();
  void protect();
});
byId("protect", HTMLButtonElement).disabled = false;
for (const field of [text, extra]) field.addEventListener("input", () => problem(""));
button("words", () => void suggest());
button("stop", () => stop.abort());

async function protect(): Promise<void> {
  problem("");
  const draft = readDraft();
  if (!draft) return;
  stop = new AbortController();
  view("working");
  const big = draftSize(draft) > large;
  byId("work-large", HTMLElement).hidden = !big;
  put("work-large", say("large"));
  try {
    const sent = await run(draft);
    clear();
    showLink(sent);
  } catch (e) {
    view("write");
    problem(explain(e));
    byId("protect", HTMLElement).focus(); // which scrolls what went wrong into view
  }
}

async function run(draft: Draft): Promise<Sent> {
  work.enter("send.encrypting");
  await painted();
  const options = work.persist(stop.signal);
  const s: ServiceState = (await state) ?? (await persist(() => api.service(), options));
  const total = draftSize(draft);
  const most = Math.min(s.limits.message, browserMost);
  if (total > most) throw new TooBig(total, most, most < s.limits.message);
  return send(api, service, s.limits, draft, {
    ...options,
    progress: (done, of) => {
      work.enter("send.sending");
      work.moved("send.amount", done, of);
    },
    stretching: () => {
      work.enter("send.stretching");
      return painted();
    },
  });
}

/** What the form holds, or null when something must be mended first. */
function readDraft(): Draft | null {
  const draft: Draft = {
    text: text.value,
    files: files.all,
    extra: extra.value === "" ? null : extra.value,
    seconds: Number(byId("expiry", HTMLElement).querySelector<HTMLInputElement>(":checked")!.value),
    keep: byId("keep", HTMLInputElement).checked,
  };
  if (draft.text === "" && draft.files.length === 0) return mend("fail.empty", text);
  if (utf8(draft.text).length > maxText) return mend("fail.text", text);
  if (draft.files.length > maxFiles) return mend("fail.files", byId("pick", HTMLInputElement));
  try {
    if (draft.extra !== null) normalise(draft.extra);
  } catch (e) {
    byId("form", HTMLFormElement).querySelector("details")!.open = true;
    return mend(known(`passphrase.${(e as FormatError).fault}`, "fail.other"), extra);
  }
  return draft;
}

/** Says what must be mended below the field it is about: on a phone the end of the form is far. */
function mend(key: Key, field: HTMLTextAreaElement | HTMLInputElement): null {
  problem(say(key), field);
  field.setAttribute("aria-invalid", "true");
  field.focus();
  return null;
}

class TooBig extends Error {
  constructor(
    readonly total: number,
    readonly limit: number,
    readonly forBrowsers: boolean,
  ) {
    super("too big");
  }
}

function explain(e: unknown): string {
  if (stop.signal.aborted) return say("send.stopped");
  if (e instanceof TooBig) {
    return say(e.forBrowsers ? "fail.browser" : "fail.size", { size: size(e.total), limit: size(e.limit) });
  }
  // A file that went away is a DOMException of the file reader.
  if (e instanceof FileChanged || (e instanceof DOMException && e.name !== "AbortError")) {
    return say("fail.changed");
  }
  if (!(e instanceof ApiError)) return say("fail.other");
  if (e.code === "locked") showLocked();
  const keys = { locked: "fail.locked", full: "fail.full", too_large: "fail.tooLarge", gone: "fail.forgotten" } as const;
  return say(e.code in keys ? keys[e.code as keyof typeof keys] : "fail.other");
}

async function suggest(): Promise<void> {
  try {
    extra.value = (await import("../ui/wordlist")).pickWords();
    extra.focus();
  } catch {
    problem(say("fail.late"));
  }
}

function problem(words: string, field: HTMLElement | null = null): void {
  const line = byId("problem", HTMLElement);
  line.textContent = "";
  if (field) (field.closest(".row") ?? field).after(line);
  else byId("protect", HTMLElement).before(line);
  line.textContent = words;
  for (const f of [text, extra, byId("pick", HTMLElement)]) f.removeAttribute("aria-invalid");
}

function clear(): void {
  text.value = "";
  extra.value = "";
  files.clear();
}
