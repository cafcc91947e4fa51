// Sending: reserve, derive, encrypt as a stream, upload, commit. Parts go up as they are made,
// one in memory at a time; a part whose answer was lost is sent again as it is.
import { ApiError } from "./errors";
import type { Api, LetterTerms, Receipt, Reservation, Terms } from "./api";
import { encrypt, sealedSize } from "./format/age";
import { random, wipe, type Bytes } from "./format/bytes";
import { containerSize, writeContainer, type Content } from "./format/container";
import { Input } from "./format/input";
import { deriveKeys, extraWork, plainWork } from "./format/derive";
import { controlLink, secretLink, tokenSize } from "./format/link";
import { agePassphrase, normalise } from "./format/passphrase";
import { persist, type Persist } from "./retry";
import type { Last } from "./unanswered";

export interface Draft extends Content {
  extra: string | null;
  seconds: number;
  keep: boolean;
  /** The operator's code, where links are made by invitation. */
  invite?: string;
}

export interface Sent {
  link: string;
  control: string;
  expires: number;
  keep: boolean;
  /** The extra passphrase as it must be typed, or null. */
  extra: string | null;
}

export interface Limits {
  small: number;
  part: number;
}

export interface SendOptions extends Persist {
  /** How much is encrypted and taken by the network, of how much. */
  progress?: (done: number, total: number) => void;
  /** Before the passphrase is stretched, which can hold the page for a while. */
  stretching?: () => Promise<void>;
}

export function draftSize(draft: Content): number {
  return sealedSize(containerSize(draft));
}

const restarts = 3;

/** Sends a draft. A reservation that the service has forgotten, after a restart or a long
 * break, is replaced: the keys hang on the reference, so everything is encrypted anew. */
export async function send(
  api: Api,
  service: string,
  limits: Limits,
  draft: Draft,
  o: SendOptions,
): Promise<Sent> {
  for (let n = 1; ; n++) {
    const reservation = await persist(() => api.reserve({ signal: o.signal }), o);
    try {
      return await sendAs(reservation, api, service, limits, draft, o);
    } catch (e) {
      if (!(e instanceof ApiError && e.code === "gone") || n === restarts) throw e;
    }
  }
}

async function sendAs(
  r: Reservation,
  api: Api,
  service: string,
  limits: Limits,
  draft: Draft,
  o: SendOptions,
): Promise<Sent> {
  const token = random(tokenSize);
  const manage = random(32);
  const keys = deriveKeys(token, r.reference);
  const terms: Terms = { seconds: draft.seconds, keep: draft.keep, claim: keys.claim, manage };
  if (draft.invite) terms.invite = draft.invite;
  try {
    if (draft.extra !== null) await o.stretching?.();
    const passphrase = agePassphrase(keys.passphrase, draft.extra);
    const work = draft.extra === null ? plainWork : extraWork;
    const cipher = encrypt(writeContainer(draft), passphrase, work);
    const receipt = await upload(api, r, cipher, draftSize(draft), terms, limits, o).finally(() =>
      cipher.return(undefined),
    );
    return {
      link: secretLink({ service, reference: r.reference, token, passphrase: draft.extra !== null }),
      control: controlLink({ service, reference: r.reference, key: manage }),
      expires: Math.floor(Date.now() / 1000) + receipt.expires_in,
      keep: draft.keep,
      extra: draft.extra === null ? null : normalise(draft.extra),
    };
  } finally {
    wipe(token, manage, keys.claim, r.upload);
  }
}

/** Uploads what `cipher` makes under a reservation. The last request is told before it is made. */
export async function upload(
  api: Api,
  r: Reservation,
  cipher: AsyncGenerator<Bytes>,
  size: number,
  terms: Terms | LetterTerms,
  limits: Limits,
  o: SendOptions & { last?: (last: Last) => void },
): Promise<Receipt> {
  const end = (last: Last): Promise<Receipt> => {
    o.last?.(last);
    return last(api, o);
  };
  let made = 0;
  let done = 0;
  // Encrypting takes the time where there is no JIT, sending everywhere else: both count half.
  const sent = (bytes: number) => o.progress?.((made + Math.min(done + bytes, size)) / 2, size);
  const call = { signal: o.signal, sent };
  const counted = (async function* () {
    for await (const piece of cipher) {
      o.signal?.throwIfAborted(); // a part takes ten seconds without a JIT
      made += piece.length;
      sent(0);
      yield piece;
    }
  })();
  const input = new Input(counted);
  sent(0);
  if (size <= limits.small) {
    const whole = await input.take(size);
    return end((on, again) => {
      const sent = (bytes: number) => again.progress?.((size + Math.min(bytes, size)) / 2, size);
      return persist(() => on.putWhole(r, whole, terms, { signal: again.signal, sent }), again);
    });
  }
  let n = 0;
  for (; done < size; n++) {
    const part = await input.take(Math.min(limits.part, size - done));
    await persist(() => api.putPart(r, n, part, call), o);
    done += part.length;
    sent(0);
  }
  return end((on, again) => persist(() => on.commit(r, n, size, terms, { signal: again.signal }), again));
}
