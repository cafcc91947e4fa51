// Ten words by which people compare an inbox, and generated passphrases.
import { sha256 } from "@noble/hashes/sha2.js";
import { join, utf8, type Bytes } from "./bytes";

const fingerprintLength = 10;
const passphraseLength = 13; // 134 bits

async function wordList(): Promise<readonly string[]> {
  return (await import("./wordlist")).list;
}

/** SHA-256 over label and data as a number, whose lowest digit to the base 1296 comes first. */
export async function fingerprint(label: string, data: Bytes): Promise<string> {
  const words = await wordList();
  let number = sha256(join([utf8(label), data])).reduce((n, b) => n * 256n + BigInt(b), 0n);
  const out: string[] = [];
  for (const base = BigInt(words.length); out.length < fingerprintLength; number /= base) {
    out.push(words[Number(number % base)]!);
  }
  return out.join(" ");
}

export function inboxFingerprint(id: Bytes): Promise<string> {
  return fingerprint("ashpost/v1/fingerprint/inbox", id);
}

/** A passphrase for a key file. */
export async function generatedPassphrase(): Promise<string> {
  const words = await wordList();
  const out: string[] = [];
  const fair = 65536 - (65536 % words.length);
  while (out.length < passphraseLength) {
    const [pick] = crypto.getRandomValues(new Uint16Array(1));
    if (pick! < fair) out.push(words[pick! % words.length]!);
  }
  return out.join("-");
}
