// Standard age files through typage, as streams: with one passphrase, or to recipients.
import "../shim";
import { Decrypter, Encrypter } from "age-encryption";
import type { Bytes } from "./bytes";
import { damaged, FormatError, type Fault } from "./errors";
import { checkHeader, headerSize } from "./header";

const chunk = 65536;
const tag = 16;
const nonce = 16;

/** The exact size of the age file for a plaintext of `size` bytes. */
export function sealedSize(size: number, header = headerSize): number {
  return header + nonce + size + tag * Math.max(1, Math.ceil(size / chunk));
}

/** A pull source as a stream; typage takes nothing else. Pulled one step at a time, so a slow
 * connection holds the encryption back instead of filling the memory. */
function toStream(source: AsyncIterator<Bytes>): ReadableStream<Bytes> {
  return new ReadableStream<Bytes>(
    {
      async pull(controller) {
        const next = await source.next();
        if (next.done) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel() {
        await source.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

async function* fromStream(stream: ReadableStream<Uint8Array>): AsyncGenerator<Bytes> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value as Bytes;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

export async function* encrypt(
  plain: AsyncIterator<Bytes>,
  passphrase: string,
  work: number,
): AsyncGenerator<Bytes> {
  const age = new Encrypter();
  age.setPassphrase(passphrase);
  age.setScryptWorkFactor(work);
  yield* fromStream(await age.encrypt(toStream(plain)));
}

/** The same to hybrid recipients, one stanza each. */
export async function* encryptTo(
  plain: AsyncIterator<Bytes>,
  recipients: readonly string[],
): AsyncGenerator<Bytes> {
  const age = new Encrypter();
  for (const r of recipients) age.addRecipient(r);
  yield* fromStream(await age.encrypt(toStream(plain)));
}

/** Finds the file key of a header, or throws "wrong-passphrase" when it is not the right one. */
export async function unlock(header: Bytes, passphrase: string, work: number): Promise<Bytes> {
  checkHeader(header, work);
  const age = new Decrypter();
  age.addPassphrase(passphrase);
  return fileKey(age, header.slice(0, headerSize), "wrong-passphrase");
}

/** The same with the secret text of a hybrid identity. `header` has passed takeHybridHeader. */
export function unlockWith(header: Bytes, secret: string): Promise<Bytes> {
  const age = new Decrypter();
  age.addIdentity(secret);
  return fileKey(age, header, "damaged");
}

async function fileKey(age: Decrypter, header: Bytes, otherKey: Fault): Promise<Bytes> {
  try {
    return (await age.decryptHeader(header)) as Bytes;
  } catch (e) {
    // typage has no error kinds; the vectors hold this sentence in place.
    if (e instanceof Error && e.message.startsWith("no identity matched")) {
      throw new FormatError(otherKey, "the key does not open it");
    }
    throw damaged("the header was changed");
  }
}

/** Decrypts a whole age file under a file key found by unlock. What it yields is authentic
 * chunk by chunk, but the end is only proven when it returns. */
export async function* decrypt(file: AsyncIterator<Bytes>, fileKey: Bytes): AsyncGenerator<Bytes> {
  let broken: unknown;
  const watched = (async function* () {
    try {
      for (let n = await file.next(); !n.done; n = await file.next()) yield n.value;
    } catch (e) {
      broken = e; // the source failed, not the cryptography
      throw e;
    }
  })();
  const age = new Decrypter();
  age.addIdentity({ unwrapFileKey: () => fileKey });
  try {
    yield* fromStream(await age.decrypt(toStream(watched)));
  } catch {
    if (broken !== undefined) throw broken;
    throw damaged("the content was changed or is cut off");
  }
}
