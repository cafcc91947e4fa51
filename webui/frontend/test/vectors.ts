// The vectors of the format, shared with the Go implementation. Tests run in webui/frontend.
import { readFileSync } from "node:fs";

export interface LinkVector {
  name: string; link: string; service: string; reference: string; secret: string;
  passphrase: boolean; canonical: string;
}
export interface BadVector { name: string; link: string; error: string }
export interface FileVector { name: string; stored: string; content: string }
export interface CipherVector {
  name: string; link: string; passphrase: string; age_passphrase: string; text: string;
  files: FileVector[]; ciphertext: string; error: string;
}

export interface Vectors {
  format: number;
  links: LinkVector[];
  bad_links: BadVector[];
  control_links: LinkVector[];
  bad_control_links: BadVector[];
  keys: { reference: string; token: string; derived: string; claim_key: string; claim_verifier: string }[];
  passphrases: { name: string; typed: string; normalized: string; derived: string; age_passphrase: string }[];
  bad_passphrases: { name: string; typed: string; error: string }[];
  padding: { length: number; padded: number }[];
  names: { name: string; given: string[]; stored: string[] }[];
  containers: { name: string; text: string; files: FileVector[]; head: string; length: number; sha256: string }[];
  bad_containers: { name: string; head: string; length: number }[];
  ciphertexts: CipherVector[];
  bad_ciphertexts: CipherVector[];
}

const path = "../../cmd/ashpost/internal/seal/testdata/vectors.json";
export const vectors = JSON.parse(readFileSync(path, "utf8")) as Vectors;

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

export function base64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(text, "base64"));
}

export function unhex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(text, "hex"));
}

/** `head`, then zeros up to `length`, in uneven pieces. */
export async function* filled(head: string, length: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const all = new Uint8Array(length);
  all.set(base64(head).subarray(0, length));
  for (let at = 0, n = 1; at < length; at += n, n = (n * 7 + 13) % 5000) yield all.subarray(at, at + n);
}

export async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const out: Uint8Array[] = [];
  for await (const p of pieces) out.push(p);
  return Uint8Array.from(Buffer.concat(out));
}
