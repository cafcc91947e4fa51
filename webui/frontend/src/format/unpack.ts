// Reading a container, strictly: only what writeContainer writes is accepted, and nothing is
// handed out before the last byte of padding was seen. Memory is bounded by what arrived.
import { text as decodeText, type Bytes } from "./bytes";
import { maxFiles, maxText } from "./container";
import { damaged } from "./errors";
import { Input } from "./input";
import { isClean } from "./names";
import { padded } from "./padme";
import { block, gap, parseHeader, textName, type Header } from "./ustar";

export interface ReceivedFile {
  name: string;
  size: number;
  chunks: Bytes[];
}

export interface Received {
  text: string | null;
  files: ReceivedFile[];
}

export async function readContainer(source: AsyncIterable<Bytes>): Promise<Received> {
  const input = new Input(source[Symbol.asyncIterator]());
  const out: Received = { text: null, files: [] };
  const names = new Set<string>();
  let first = true;
  for (;;) {
    const head = await input.take(block);
    if (isZero(head)) break;
    const h = parseHeader(head);
    if (!h) throw damaged("not a header as the product writes it");
    const chunks = await input.pieces(h.size);
    if (!isZero(await input.take(gap(h.size)))) throw damaged("dirty gap");
    if (h.prefix === "") out.text = messageText(h, chunks, first);
    else out.files.push(checkFile(h, names, chunks));
    if (out.files.length > maxFiles) throw damaged("too many files");
    first = false;
  }
  if (first) throw damaged("empty");
  if (!isZero(await input.take(block))) throw damaged("no end of archive");
  const archive = input.taken;
  for await (const piece of input.rest()) {
    if (!isZero(piece)) throw damaged("something after the end");
  }
  if (input.taken !== padded(archive)) throw damaged("wrong padding");
  return out;
}

function messageText(h: Header, chunks: Bytes[], first: boolean): string {
  if (!first || h.name !== textName || h.size === 0) throw damaged("misplaced text");
  if (h.size > maxText) throw damaged("text is too long");
  const all = new Uint8Array(h.size);
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
