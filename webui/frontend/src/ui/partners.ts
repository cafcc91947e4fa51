// What conversations are called: by the name the owner gave, or by the first words of the
// fingerprint, which tell writers apart and prove nothing.
import type { Group } from "../conversations";
import type { Bytes } from "../format/bytes";
import { inboxFingerprint } from "../format/fingerprint";
import { inboxText } from "../format/inbox";
import { say } from "../words";

const words = new Map<string, string>();

/** Loads what `partnerName` needs, and says whether there was something new. */
export async function learnPartners(inboxes: readonly (Bytes | null)[]): Promise<boolean> {
  let more = false;
  for (const inbox of inboxes) {
    if (!inbox || words.has(inboxText(inbox))) continue;
    words.set(inboxText(inbox), await inboxFingerprint(inbox));
    more = true;
  }
  return more;
}

export function partnerName(inbox: Bytes, name: string): string {
  if (name !== "") return name;
  return (words.get(inboxText(inbox)) ?? "").split(" ").slice(0, 3).join(" ");
}

export function groupName(g: Group): string {
  if (g.inbox) return partnerName(g.inbox, g.name);
  const state = g.entries[0]?.item.state;
  return say(state === "open" ? "inbox.anonymous" : state === "waiting" || state === "reading" ? "inbox.unopened" : "inbox.damaged");
}
