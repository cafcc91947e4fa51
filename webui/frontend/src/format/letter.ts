// Letters: messages in an inbox. A container with a head before its content and, in a
// conversation, a proof behind it, in an age file to the recipients of the inbox.
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { encryptTo } from "./age";
import { decode, encode, join, same, sameProof, text, utf8, type Bytes } from "./bytes";
import { containerSize, writeContainer, type Content, type Marks } from "./container";
import { damaged, FormatError } from "./errors";
import { decryptWith, hybridSize } from "./hybrid";
import { identityText, seedOf, type Identity } from "./identity";
import { inboxIdSize, newRecipients, type Recipients } from "./inbox";
import { readLetterContainer, type Received } from "./unpack";

const macLabel = "ashpost/v1/inbox/mac";
const keySize = 32;
const latest = 253402300799; // the last second of the year 9999

export interface Reply {
  recipients: Recipients;
  key: Bytes;
}

export interface Head {
  to: Bytes;
  /** Unix seconds, by the writer's clock. */
  time: number;
  /** The inbox of the one who answers. */
  from: Bytes | null;
  /** Where the writer wants answers. */
  reply: Reply | null;
}

export interface Letter {
  content: Content;
  head: Head;
  /** The key of one who is answered, null when there is none. A letter with a reply is proven
   * by the key in it. */
  key: Bytes | null;
}

export interface OpenedLetter extends Received {
  head: Head;
  /** Whether it was written with this key. One with a reply always is with the key in it. */
  proves: (key: Bytes) => boolean;
}

/** The key by which a writer tells answers from the inbox `to`. */
export function replyKey(writer: Identity, to: Bytes): Bytes {
  return hkdf(sha256, seedOf(writer), to, utf8("ashpost/v1/inbox/reply"), keySize) as Bytes;
}

export function letterSize(recipients: number, letter: Letter): number {
  return hybridSize(recipients, containerSize(letter.content, marks(letter)));
}

export function sealLetter(to: Recipients, letter: Letter): AsyncGenerator<Bytes> {
  return encryptTo(writeLetter(letter), to);
}

/** The padded container of a letter, before it is encrypted. */
export function writeLetter(letter: Letter): AsyncGenerator<Bytes> {
  return writeContainer(letter.content, marks(letter));
}

/** Opens a letter that lies in `inbox`; nothing of it is given before its last byte was seen.
 * Fails with "elsewhere" when it was written to another inbox. */
export function openLetter(file: AsyncIterable<Bytes>, id: Identity, inbox: Bytes): Promise<OpenedLetter> {
  return readLetter(decryptWith(file, identityText(id)), inbox);
}

export async function readLetter(container: AsyncIterable<Bytes>, inbox: Bytes): Promise<OpenedLetter> {
  const got = await readLetterContainer(container);
  const head = parseHead(got.head);
  if (!same(head.to, inbox)) throw new FormatError("elsewhere", "it is for another inbox");
  const mac = got.mac && decode(text(got.mac) ?? "", sha256.outputLen);
  if (got.mac && !mac) throw damaged("not a proof as the product writes it");
  const proves = (key: Bytes) => mac !== null && sameProof(mac, proof(key, head, got.digest));
  if (head.reply && !proves(head.reply.key)) throw damaged("the proof is wrong");
  if (!head.reply && !head.from && mac) throw damaged("a proof of nobody");
  return { text: got.text, files: got.files, head, proves };
}

function marks({ head, key }: Letter): Marks {
  const by = head.reply?.key ?? key;
  return { head: headText(head), mac: by && ((digest) => utf8(encode(proof(by, head, digest)))) };
}

/** The direction, 0 from the one who gave the key and 1 to that one, keeps a letter from being
 * sent back as its own answer. */
function proof(key: Bytes, head: Head, digest: Bytes): Bytes {
  const direction = Uint8Array.of(head.reply ? 0 : 1);
  return hmac(sha256, key, join([utf8(macLabel), direction, head.to, digest])) as Bytes;
}

function headText(h: Head): Bytes {
  const reply = h.reply && { recipients: h.reply.recipients, key: encode(h.reply.key) };
  const from = h.from ? encode(h.from) : "";
  return utf8(JSON.stringify({ v: 1, to: encode(h.to), time: h.time, from, reply }));
}

/** Reading is writing again, so a head has no member that was not looked at, nor one twice. */
function parseHead(bytes: Bytes): Head {
  try {
    const j = JSON.parse(text(bytes)!) as Record<string, unknown>;
    const reply = j["reply"] as { recipients: string[]; key: string } | null;
    if (reply === undefined) throw damaged("reply");
    const head: Head = {
      to: known(j["to"], inboxIdSize),
      time: j["time"] as number,
      from: j["from"] === "" ? null : known(j["from"], inboxIdSize),
      reply: reply && { recipients: newRecipients(reply.recipients), key: known(reply.key, keySize) },
    };
    if (!Number.isSafeInteger(head.time) || head.time < 0 || head.time > latest) throw damaged("time");
    if (same(headText(head), bytes) && !(head.reply && head.from)) return head;
  } catch {
    // said below, without the content
  }
  throw damaged("not a head as the product writes it");
}

function known(value: unknown, length: number): Bytes {
  const bytes = decode(String(value), length);
  if (!bytes) throw damaged("not a value of the head");
  return bytes;
}

