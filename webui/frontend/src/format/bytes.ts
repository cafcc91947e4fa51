// Bytes of the format: canonical base64url, joining, wiping.
import { base64urlnopad } from "@scure/base";

export type Bytes = Uint8Array<ArrayBuffer>;

const utf8Encoder = new TextEncoder();

export function utf8(text: string): Bytes {
  return utf8Encoder.encode(text) as Bytes;
}

/** Decodes UTF-8, or returns null: malformed input is never repaired. */
export function text(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

export function encode(bytes: Uint8Array): string {
  return base64urlnopad.encode(bytes);
}

/** Decodes canonical unpadded base64url of exactly `length` bytes, else null. Two spellings of
 * one value would make two links for one message. */
export function decode(text: string, length: number): Bytes | null {
  try {
    const bytes = base64urlnopad.decode(text);
    return bytes.length === length ? Uint8Array.from(bytes) : null;
  } catch {
    return null;
  }
}

export function random(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length));
}

export function join(parts: readonly Uint8Array[]): Bytes {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

export function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((x, i) => x === b[i]);
}

/** The same for proofs, in a time that does not tell where they differ. */
export function sameProof(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.reduce((all, x, i) => all | (x ^ b[i]!), 0) === 0;
}

/** Overwrites secrets. Best effort: the engine may have copied them before. */
export function wipe(...secrets: (Uint8Array | undefined)[]): void {
  for (const s of secrets) s?.fill(0);
}
