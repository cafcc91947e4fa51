// To whom something is encrypted, in words that people can compare.
import type { Bytes } from "../format/bytes";
import type { Recipients } from "../format/inbox";
import { inboxFingerprint } from "../format/fingerprint";
import { count, say } from "../words";
import { put } from "./dom";

export interface Whom {
  id: Bytes;
  recipients: Recipients;
  /** The operator's name for it, or "". */
  alias: string;
  words: string;
}

/** Completes what was found; the list of words is one more request. */
export async function named(found: { id: Bytes; recipients: Recipients }, alias: string): Promise<Whom> {
  return { ...found, alias, words: await inboxFingerprint(found.id) };
}

export function showWhom(w: Whom): void {
  const kind = w.alias === "" ? "id" : "alias";
  put("whom", say(`whom.${kind}`, { name: w.alias }));
  put("whom-words", w.words);
  const team = w.recipients.length > 1 ? ` ${count("whom.team", w.recipients.length)}` : "";
  put("whom-hint", say(`whom.hint.${kind}`) + team);
}
