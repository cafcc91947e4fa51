// Key files: an identity as age writes one, protected by a generated passphrase, so `age -d -i`
// opens them. More than a browser can stretch in bearable time is left to the command line.
import { decrypt, encrypt, unlock } from "./age";
import { armored, firstLine, unarmored } from "./armor";
import { join, text, utf8, type Bytes } from "./bytes";
import { extraWork, plainWork } from "./derive";
import { damaged, FormatError } from "./errors";
import { headerSize, scryptWork } from "./header";
import { identityText, once, parseIdentity, type Identity } from "./identity";
import { inboxAddress, parseInboxAddress } from "./inbox";

const largest = 65536;
const binaryLine = "age-encryption.org/v1\n";
const addressMark = "# inbox: ";

export interface KeyFile {
  identity: Identity;
  /** The address of the inbox that the file names, or "". */
  address: string;
}

export async function writeKeyFile(id: Identity, address: string, passphrase: string): Promise<Bytes> {
  const lines = [
    "# Ashpost key file. Keep it secret.",
    ...(address === "" ? [] : [addressMark + address]),
    `# public key: ${id.recipient}`,
    identityText(id),
    "",
  ];
  const file: Bytes[] = [];
  for await (const piece of encrypt(once(utf8(lines.join("\n"))), trimmed(passphrase), plainWork)) file.push(piece);
  return armored(join(file));
}

/** Whether a passphrase is needed. */
export function keyFileProtected(file: Bytes): boolean {
  return isArmored(file) || start(file).startsWith(binaryLine);
}

function isArmored(file: Bytes): boolean {
  return start(file).trimStart().startsWith(firstLine);
}

function start(file: Bytes): string {
  return String.fromCharCode(...file.subarray(0, 1024));
}

/** Reads a key file; the passphrase is not looked at when it needs none. */
export async function readKeyFile(file: Bytes, passphrase: string): Promise<KeyFile> {
  if (file.length > largest) throw damaged("too large for a key file");
  if (!keyFileProtected(file)) return parse(file);
  const sealed = isArmored(file) ? unarmored(file) : file;
  const work = scryptWork(sealed);
  if (work < plainWork) throw damaged("unexpected work factor");
  if (work > extraWork) throw new FormatError("work-factor", "too much work for a browser");
  const typed = trimmed(passphrase);
  if (typed === "") throw new FormatError("empty", "it needs a passphrase");
  const fileKey = await unlock(sealed.slice(0, headerSize), typed, work);
  const plain: Bytes[] = [];
  for await (const piece of decrypt(once(sealed), fileKey)) plain.push(piece);
  return parse(join(plain));
}

/** Without the white space that is pasted along; trim() takes another kind of it. */
function trimmed(passphrase: string): string {
  return passphrase.replace(/^\p{White_Space}+/u, "").replace(/\p{White_Space}+$/u, "");
}

async function parse(plain: Bytes): Promise<KeyFile> {
  const lines = (text(plain) ?? "?").split(/\r?\n/).filter((l) => l !== "");
  const secrets = lines.filter((l) => !l.startsWith("#"));
  if (secrets.length !== 1) throw new FormatError("no-key", "not exactly one identity");
  const named = lines.find((l) => l.startsWith(addressMark)) ?? "";
  return { identity: await parseIdentity(secrets[0]!), address: hint(named.slice(addressMark.length)) };
}

/** The address is a hint in a file that others may have written. */
function hint(address: string): string {
  try {
    return inboxAddress(parseInboxAddress(address));
  } catch {
    return "";
  }
}
