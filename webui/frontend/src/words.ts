// Everything the scripts say to people, by key; what only some pages say is in files beside
// this one, which those import. {name} is filled in; a key with .one and .other is chosen by the
// number. What stands in pages/*.html is translated there.
import type { inboxWords } from "./inboxwords";
import type { linkWords } from "./linkwords";
import type { operatorWords } from "./operatorwords";
import type { requestWords } from "./requestwords";
import type { sourceWords } from "./sourcewords";

const words = {
  // The frame of every page.
  "proof.minutes.one": "Last proved destruction of everything overdue: {n} minute ago.",
  "proof.minutes.other": "Last proved destruction of everything overdue: {n} minutes ago.",
  "proof.now": "Last proved destruction of everything overdue: just now.",
  "proof.never": "It has not yet proved that everything overdue is destroyed.",
  "proof.unknown": "The state of the service could not be asked just now.",
  volatile: "This service keeps messages in memory only: they are lost when it stops.",
  "locked.since": "Stopped since {time}.",
  "locked.starting": "It has just started and is checking. This takes a minute or so.",

  "contact.write": "Write to {name}",

  // Choosing files.
  "file.remove": "Remove",
  "file.removeNamed": "Remove {name}",
  "file.added.one": "{n} file chosen, {size}.",
  "file.added.other": "{n} files chosen, {size}.",
  "file.none": "No file chosen.",
  "size.bytes.one": "{n} byte",
  "size.bytes.other": "{n} bytes",
  "size.kb": "{n} KB",
  "size.mb": "{n} MB",
  "size.gb": "{n} GB",
  "large": "This is more than 5 MB. At the security level Safer it takes minutes: keep this page open.",

  // Sending.
  "send.encrypting": "Encrypting on this device…",
  "send.stretching": "Working on the extra passphrase. The page may stand still for half a minute.",
  "send.sending": "Encrypting and sending…",
  "send.amount": "{done} of {total}",
  "send.stopped": "Stopped. Nothing was sent that can be opened, and your message is still here.",

  // Waiting for a better connection.
  "wait.broken": "The connection broke. Trying again in {n} s; nothing is lost.",
  "wait.long": "Still no answer. Is Tor connected? Trying again in {n} s; nothing is lost.",
  "wait.busy": "The service is busy. Trying again in {n} s; nothing is lost.",
  "wait.locked": "The service has stopped itself because it cannot prove that old messages were destroyed. Asking again in {n} s.",
  "wait.going": "Connected again. Going on where it stopped.",

  // What can go wrong when sending; the message stays in the form.
  "fail.empty": "There is nothing to protect yet. Write a message or add a file.",
  "fail.text": "The message is longer than 1 MB. Save it as a file and add the file.",
  "fail.files": "More than 100 files. Pack them into one archive first.",
  "fail.size": "Too big: it would be {size}, and this service takes up to {limit}. Remove a file, or send it in pieces.",
  "fail.browser": "Too big for a browser: it would be {size}, and a browser can be relied on to open {limit}. Send it in pieces, or with the command ashpost send, to somebody who opens it with ashpost open.",
  "fail.changed": "A file could not be read, or was changed after you chose it. Remove it, add it again, then press Protect message.",
  "fail.locked": "This service has stopped itself because it cannot prove that old messages were destroyed. Your message is still here. Try again in an hour; if you know the operator, tell them.",
  "fail.not_allowed": "This invite code is too old or mistyped, or visitors may not make links here. Your message is still here. Ask the operator for a code.",
  "fail.invite": "Type the invite code that the operator gave you.",
  "fail.full": "The service has no room at the moment. Your message is still here. Try again later.",
  "fail.too_large": "The service refused it as too big. Remove a file, or send it in pieces.",
  "fail.gone": "The service lost track of the upload several times. Your message is still here. Press Protect message to try again.",
  "fail.other": "The service gave an answer that this page does not understand. Your message is still here. Reload the page only after copying it, then try again.",
  "fail.late": "A part of this page could not be loaded. Try once more.",

  // Copying, and QR codes.
  "copy.done": "Copied.",
  "copy.failed": "This browser does not copy by itself. The text is selected: copy it with the keyboard or by holding it.",
  "qr.show": "Show QR code",
  "qr.hide": "Hide QR code",

  // Opening.
  "open.fetching": "Fetching…",
  "open.amount": "{done} of {total}",
  "open.lease.one": "About {n} minute left to finish.",
  "open.lease.other": "About {n} minutes left to finish.",
  "open.lease.over": "The time to finish is over.",
  "open.stretching": "Working on the passphrase. The page may stand still for half a minute.",
  "open.asking": "The message waits for the right passphrase.",
  "open.destroying": "Fetched and verified. Asking the service to destroy it…",
  "open.destroyed": "Destroyed at the service. It exists only on this page now.",
  "open.unproven": "It is open, but its destruction at the service is not confirmed yet. This page keeps asking; at the latest it is destroyed when the time to finish is over.",
  "open.left": "It is no longer at the service. It exists only on this page now.",
  "open.keep": "It stays at the service until {time} and can be opened again with the same link.",
  "open.noText": "There is no text, only files.",
  "open.save": "Save",
  "open.saveNamed": "Save {name}",
  "hide.once": "Remove the message from this page? It is nowhere else: unless you copied or saved it, it is lost.",
  "hide.keep": "Remove the message from this page? The link opens it again until its time is up.",
  "open.copied": "Copied. Other programs can read what you copied until you copy something else.",

  // A link that cannot work; nothing was sent.
  "bad.fragment": "The secret part of the link, behind #, is missing. If you reloaded this page, open the link again from where you got it. If not, copy the whole link, from http:// to its last character.",
  "bad.cut-off": "The link is cut off at its end. Copy the whole link, from http:// to its last character. If a full stop follows it, remove that.",
  "bad.extra": "There is something behind the end of the link, such as a full stop or another word. Remove it and open the link again.",
  "bad.token": "The secret part of the link is damaged. Copy the link again, or ask the sender for it once more.",
  "bad.version": "The secret part of the link is damaged, or a newer version made it. Copy the whole link again.",
  "bad.query": "A program has changed the link: no link has a question mark. Ask the sender for it through another program.",
  "bad.other": "The address of the link is damaged. Copy the whole link again, from http:// to its last character.",
} as const;

type Late = typeof linkWords & typeof inboxWords & typeof sourceWords & typeof requestWords & typeof operatorWords;

export type Key = keyof typeof words | keyof Late;

const all: Partial<Record<Key, string>> = { ...words };

/** Adds the words of a part of the pages: those that do not need them do not load them. */
export function learn(more: Partial<Record<Key, string>>): void {
  Object.assign(all, more);
}

/** Keys that come in a form for one and a form for more. */
type Counted = { [K in Key]: K extends `${infer S}.one` ? S : never }[Key];

export function say(key: Key, fill: Record<string, string | number> = {}): string {
  return all[key]!.replace(/\{(\w+)\}/g, (_, name: string) => String(fill[name] ?? ""));
}

export function count(key: Counted, n: number, fill: Record<string, string> = {}): string {
  const form = new Intl.PluralRules(language()).select(n) === "one" ? "one" : "other";
  return say(`${key}.${form}`, { ...fill, n });
}

/** The key if there are words for it, else the fallback. */
export function known(key: string, fallback: Key): Key {
  return key in all ? (key as Key) : fallback;
}

export function language(): string {
  return document.documentElement.lang || "en";
}
