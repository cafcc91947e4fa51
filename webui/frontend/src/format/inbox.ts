// Addresses of inboxes, http://HOST/to/ID or /to/NAME, and links of requests,
// http://HOST/r/ID#1SEED. An ID is the hash of the recipients, so an address certifies itself.
import { sha256 } from "@noble/hashes/sha2.js";
import { base32nopad } from "@scure/base";
import { encode, text, utf8, type Bytes } from "./bytes";
import { damaged } from "./errors";
import { isRecipient, maxRecipients } from "./hybrid";
import { LinkError, parseSecret, splitHost } from "./link";

export const inboxIdSize = 32;
const idLength = 52;
const longestAlias = 31;
const aliasShape = /^[a-z][a-z0-9-]{1,30}$/;

/** Hybrid recipients, sorted and unique. */
export type Recipients = readonly string[];

/** Recipients from lines in any order; blank lines are left out, doubles count once. */
export function newRecipients(lines: readonly string[]): Recipients {
  const unique = [...new Set(lines.map((l) => l.trim()).filter((l) => l !== ""))].sort();
  if (unique.length === 0 || unique.length > maxRecipients || !unique.every(isRecipient)) {
    throw damaged("not one to ten hybrid recipients");
  }
  return unique;
}

/** Parses a recipients file, which has one spelling only: its hash is the inbox's address. */
export function parseRecipients(file: Bytes): Recipients {
  const lines = (text(file) ?? "").split("\n");
  const recipients = newRecipients(lines);
  if (text(recipientsFile(recipients)) !== text(file)) throw damaged("not a recipients file");
  return recipients;
}

export function recipientsFile(r: Recipients): Bytes {
  return utf8(r.map((line) => line + "\n").join(""));
}

export function inboxId(r: Recipients): Bytes {
  return sha256(recipientsFile(r)) as Bytes;
}

export function inboxText(id: Bytes): string {
  return base32nopad.encode(id).toLowerCase();
}

/** Parses the 52 characters of an inbox, or returns null. */
export function parseInboxText(name: string): Bytes | null {
  if (!/^[a-z2-7]{52}$/.test(name)) return null;
  try {
    return Uint8Array.from(base32nopad.decode(name.toUpperCase()));
  } catch {
    return null; // unused bits that are not zero
  }
}

export interface InboxAddress {
  service: string;
  /** Null when the address has an operator's name instead. */
  id: Bytes | null;
  alias: string;
}

export interface RequestLink {
  service: string;
  id: Bytes;
  seed: Bytes;
}

export function inboxAddress(a: InboxAddress): string {
  return `${a.service}/to/${a.id ? inboxText(a.id) : a.alias}`;
}

export function parseInboxAddress(raw: string): InboxAddress {
  const { service, path, fragment } = split(raw);
  if (path.startsWith("/r/")) throw new LinkError("request-link");
  if (!path.startsWith("/to/")) throw new LinkError("path");
  if (fragment !== null) throw new LinkError("extra");
  const name = path.slice("/to/".length).toLowerCase();
  if (aliasShape.test(name)) return { service, id: null, alias: name };
  if (name.length <= longestAlias) throw new LinkError("alias");
  if (name.length < idLength) throw new LinkError("cut-off");
  if (name.length > idLength) throw new LinkError("extra");
  return { service, id: parseId(name), alias: "" };
}

export function requestLink(l: RequestLink): string {
  return `${l.service}/r/${inboxText(l.id)}#1${encode(l.seed)}`;
}

export function parseRequestLink(raw: string): RequestLink {
  const { service, path, fragment } = split(raw);
  if (path.startsWith("/to/")) throw new LinkError("inbox-address");
  if (!path.startsWith("/r/")) throw new LinkError("path");
  if (!fragment) throw new LinkError("fragment");
  const id = parseId(path.slice("/r/".length).toLowerCase());
  if (!fragment.startsWith("1")) throw new LinkError("version");
  return { service, id, seed: parseSecret(fragment.slice(1)) };
}

function parseId(name: string): Bytes {
  const id = parseInboxText(name);
  if (!id) throw new LinkError("inbox");
  return id;
}

/** The checks that stand first, in the order of those of links. */
function split(raw: string): { service: string; path: string; fragment: string | null } {
  const { service, rest } = splitHost(raw);
  const [, path, fragment] = /^([^#]*)(?:#(.*))?$/.exec(rest)!;
  if (path!.includes("?")) throw new LinkError("query");
  if (/^\/[mc]\//.test(path!)) throw new LinkError("message-link");
  return { service, path: path!, fragment: fragment ?? null };
}
