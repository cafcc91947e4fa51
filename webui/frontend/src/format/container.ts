// Writing a container: ustar with the text first and the files after it, then zeros up to the
// Padmé length. `age -d … | tar -x` opens it. A letter has a head before and a proof behind.
import { sha256 } from "@noble/hashes/sha2.js";
import { padded } from "./padme";
import { utf8, type Bytes } from "./bytes";
import { cleanNames } from "./names";
import { block, buildHeader, folder, gap, headName, macName, textName, type Header } from "./ustar";

export const maxFiles = 100;
export const maxText = 1 << 20;

export interface Attachment {
  name: string;
  blob: Blob;
}

export interface Content {
  text: string;
  files: readonly Attachment[];
}

/** What a letter adds. */
export interface Marks {
  head: Bytes;
  /** Makes the proof from the digest of all that is before it; null when there is no key. */
  mac: ((digest: Bytes) => Bytes) | null;
}

export const macSize = 43;

const step = 65536; // one age chunk at a time keeps the page alive where there is no JIT

/** The exact plaintext size, known before the first byte. */
export function containerSize(content: Content, marks: Marks | null = null): number {
  const sizes = content.files.map((f) => f.blob.size);
  if (content.text !== "") sizes.push(utf8(content.text).length);
  if (marks) sizes.push(marks.head.length);
  if (marks?.mac) sizes.push(macSize);
  const archive = sizes.reduce((sum, n) => sum + block + n + gap(n), 0) + 2 * block;
  return padded(archive);
}

/** Writes the container piece by piece. A file that cannot be read, or whose size changed
 * since it was chosen, ends it with an error. */
export async function* writeContainer(content: Content, marks: Marks | null = null): AsyncGenerator<Bytes> {
  const total = containerSize(content, marks);
  const digest = marks?.mac ? sha256.create() : null;
  let written = 0;
  for await (const piece of entries(content, marks?.head ?? null)) {
    digest?.update(piece);
    written += piece.length;
    yield piece;
  }
  if (marks?.mac) {
    for (const piece of entry(macName, marks.mac(digest!.digest() as Bytes))) {
      written += piece.length;
      yield piece;
    }
  }
  while (written < total) {
    const piece = new Uint8Array(Math.min(step, total - written));
    written += piece.length;
    yield piece;
    await turn();
  }
}

async function* entries(content: Content, head: Bytes | null): AsyncGenerator<Bytes> {
  if (head) yield* entry(headName, head);
  if (content.text !== "") yield* entry(textName, utf8(content.text));
  const names = cleanNames(content.files.map((f) => f.name));
  for (const [i, file] of content.files.entries()) {
    const header: Header = { name: names[i]!, prefix: folder, size: file.blob.size };
    yield buildHeader(header);
    yield* slices(file.blob);
    yield new Uint8Array(gap(file.blob.size));
  }
}

function entry(name: string, body: Bytes): Bytes[] {
  return [buildHeader({ name, prefix: "", size: body.length }), body, new Uint8Array(gap(body.length))];
}

/** Files give the page time to paint while they are read; zeros must do so on purpose. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

async function* slices(blob: Blob): AsyncGenerator<Bytes> {
  for (let at = 0; at < blob.size; at += step) {
    const end = Math.min(at + step, blob.size);
    const piece = new Uint8Array(await blob.slice(at, end).arrayBuffer());
    if (piece.length !== end - at) throw new FileChanged();
    yield piece;
  }
}

export class FileChanged extends Error {}
