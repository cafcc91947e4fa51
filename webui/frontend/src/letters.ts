// The answer that gives letters along with their list (drawn in the Go package api): facts
// first, then the files of small letters, each handed out as soon as it is whole.
import { seconds } from "./api";
import { ApiError } from "./errors";
import { pieces } from "./download";
import { encode, type Bytes } from "./format/bytes";
import { FormatError } from "./format/errors";
import { Input } from "./format/input";
import { referenceSize } from "./format/link";
import { announced, Broken } from "./transport";

const headSize = 8;
const factsSize = 40;
const mostListed = 100;
const mostSize = 2 ** 40; // the contract's for every file
/** Of files in one answer. */
export const carriedSize = 1 << 20;

export const kinds = ["inbox", "request", "reply"] as const;
export type Kind = (typeof kinds)[number];

export interface Listed {
  reference: Bytes;
  serial: number;
  size: number;
  expiresIn: number;
}

export interface List {
  /** Newest first. */
  messages: Listed[];
  more: boolean;
  count: number;
  kind: Kind;
}

/** A list, and the files that come with it. */
export interface Letters extends List {
  files: AsyncIterable<Carried>;
  /** Ends the connection, for who wants no further file. */
  close: () => void;
}

export interface Carried {
  letter: Listed;
  /** Null when it was destroyed while the answer was on its way. */
  file: Bytes | null;
  /** Whether no other comes behind it. */
  last: boolean;
}

/** Reads an answer for what came before a serial number. The list is judged before any file
 * is waited for; what the service says of sizes and order must hold. */
export async function readLetters(answer: Response, before: number, small: number): Promise<Letters> {
  const source = pieces(answer);
  const input = new Input(source);
  const close = () => void source.return(undefined);
  try {
    const head = await take(input, headSize);
    const n = view(head).getUint16(2);
    if (n > mostListed) throw new ApiError("protocol");
    const list = parse(head, await take(input, n * factsSize), before);
    const which = carried(list.messages, small);
    const whole = which.reduce((sum, m) => sum + m.size, headSize + n * factsSize);
    if (![0, whole].includes(announced(answer.headers))) throw new ApiError("protocol");
    return { ...list, files: files(input, which), close };
  } catch (e) {
    close();
    throw e;
  }
}

/** The letters whose files come along: of the small ones the newest, as many as fit. */
function carried(letters: readonly Listed[], small: number): Listed[] {
  const fits = letters.filter((m) => m.size <= small);
  let size = 0;
  const end = fits.findIndex((m) => (size += m.size) > carriedSize);
  return end < 0 ? fits : fits.slice(0, end);
}

async function* files(input: Input, which: Listed[]): AsyncGenerator<Carried> {
  for (const letter of which) {
    const file = await take(input, letter.size);
    yield { letter, file: file[0] === 0 ? null : file, last: letter === which.at(-1) }; // no age file begins with 0
  }
  for await (const piece of input.rest()) if (piece.length > 0) throw new ApiError("protocol");
}

async function take(input: Input, length: number): Promise<Bytes> {
  return input.take(length).catch((e: unknown) => {
    throw e instanceof FormatError ? new Broken() : e; // it ended too early
  });
}

function parse(head: Bytes, facts: Bytes, before: number): List {
  const [kind, more] = [kinds[head[0]! - 1], head[1]!];
  const count = view(head).getUint32(4);
  const messages: Listed[] = [];
  const references = new Set<string>();
  let below = before === 0 ? Infinity : before;
  for (let at = 0; at < facts.length; at += factsSize) {
    const m = letter(facts.slice(at, at + factsSize));
    if (m.serial >= below) throw new ApiError("protocol");
    below = m.serial;
    references.add(encode(m.reference));
    messages.push(m);
  }
  const n = messages.length;
  if (!kind || more > 1 || count < n || (more === 1 && n === 0) || references.size < n) throw new ApiError("protocol");
  return { messages, more: more === 1, count, kind };
}

function letter(facts: Bytes): Listed {
  const [serial, size, expiresIn] = [16, 24, 32].map((at) => Number(view(facts).getBigUint64(at)));
  const reference = facts.slice(0, referenceSize);
  const can = safe(serial!) && safe(size!) && size! <= mostSize;
  if (!can || reference.every((b) => b === 0)) throw new ApiError("protocol");
  return { reference, serial: serial!, size: size!, expiresIn: seconds(expiresIn) };
}

function safe(n: number): boolean {
  return Number.isSafeInteger(n) && n > 0;
}

function view(bytes: Bytes): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
