// What goes wrong with a mailbox, in words, and the words while a connection is broken.
import { ApiError } from "../errors";
import { FormatError } from "../format/errors";
import type { Persist } from "../retry";
import { known, say } from "../words";
import { put } from "./dom";
import { showLocked } from "./frame";

/** Words for an error of the service; a TypeError is a part of the page that did not come. */
export function troubleWords(e: unknown): string {
  if (e instanceof TypeError) return say("fail.late");
  if (e instanceof FormatError) return say("inbox.trouble.notebook");
  const code = e instanceof ApiError ? e.code : "odd";
  if (code === "locked") showLocked();
  return say(known(`inbox.trouble.${code}`, "inbox.trouble.odd"));
}

/** Says at `place` that the connection broke and is tried again. */
export function patient(place: string): Persist {
  return {
    waiting: (w) => put(place, say(w.why === "broken" ? (w.tries > 3 ? "wait.long" : "wait.broken") : `wait.${w.why}`, { n: w.seconds })),
    going: () => put(place, say("wait.going")),
  };
}
