// Return words: 128 random bits as twelve BIP39 words. They are checked on the spot, and the
// first four letters of a word suffice. The list is loaded late: only those who need it pay for it.
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { entropyToMnemonic, mnemonicToEntropy } from "@scure/bip39";
import { random, utf8, type Bytes } from "./bytes";
import { FormatError } from "./errors";
import { onionKey } from "./host";
import { identityFromSeed, type Identity } from "./identity";

const entropySize = 16;
const wordCount = 12;
const enough = 4; // no two words of the list begin with the same four letters

export type WordList = readonly string[];

export async function bip39(): Promise<WordList> {
  return (await import("@scure/bip39/wordlists/english.js")).wordlist;
}

export function newCodename(): Bytes {
  return random(entropySize);
}

export function codenameWords(entropy: Bytes, list: WordList): string {
  return entropyToMnemonic(entropy, list as string[]);
}

/** The whole word for one as typed, or null when no word of the list begins so. */
export function checkWord(typed: string, list: WordList): string | null {
  const word = typed.replace(/\u0130/g, "i").toLowerCase(); // which makes two characters of that one
  if (list.includes(word)) return word;
  return (word.length >= enough && list.find((w) => w.startsWith(word))) || null;
}

export interface Check {
  /** Each word as typed, whole; null when it is unknown. */
  words: (string | null)[];
  /** What the words stand for, when there is no fault. */
  entropy: Bytes | null;
  fault: null | "empty" | "word" | "count" | "checksum";
  /** The position of the first unknown word, from 1; 0 when all are known. */
  word: number;
}

/** What may stand between words: white space, numbering, commas and the like. */
export const between = /([\p{White_Space}\0-@[-`{-\x7f\u060c\u3001\uff0c]+)/u;

/** Checks words as typed. */
export function checkAll(typed: string, list: WordList): Check {
  const parts = typed.split(between).filter((w, i) => i % 2 === 0 && w !== "");
  const words = parts.map((w) => checkWord(w, list));
  const word = words.indexOf(null) + 1;
  const failed = (fault: Check["fault"]): Check => ({ words, entropy: null, fault, word });
  if (words.length === 0) return failed("empty");
  if (word > 0) return failed("word");
  if (words.length !== wordCount) return failed("count");
  try {
    const entropy = Uint8Array.from(mnemonicToEntropy(words.join(" "), list as string[]));
    return { words, entropy, fault: null, word };
  } catch {
    return failed("checksum");
  }
}

/** The identity of return words at one onion address: at another they are another's. Words that
 * the page has wiped are nobody's, or everybody's. */
export async function sourceIdentity(entropy: Bytes, host: string): Promise<Identity> {
  if (entropy.every((b) => b === 0)) throw new FormatError("no-key", "the words were wiped");
  const seed = hkdf(sha256, entropy, onionKey(host), utf8("ashpost/v1/source/identity"), 32);
  return identityFromSeed(seed as Bytes);
}
