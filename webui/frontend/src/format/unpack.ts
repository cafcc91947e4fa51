// Reading a container, strictly: only what writeContainer writes is accepted, and nothing is
// handed out before the last byte of padding was seen. Memory is bounded by what arrived.
import { sha256 } from "@noble/hashes/sha2.js";
import { join, text as decodeText, type Bytes } from "./bytes";
import { macSize, maxFiles, maxText } from "./container";
import { damaged } from "./errors";
import { Input } from "./input";
import { isClean } from "./names";
import { padded } from "./padme";
import { block, gap, headName, macName, parseHeader, textName, type Header } from "./ustar";

const maxHead = 65536;
type Hash = ReturnType<typeof sha256.create>;

export interface ReceivedFile {
  name: string;
  size: number;
  chunks: Bytes[];
}

export interface Received {
  text: string | null;
  files: ReceivedFile[];
}

/** What a letter has besides. */
export interface Marked extends Received {
  head: Bytes;
  /** The proof as it stands there, and the digest of all that is before it. */
  mac: Bytes | null;
  digest: Bytes;
}

export async function readContainer(source: AsyncIterable<Bytes>): Promise<Received> {
  const { text, files } = await read(source, null);
  return { text, files };
}

export async function readLetterContainer(source: AsyncIterable<Bytes>): Promise<Marked> {
  return read(source, sha256.create());
}

/** Reads entries up to the end. With a hash they are those of a letter, else of a message. */
async function read(source: AsyncIterable<Bytes>, hash: Hash | null): Promise<Marked> {
  const input = new Input(source[Symbol.asyncIterator]());
  const out: Marked = { text: null, files: [], head: new Uint8Array(0), mac: null, digest: new Uint8Array(0) };
  const names = new Set<string>();
  for (let n = 0; ; n++) {
    const head = await input.take(block);
    if (isZero(head)) break;
    const h = parseHeader(head);
    if (!h || out.mac) throw damaged("not a header as the product writes it");
    if (h.prefix === "") checkOwn(h, n, hash !== null);
    const chunks = await input.pieces(h.size);
    const zeros = await input.take(gap(h.size));
    if (!isZero(zeros)) throw damaged("dirty gap");
    if (hash && h.prefix === "" && h.name === macName) out.digest = hash.digest() as Bytes;
    else for (const piece of [head, ...chunks, zeros]) hash?.update(piece);
    if (h.prefix !== "") out.files.push(checkFile(h, names, chunks));
    else if (h.name === headName) out.head = join(chunks);
    else if (h.name === macName) out.mac = join(chunks);
    else out.text = messageText(chunks, h.size);
    if (out.files.length > maxFiles) throw damaged("too many files");
  }
  if (out.text === null && out.files.length === 0) throw damaged("empty");
  if (hash && out.head.length === 0) throw damaged("no head");
  await checkEnd(input);
  return out;
}

/** The entries outside of the files' folder have their places and sizes. */
function checkOwn(h: Header, n: number, letter: boolean): void {
  if (!inPlace(h, n, letter)) throw damaged("an entry out of place, or too long");
}

function inPlace({ name, size }: Header, n: number, letter: boolean): boolean {
  switch (name) {
    case textName: return n === (letter ? 1 : 0) && size > 0 && size <= maxText;
    case headName: return letter && n === 0 && size > 0 && size <= maxHead;
    case macName: return letter && n > 1 && size === macSize;
  }
  return false;
}

async function checkEnd(input: Input): Promise<void> {
  if (!isZero(await input.take(block))) throw damaged("no end of archive");
  const archive = input.taken;
  for await (const piece of input.rest()) {
    if (!isZero(piece)) throw damaged("something after the end");
  }
  if (input.taken !== padded(archive)) throw damaged("wrong padding");
}

function messageText(chunks: Bytes[], size: number): string {
  const all = new Uint8Array(size);
  let at = 0;
  for (const c of chunks) {
    all.set(c, at);
    at += c.length;
    c.fill(0);
  }
  const text = decodeText(all);
  all.fill(0);
  if (text === null) throw damaged("text is not UTF-8");
  return text;
}

function checkFile(h: Header, names: Set<string>, chunks: Bytes[]): ReceivedFile {
  if (!isClean(h.name) || names.has(h.name)) throw damaged("unsafe file name");
  names.add(h.name);
  return { name: h.name, size: h.size, chunks };
}

function isZero(bytes: Bytes): boolean {
  return bytes.every((b) => b === 0);
}
