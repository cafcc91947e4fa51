// The secret link, http://HOST/m/REFERENCE#1TOKEN, with ".p" after the token when an extra
// passphrase is needed; and the control link, http://HOST/c/REFERENCE#1KEY. Checked here
// before anything is sent: a link that was cut must never spend a message.
import { decode, encode, type Bytes } from "./bytes";
import { parseHost } from "./host";

export const referenceSize = 16;
export const tokenSize = 32;
const version = "1";
const mark = ".p";
const tokenLength = 43;

export interface SecretLink {
  service: string;
  reference: Bytes;
  token: Bytes;
  passphrase: boolean;
}

export interface ControlLink {
  service: string;
  reference: Bytes;
  key: Bytes;
}

/** What is wrong with a link, by the names of the format; words.ts has it for people. */
export type LinkFault =
  | "empty" | "characters" | "scheme" | "host" | "onion-checksum" | "query" | "path"
  | "control-link" | "message-link" | "fragment" | "reference" | "version" | "cut-off"
  | "extra" | "token"
  | "request-link" | "inbox-address" | "alias" | "inbox"; // of inboxes only

export class LinkError extends Error {
  constructor(readonly fault: LinkFault) {
    super(`link: ${fault}`);
    this.name = "LinkError";
  }
}

export function secretLink(l: SecretLink): string {
  const end = l.passphrase ? mark : "";
  return `${l.service}/m/${encode(l.reference)}#${version}${encode(l.token)}${end}`;
}

export function controlLink(l: ControlLink): string {
  return `${l.service}/c/${encode(l.reference)}#${version}${encode(l.key)}`;
}

export function parseSecretLink(text: string): SecretLink {
  const { service, reference, secret } = split(text, "/m/");
  // A lone dot is what remains of ".p" when the last character is lost.
  if (secret.length === tokenLength + 1 && secret.endsWith(".")) throw new LinkError("cut-off");
  const passphrase = secret.length === tokenLength + mark.length && secret.endsWith(mark);
  const token = parseSecret(passphrase ? secret.slice(0, tokenLength) : secret);
  return { service, reference, token, passphrase };
}

export function parseControlLink(text: string): ControlLink {
  const { service, reference, secret } = split(text, "/c/");
  return { service, reference, key: parseSecret(secret) };
}

type Kind = "/m/" | "/c/";

function split(raw: string, kind: Kind): { service: string; reference: Bytes; secret: string } {
  const { service, rest } = splitHost(raw);
  const [, path, fragment] = /^([^#]*)#?(.*)$/.exec(rest)!;
  const reference = parsePath(path!, kind, fragment === "");
  if (!fragment!.startsWith(version)) throw new LinkError("version");
  return { service, reference, secret: fragment!.slice(version.length) };
}

/** Splits a link behind its host. The order of the checks is the format's, so that all
 * implementations name the same fault. */
export function splitHost(raw: string): { service: string; rest: string } {
  const text = raw.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
  if (text === "") throw new LinkError("empty");
  if (/[^!-~]/.test(text)) throw new LinkError("characters");
  if (!/^http:\/\//i.test(text)) throw new LinkError("scheme");
  const [, host, rest] = /^http:\/\/([^/?#]*)(.*)$/i.exec(text)!;
  return { service: `http://${parseHost(host!)}`, rest: rest! };
}

function parsePath(path: string, kind: Kind, noFragment: boolean): Bytes {
  if (path.includes("?")) throw new LinkError("query");
  if (kind === "/m/" && path.startsWith("/c/")) throw new LinkError("control-link");
  if (kind === "/c/" && path.startsWith("/m/")) throw new LinkError("message-link");
  if (!path.startsWith(kind)) throw new LinkError("path");
  if (noFragment) throw new LinkError("fragment");
  const reference = decode(path.slice(kind.length), referenceSize);
  if (!reference) throw new LinkError("reference");
  return reference;
}

export function parseSecret(text: string): Bytes {
  if (text.search(/\.|$/) < tokenLength) throw new LinkError("cut-off");
  if (text.length > tokenLength) throw new LinkError("extra");
  const key = decode(text, tokenSize);
  if (!key) throw new LinkError("token");
  return key;
}
