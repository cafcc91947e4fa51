// The age header, checked before any key work. The product writes one kind only, a single
// scrypt stanza, so the check is one exact shape of 150 bytes: a thousand stanzas or a work
// factor that costs a gigabyte never reach typage.
import { base64nopad } from "@scure/base";
import { extraWork, plainWork } from "./derive";
import { damaged, FormatError } from "./errors";

export const headerSize = 150;

const shape =
  /^age-encryption\.org\/v1\n-> scrypt ([A-Za-z0-9+/]{22}) ([1-9]\d)\n([A-Za-z0-9+/]{43})\n--- ([A-Za-z0-9+/]{43})\n$/;

/** The work factor of the header that `bytes` begin with. */
export function scryptWork(bytes: Uint8Array): number {
  if (bytes.length < headerSize) throw damaged("the header is cut off");
  const found = shape.exec(String.fromCharCode(...bytes.subarray(0, headerSize)));
  if (!found) throw damaged("not an age header as the product writes it");
  for (const field of [found[1], found[3], found[4]]) {
    try {
      base64nopad.decode(field!); // refuses non-zero trailing bits
    } catch {
      throw damaged("a header field is not canonical");
    }
  }
  return Number(found[2]);
}

/** Throws unless `bytes` begin with a header whose work factor is exactly `work`. */
export function checkHeader(bytes: Uint8Array, work: number): void {
  const factor = scryptWork(bytes);
  if (factor === work) return;
  if (factor === extraWork && work === plainWork) {
    throw new FormatError("passphrase-missing", "the link does not announce a passphrase");
  }
  throw damaged("unexpected work factor");
}
