// Words for an extra passphrase. Six of 2,048 are 66 bits, behind a token of 256.
import { wordlist } from "@scure/bip39/wordlists/english.js";

export function pickWords(n = 6): string {
  const picks = crypto.getRandomValues(new Uint16Array(n));
  // 2,048 divides 65,536: the remainder is uniform.
  return Array.from(picks, (p) => wordlist[p % wordlist.length]).join(" ");
}
