// Keys of a link: HKDF-SHA256 over the token, salted with the reference, one label each.
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { encode, utf8, type Bytes } from "./bytes";

/** scrypt work factors: the derived passphrase alone is random already; one that people
 * choose needs stretching, as much as a browser without a JIT can bear. */
export const plainWork = 10;
export const extraWork = 14;

export interface Keys {
  /** The age passphrase before an extra one is appended. */
  passphrase: string;
  claim: Bytes;
}

export function deriveKeys(token: Uint8Array, reference: Uint8Array): Keys {
  const derive = (label: string) => hkdf(sha256, token, reference, utf8(label), 32) as Bytes;
  return {
    passphrase: encode(derive("ashpost/v1/link/passphrase")),
    claim: derive("ashpost/v1/link/claim"),
  };
}

/** What the service keeps instead of a key. */
export function verifier(key: Uint8Array): string {
  return encode(sha256(key));
}
