// Receiving: claim, download over connections that break, decrypt and verify everything,
// acknowledge. Nothing is handed to the page before the last byte was verified.
import { ApiError } from "./errors";
import type { Api, Claimed } from "./api";
import { download, type Downloading } from "./download";
import { decrypt, unlock } from "./format/age";
import { wipe, type Bytes } from "./format/bytes";
import { deriveKeys, extraWork, plainWork } from "./format/derive";
import { damaged, FormatError } from "./format/errors";
import { headerSize } from "./format/header";
import { Input } from "./format/input";
import type { SecretLink } from "./format/link";
import { agePassphrase } from "./format/passphrase";
import { readContainer, type Received } from "./format/unpack";
import { persist, type Persist } from "./retry";

export interface ReceiveOptions extends Downloading {
  /** The claim holds: the message is this reader's until the lease ends. */
  claimed?: (c: Claimed) => void;
  stretching?: () => Promise<void>;
  /** Asks for the extra passphrase again. */
  ask: (fault: FormatError) => Promise<string>;
}

/** One reader of one message. The reader key lives as long as the page, so a claim whose
 * answer was lost, or a download that came damaged, can be made again by this page only. */
export class Receiver {
  private readonly keys;

  constructor(
    private readonly api: Api,
    private readonly link: SecretLink,
    private readonly reader: Bytes,
  ) {
    this.keys = deriveKeys(link.token, link.reference);
  }

  async receive(extra: string | null, o: ReceiveOptions): Promise<Received & { claimed: Claimed }> {
    const claim = () =>
      this.api.claim(this.link.reference, this.keys.claim, this.reader, { signal: o.signal });
    const claimed = await persist(claim, o);
    o.claimed?.(claimed);
    const input = new Input(this.ciphertext(claimed, o));
    const header = await input.take(headerSize);
    const fileKey = await this.fileKey(header, extra, o);
    const file = (async function* () {
      yield header;
      yield* input.rest();
    })();
    try {
      return { ...(await readContainer(decrypt(file, fileKey))), claimed };
    } finally {
      wipe(fileKey);
    }
  }

  /** Tells the service that everything was read; it destroys, verifies, then answers. */
  async acknowledge(o: Persist): Promise<void> {
    const attempt = async () => {
      const proof = await this.api.acknowledge(this.link.reference, this.reader, { signal: o.signal });
      if (proof === "not-proven") throw new ApiError("locked", 30);
    };
    await persist(attempt, { ...o, throughLock: true });
  }

  forget(): void {
    wipe(this.reader, this.keys.claim, this.link.token);
    this.keys.passphrase = "";
  }

  private async fileKey(header: Bytes, extra: string | null, o: ReceiveOptions): Promise<Bytes> {
    for (;;) {
      try {
        if (extra !== null) await o.stretching?.();
        const passphrase = agePassphrase(this.keys.passphrase, extra);
        return await unlock(header, passphrase, extra === null ? plainWork : extraWork);
      } catch (e) {
        if (!(e instanceof FormatError) || e.fault === "damaged") throw e;
        // Without an extra passphrase the derived one cannot be wrong: the file is.
        if (e.fault === "wrong-passphrase" && extra === null) throw damaged(e.message);
        extra = await o.ask(e);
      }
    }
  }

  private async *ciphertext(c: Claimed, o: ReceiveOptions): AsyncGenerator<Bytes> {
    if (c.body.length > 0) {
      if (c.body.length !== c.size) throw new ApiError("protocol");
      o.progress?.(c.size, c.size);
      yield c.body;
      return;
    }
    const key = c.keep ? this.keys.claim : this.reader;
    const open = (from: number, signal: AbortSignal) =>
      this.api.content(this.link.reference, key, from, signal);
    yield* download(open, c.size, o);
  }
}
