// Writing a container: ustar with the text first and the files after it, then zeros up to the
// Padmé length. `age -d … | tar -x` opens it.
import { padded } from "./padme";
import { utf8, type Bytes } from "./bytes";
import { cleanNames } from "./names";
import { block, buildHeader, folder, gap, textName, type Header } from "./ustar";

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

const step = 65536; // one age chunk at a time keeps the page alive where there is no JIT

/** The exact plaintext size, known before the first byte. */
export function containerSize(content: Content): number {
  const sizes = content.files.map((f) => f.blob.size);
  if (content.text !== "") sizes.push(utf8(content.text).length);
  const archive = sizes.reduce((sum, n) => sum + block + n + gap(n), 0) + 2 * block;
  return padded(archive);
}

/** Writes the container piece by piece. A file that cannot be read, or whose size changed
 * since it was chosen, ends it with an error. */
export async function* writeContainer(content: Content): AsyncGenerator<Bytes> {
  const total = containerSize(content);
  let written = 0;
  const emit = (bytes: Bytes): Bytes => {
    written += bytes.length;
    return bytes;
  };
  if (content.text !== "") {
    const body = utf8(content.text);
    yield emit(buildHeader({ name: textName, prefix: "", size: body.length }));
    yield emit(body);
    yield emit(new Uint8Array(gap(body.length)));
  }
  const names = cleanNames(content.files.map((f) => f.name));
  for (const [i, file] of content.files.entries()) {
    const header: Header = { name: names[i]!, prefix: folder, size: file.blob.size };
    yield emit(buildHeader(header));
    for await (const piece of slices(file.blob)) yield emit(piece);
    yield emit(new Uint8Array(gap(file.blob.size)));
  }
  while (written < total) {
    yield emit(new Uint8Array(Math.min(step, total - written)));
    await turn();
  }
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
