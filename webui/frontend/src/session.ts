// Owner sessions: requests that the service knows to come from whoever holds an identity.
// PROTOCOL.md beside the Go implementation is the specification; the vectors are shared.
import { carried, Channel, digest, directions, idSize, openChannel, prefixed, type Keys } from "./channel";
import { ApiError } from "./errors";
import { join, utf8, wipe, type Bytes } from "./format/bytes";
import { requestText } from "./heads";
import type { Call, Transport } from "./transport";

const label = "ashpost/v1/session";
const route = "/api/v1/session";
const keySize = 32;
const challengeSize = 1741;
const textSize = label.length + 2 * keySize;

/** The header of a challenge: one hybrid stanza. It is looked at before any work with a key. */
const shape =
  /^age-encryption\.org\/v1\n-> mlkem768x25519 [A-Za-z0-9+/]{1494}\n[A-Za-z0-9+/]{43}\n--- [A-Za-z0-9+/]{43}\n/;

/** Whoever answers challenges: it alone touches the identity. */
export interface Owner {
  recipient: string;
  /** Decrypts an age file of one hybrid stanza. */
  answer(challenge: Bytes): Promise<Bytes>;
}

/** A transport that sends everything but the request for the service's state through an owner
 * session, in a channel of its own: what travels through one is known to be of one client. */
export function ownerTransport(base: Transport, address: string, owner: Owner): Transport {
  return carried(base, async (again) => begin(base, await openChannel(base, address, again), owner));
}

/** Begins a session inside of a channel. Its request takes the channel's opening along. */
async function begin(base: Transport, channel: Channel, owner: Owner): Promise<Channel | Response | null> {
  const call: Call = {
    method: "POST",
    path: route,
    headers: { "Content-Type": "application/json" },
    body: utf8(JSON.stringify({ recipient: owner.recipient })),
  };
  const answer = await channel.send(base, call, requestText(call));
  if (!answer || answer.status >= 400) return answer;
  if (answer.status !== 200) throw new ApiError("protocol");
  const challenge = new Uint8Array(await answer.arrayBuffer());
  return new Channel(await accept(channel.keys, owner, challenge));
}

/** Takes a challenge, and derives the session's keys. A challenge made for another channel is
 * refused: the service on this one passed it on. */
export async function accept(channel: Keys, owner: Owner, challenge: Bytes): Promise<Keys> {
  if (challenge.length !== challengeSize || !shape.test(String.fromCharCode(...challenge))) throw new ApiError("protocol");
  const text = await owner.answer(challenge).catch(() => {
    throw new ApiError("protocol");
  });
  const recipient = prefixed(owner.recipient);
  const k2 = text.slice(label.length, label.length + keySize);
  const expected = join([utf8(label), k2, digest(utf8(label), channel.transcript, recipient)]);
  try {
    if (text.length !== textSize || !text.every((byte, at) => byte === expected[at])) throw new ApiError("protocol");
    return sessionKeys(channel, k2, digest(channel.transcript, recipient, challenge));
  } finally {
    wipe(text, k2, expected);
  }
}

function sessionKeys(channel: Keys, k2: Bytes, transcript: Bytes): Keys {
  const secret = join([channel.export!, k2]);
  try {
    const id = digest(utf8(label + "/id"), transcript).slice(0, idSize);
    return { id, transcript, ...directions(secret, transcript, label) };
  } finally {
    wipe(secret);
  }
}
