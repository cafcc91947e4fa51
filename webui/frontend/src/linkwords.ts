// What the pages of secret links say. Import this for its effect.
import { learn } from "./words";

export const linkWords = {
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
  "copy.control": "Control link copied. Keep it for yourself: do not send it.",
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
} as const;

learn(linkWords);
