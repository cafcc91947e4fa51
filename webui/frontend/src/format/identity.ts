// Identities of inboxes: post-quantum hybrid keys of age, made from 32 bytes.
import "../shim";
import { identityToRecipient } from "age-encryption";
import { bech32 } from "@scure/base";
import { join, random, type Bytes } from "./bytes";
import { FormatError } from "./errors";
import { decryptWith } from "./hybrid";

export const seedSize = 32;
const prefix = "AGE-SECRET-KEY-PQ-";

export interface Identity {
  readonly seed: Bytes;
  /** The public key, age1pq1… */
  readonly recipient: string;
}

export function newIdentity(): Promise<Identity> {
  return identityFromSeed(random(seedSize));
}

/** The identity of a seed, which it keeps: wipe that to forget the identity. */
export async function identityFromSeed(seed: Bytes): Promise<Identity> {
  return { seed, recipient: await identityToRecipient(secretText(seed)) };
}

/** Parses AGE-SECRET-KEY-PQ-1… */
export async function parseIdentity(line: string): Promise<Identity> {
  let seed: Bytes | null = null;
  try {
    const found = bech32.decodeToBytes(line);
    if (found.prefix.toUpperCase() === prefix) seed = Uint8Array.from(found.bytes);
  } catch {
    // said below, without the line
  }
  if (seed?.length !== seedSize || line !== line.toUpperCase()) {
    throw new FormatError("no-key", "not a post-quantum identity of age");
  }
  return identityFromSeed(seed);
}

export function identityText(id: Identity): string {
  return secretText(seedOf(id));
}

/** The seed, unless it was wiped while something was going on: what zeros derive, anybody can. */
export function seedOf(id: Identity): Bytes {
  if (id.seed.every((b) => b === 0)) throw new FormatError("no-key", "the key was wiped");
  return id.seed;
}

function secretText(seed: Bytes): string {
  return bech32.encodeFromBytes(prefix, seed).toUpperCase();
}

/** Opens a small age file made for this identity alone, such as the challenge of a session. */
export async function answer(id: Identity, file: Bytes): Promise<Bytes> {
  const pieces: Bytes[] = [];
  for await (const piece of decryptWith(once(file), identityText(id), 1)) pieces.push(piece);
  return join(pieces);
}

/** What a session needs to prove this identity. */
export function owner(id: Identity): { recipient: string; answer: (challenge: Bytes) => Promise<Bytes> } {
  return { recipient: id.recipient, answer: (challenge) => answer(id, challenge) };
}

export async function* once<T>(value: T): AsyncGenerator<T> {
  yield value;
}
