// age files to hybrid recipients. The header has one exact shape, as that of a link's message
// has, so nothing but the product's own stanzas, ten at most, reaches typage.
import { bech32, base64nopad } from "@scure/base";
import { decrypt, sealedSize, unlockWith } from "./age";
import { join, wipe, type Bytes } from "./bytes";
import { damaged } from "./errors";
import { Input } from "./input";

export const maxRecipients = 10;

const first = "age-encryption.org/v1\n";
const stanza = /^-> mlkem768x25519 ([A-Za-z0-9+/]{1494})\n([A-Za-z0-9+/]{43})\n$/;
const stanzaSize = 1557;
const last = /^--- ([A-Za-z0-9+/]{43})\n$/;
const lastSize = 48;
const begin = 4; // enough to tell a stanza from the last line

const recipientPrefix = "age1pq";
const recipientSize = 1216;
const coefficients = 1152; // bytes of 768 numbers of twelve bits
const modulus = 3329;

/** Whether `text` is a hybrid recipient in its one spelling. */
export function isRecipient(text: string): boolean {
  try {
    const { prefix, words } = bech32.decode(text as `${string}1${string}`, false);
    const key = bech32.fromWords(words);
    if (prefix !== recipientPrefix || text !== text.toLowerCase()) return false;
    return key.length === recipientSize && reduced(key);
  } catch {
    return false;
  }
}

/** FIPS 203, section 7.2: the coefficients of an ML-KEM key are below the modulus. One that is
 * no key would only be found out when somebody encrypts to it. */
function reduced(key: Uint8Array): boolean {
  for (let at = 0; at < coefficients; at += 3) {
    const [a, b, c] = [key[at]!, key[at + 1]!, key[at + 2]!];
    if ((a | ((b & 15) << 8)) >= modulus || ((b >> 4) | (c << 4)) >= modulus) return false;
  }
  return true;
}

/** The exact size of the age file for `size` bytes to so many recipients. */
export function hybridSize(recipients: number, size: number): number {
  return sealedSize(size, first.length + recipients * stanzaSize + lastSize);
}

/** Decrypts a whole age file for at most so many recipients with the secret text of an
 * identity. As with decrypt, the end is only proven when it returns. */
export async function* decryptWith(
  file: AsyncIterable<Bytes>,
  secret: string,
  most = maxRecipients,
): AsyncGenerator<Bytes> {
  const input = new Input(file[Symbol.asyncIterator]());
  const header = await takeHeader(input, most);
  const fileKey = await unlockWith(header, secret);
  const whole = (async function* () {
    yield header;
    yield* input.rest();
  })();
  try {
    yield* decrypt(whole, fileKey);
  } finally {
    wipe(fileKey);
  }
}

async function takeHeader(input: Input, most: number): Promise<Bytes> {
  const out = [await input.take(first.length)];
  if (ascii(out[0]!) !== first) throw damaged("not an age file");
  for (let n = 0; n <= most; n++) {
    const start = await input.take(begin);
    const more = n === 0 || ascii(start) === "-> m";
    if (more && n === most) break;
    const line = join([start, await input.take((more ? stanzaSize : lastSize) - begin)]);
    checkFields(more ? stanza : last, line);
    out.push(line);
    if (!more) return join(out);
  }
  throw damaged("too many recipients");
}

function checkFields(shape: RegExp, line: Bytes): void {
  const found = shape.exec(ascii(line));
  if (!found) throw damaged("not an age header as the product writes it");
  for (const field of found.slice(1)) {
    try {
      base64nopad.decode(field); // refuses non-zero trailing bits
    } catch {
      throw damaged("a header field is not canonical");
    }
  }
}

function ascii(bytes: Bytes): string {
  return String.fromCharCode(...bytes);
}
