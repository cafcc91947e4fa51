// Where a link may lead: a v3 onion address with a good checksum, or this machine (a preview).
import { sha3_256 } from "@noble/hashes/sha3.js";
import { base32nopad } from "@scure/base";
import { join, utf8 } from "./bytes";
import { LinkError } from "./link";

/** Returns the one spelling of a host, or throws. */
export function parseHost(text: string): string {
  const host = text.toLowerCase();
  if (host.endsWith(".onion")) {
    checkOnion(host.slice(0, -".onion".length));
    return host;
  }
  const found = /^(127\.0\.0\.1|localhost|\[::1\])(?::([1-9]\d{0,4}))?$/.exec(host);
  if (!found || Number(found[2] ?? 80) > 65535) throw new LinkError("host");
  return found[2] === undefined || found[2] === "80" ? found[1]! : host; // as browsers spell it
}

/** The public key that an onion address spells; a preview has none and is refused. */
export function onionKey(text: string): Uint8Array {
  const host = parseHost(text);
  if (!host.endsWith(".onion")) throw new LinkError("host");
  return checkOnion(host.slice(0, -".onion".length));
}

/** rend-spec-v3, "Encoding onion addresses": finds a mistyped address before any connection. */
function checkOnion(label: string): Uint8Array {
  let raw: Uint8Array;
  try {
    raw = base32nopad.decode(label.toUpperCase());
  } catch {
    throw new LinkError("host");
  }
  if (label.length !== 56 || raw[34] !== 3) throw new LinkError("host");
  const sum = sha3_256(join([utf8(".onion checksum"), raw.subarray(0, 32), Uint8Array.of(3)]));
  if (sum[0] !== raw[32] || sum[1] !== raw[33]) throw new LinkError("onion-checksum");
  return raw.subarray(0, 32);
}
