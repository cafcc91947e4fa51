// Requests: whoever wants a secret from somebody makes an inbox for one letter, gives its
// address away and keeps the private link.
import { identityFromSeed, newIdentity, type Identity } from "./format/identity";
import { inboxAddress, requestLink, type RequestLink } from "./format/inbox";
import { LinkError } from "./format/link";
import { same } from "./format/bytes";
import type { Inboxes, Opening } from "./inboxes";
import { persist, type Persist } from "./retry";
import { replyInbox } from "./write";

export interface Request {
  identity: Identity;
  /** To give away. */
  address: string;
  /** To keep: it opens the answer. */
  link: string;
}

export async function newRequest(service: string): Promise<Request> {
  const identity = await newIdentity();
  const id = replyInbox(identity);
  return {
    identity,
    address: inboxAddress({ service, id, alias: "" }),
    link: requestLink({ service, id, seed: identity.seed }),
  };
}

/** Opens a request's inbox over a session of its identity; gives the seconds it waits. */
export function openRequest(session: Inboxes, r: Request, opening: Omit<Opening, "kind">, o: Persist): Promise<number> {
  const recipients = [r.identity.recipient];
  return persist(() => session.open(recipients, { kind: "request", ...opening }, { signal: o.signal }), o);
}

/** The identity of a private link, whose two halves must belong together. */
export async function requestIdentity(link: RequestLink): Promise<Identity> {
  const identity = await identityFromSeed(Uint8Array.from(link.seed));
  if (!same(replyInbox(identity), link.id)) throw new LinkError("token");
  return identity;
}
