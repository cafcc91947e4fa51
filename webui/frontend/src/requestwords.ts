// What the pages of requests say. Import this for its effect.
import { learn } from "./words";

export const requestWords = {
  // Requests.
  "ask.making": "Making a key on this device, and the address…",
  "ask.not_allowed": "This invite code is used up, too old or mistyped. Ask the operator for another.",
  "ask.lead": "One message can be written there, until {time}.",
  "ask.instructions": "Please send me what I asked for this way. You can write one message, until {time}. Only I can read it.\n\nDo not tap the address. Copy it, open Tor Browser (from torproject.org), paste it into the address bar, and write there.",
  "ask.instructions.words": "The page must show these words: {words}",
  "ask.qr": "QR code of the address for the one who answers",
  "ask.copied": "Private link copied. Keep it for yourself: do not send it.",
  "answer.destroying": "Asking the service to destroy it…",
  "answer.looking": "Looking for an answer…",
  "answer.nothing": "Nothing has come yet. Look again later with the same link.",
  "answer.destroyed": "Destroyed at the service. It exists only on this page now.",
  "answer.unproven": "It is open, but the service cannot prove its destruction yet: it has stopped itself until it can.",
  "answer.late": "It is open, but its destruction at the service is not confirmed yet. This page keeps asking; at the latest it is destroyed when its time is up.",
  "answer.left": "It is open, but the service could not be asked to destroy it. It is destroyed when its time is up.",
  "answer.ended": "Its address no longer works, and your private link opens nothing any more.",
  "answer.endedUnproven": "The service removed it but cannot prove the destruction yet: it has stopped itself until it can.",
  "answer.gone.title": "There is nothing here any more",
  "answer.gone.text": "The answer was read already, or the time was up. If you did not open it, someone else may have your private link.",
  "answer.damaged.title": "The answer is damaged",
  "answer.damaged.text": "It was changed or cut off, so nothing of it is shown. Fetch it once more; if that does not help, ask for it again with a new address.",
  "answer.locked.title": "This service has stopped itself",
  "answer.locked.text": "It cannot prove that old messages were destroyed. Until it can, it takes and gives nothing. Keep the link and try again in an hour.",
  "answer.odd.title": "The service answered strangely",
  "answer.odd.text": "This page does not understand its answer. Nothing is shown. Try once more.",
} as const;

learn(requestWords);
