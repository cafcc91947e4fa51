// One ustar header as the product writes it, 512 bytes. Reading is writing again: a header is
// accepted only if building it anew from its name, prefix and size gives the same bytes, so a
// reader has no field it forgot to look at.
import { same, text, utf8, type Bytes } from "./bytes";

export const block = 512;
export const folder = "files";
export const textName = "message.txt";
/** What only letters have: the head first, the proof last. */
export const headName = "ashpost.json";
export const macName = "ashpost.mac";
export const nameLimit = 100;

export interface Header {
  name: string;
  prefix: "" | typeof folder;
  size: number;
}

export function buildHeader(h: Header): Bytes {
  const out = new Uint8Array(block);
  const put = (at: number, s: string) => out.set(utf8(s), at);
  put(0, h.name);
  put(100, "0000600\0");
  put(108, "0000000\0");
  put(116, "0000000\0");
  put(124, octal(h.size, 11) + "\0");
  put(136, "00000000000\0");
  put(156, "0");
  put(257, "ustar\0" + "00");
  put(329, "0000000\0");
  put(337, "0000000\0");
  put(345, h.prefix);
  put(148, octal(checksum(out), 6) + "\0 ");
  return out;
}

/** Parses a header, or returns null for anything the product does not write. */
export function parseHeader(bytes: Uint8Array): Header | null {
  const name = field(bytes, 0, nameLimit);
  const prefix = field(bytes, 345, 155);
  const digits = field(bytes, 124, 12);
  if (!name || digits === null || !/^[0-7]{11}$/.test(digits)) return null;
  if (prefix !== "" && prefix !== folder) return null;
  const header: Header = { name, prefix, size: parseInt(digits, 8) };
  return same(buildHeader(header), bytes) ? header : null;
}

function octal(n: number, digits: number): string {
  return n.toString(8).padStart(digits, "0");
}

function checksum(bytes: Uint8Array): number {
  let sum = 8 * 0x20; // the checksum field counts as spaces
  for (const b of bytes) sum += b;
  return sum;
}

function field(bytes: Uint8Array, at: number, length: number): string | null {
  const raw = bytes.subarray(at, at + length);
  const end = raw.indexOf(0);
  return text(end < 0 ? raw : raw.subarray(0, end));
}

/** Zeros after `size` bytes of content, up to the next block. */
export function gap(size: number): number {
  return (block - (size % block)) % block;
}
