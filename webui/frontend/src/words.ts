// Everything the scripts say to people, in one place, by key. {name} is filled in; a key with
// .one and .other is chosen by the number. What stands in pages/*.html is translated there.

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
  "fail.full": "The service has no room at the moment. Your message is still here. Try again later.",
  "fail.tooLarge": "The service refused it as too big. Remove a file, or send it in pieces.",
  "fail.forgotten": "The service lost track of the upload several times. Your message is still here. Press Protect message to try again.",
  "fail.other": "The service gave an answer that this page does not understand. Your message is still here. Reload the page only after copying it, then try again.",
  "fail.late": "A part of this page could not be loaded. Try once more.",

  // Extra passphrase.
  "passphrase.empty": "The extra passphrase has only spaces. Type one, or leave the field empty.",
  "passphrase.characters": "The extra passphrase has characters that cannot be typed everywhere. Use plain words.",
  "passphrase.too-long": "The extra passphrase is too long. A few words are enough.",
  "passphrase.wrong-passphrase": "This passphrase does not open it. Check it with the sender and try again, on this page: nowhere else can the message be opened now.",
  "passphrase.passphrase-missing": "This message needs an extra passphrase from the sender, although the link does not say so. Type it here, on this page: nowhere else can the message be opened now.",
  "passphrase.none": "Type the passphrase that the sender told you.",

  // The link.
  "link.once": "Send it to the reader and nobody else, and do not open it yourself: it works once. It stops working on {time}.",
  "link.keep": "Send it to the readers and nobody else. It can be opened as often as wanted until {time}.",
  "link.see.once": "a page that waits for a press, then the message. After that it is destroyed. It opens in Tor Browser only: the instructions say so.",
  "link.see.keep": "a page that waits for a press, then the message. It stays until the time is up. It opens in Tor Browser only: the instructions say so.",
  "link.instructions.once": "A message for you. It can be read once, until {time}.\n\nDo not tap the link. Copy it, open Tor Browser (from torproject.org), paste it into the address bar, and stay on the page until the text appears.",
  "link.instructions.keep": "A message for you. It can be read until {time}.\n\nDo not tap the link. Copy it, open Tor Browser (from torproject.org), paste it into the address bar, and stay on the page until the text appears.",
  "link.instructions.passphrase": "It asks for a passphrase, which I tell you some other way.",
  "link.over": "The link no longer works",
  "copy.done": "Copied.",
  "copy.control": "Control link copied. Keep it for yourself: do not send it.",
  "copy.failed": "This browser does not copy by itself. The text is selected: copy it with the keyboard or by holding it.",
  "qr.show": "Show QR code",
  "qr.hide": "Hide QR code",
  "qr.label": "QR code of the link for the reader",

  // Destroying, for the sender.
  "revoke.working": "Destroying…",
  "revoke.unread": "Destroyed. Nobody had opened it.",
  "revoke.read": "Destroyed at the service. Somebody had opened it before, so they may have read it.",
  "revoke.gone": "It is gone already: it was read, or its time was up, or it was destroyed before.",
  "revoke.unproven": "The service removed it but cannot prove the destruction yet: it has stopped itself until it can. Ask again with the control link.",
  "revoke.locked": "The service has stopped itself and cannot answer for the destruction now. Try again later with the control link.",
  "revoke.failed": "The service gave an answer that this page does not understand. Try again.",

  // The control page.
  "state.waiting": "It waits. Nobody has opened it yet.",
  "state.keep": "It waits, and can be opened as often as wanted until the time is up.",
  "state.keepRead": "It was opened at least once, and can be opened as often as wanted until the time is up.",
  "state.claimed.one": "It is being read now. About {n} minute left to finish; then it is destroyed.",
  "state.claimed.other": "It is being read now. About {n} minutes left to finish; then it is destroyed.",
  "state.expires": "Destroyed at the latest on {time}.",
  "state.asking": "Asking the service…",
  "state.gone": "It is gone: read, destroyed, or its time was up. The service does not keep which.",

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

  // What can go wrong when opening.
  "gone.title": "There is nothing to read here",
  "gone.text": "It was read already, or destroyed, or its time was up. If you did not open it, someone else may have. Tell the sender by another channel.",
  "late.title": "The time to finish was over",
  "late.text": "The message was destroyed before everything had arrived. Tell the sender by another channel, and ask for it again.",
  "damaged.title": "The message is damaged",
  "damaged.text": "It was changed or cut off on the way, so nothing of it is shown. Fetch it once more; if that does not help, tell the sender by another channel. It is destroyed when the time to finish is over.",
  "locked.title": "This service has stopped itself",
  "locked.text": "It cannot prove that old messages were destroyed. Until it can, it takes and gives nothing. Nothing was spent: keep the link and try again in an hour.",
  "odd.title": "The service answered strangely",
  "odd.text": "This page does not understand its answer. Nothing is shown. Try once more; if that does not help, tell the sender by another channel.",

  // A link that cannot work; nothing was sent.
  "bad.fragment": "The secret part of the link, behind #, is missing. If you reloaded this page, open the link again from where you got it. If not, copy the whole link, from http:// to its last character.",
  "bad.cut-off": "The link is cut off at its end. Copy the whole link, from http:// to its last character. If a full stop follows it, remove that.",
  "bad.extra": "There is something behind the end of the link, such as a full stop or another word. Remove it and open the link again.",
  "bad.token": "The secret part of the link is damaged. Copy the link again, or ask the sender for it once more.",
  "bad.version": "The secret part of the link is damaged, or a newer version made it. Copy the whole link again.",
  "bad.query": "A program has changed the link: no link has a question mark. Ask the sender for it through another program.",
  "bad.other": "The address of the link is damaged. Copy the whole link again, from http:// to its last character.",
} as const;

export type Key = keyof typeof words;

/** Keys that come in a form for one and a form for more. */
type Counted = { [K in Key]: K extends `${infer S}.one` ? S : never }[Key];

export function say(key: Key, fill: Record<string, string | number> = {}): string {
  return words[key].replace(/\{(\w+)\}/g, (_, name: string) => String(fill[name] ?? ""));
}

export function count(key: Counted, n: number, fill: Record<string, string> = {}): string {
  const form = new Intl.PluralRules(language()).select(n) === "one" ? "one" : "other";
  return say(`${key}.${form}`, { ...fill, n });
}

/** The key if there are words for it, else the fallback. */
export function known(key: string, fallback: Key): Key {
  return key in words ? (key as Key) : fallback;
}

export function language(): string {
  return document.documentElement.lang || "en";
}
