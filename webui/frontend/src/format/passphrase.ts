// The extra passphrase: people type it on different keyboards, so it is brought to one spelling.
import { utf8 } from "./bytes";
import { FormatError } from "./errors";

// Unicode White_Space, written out: engines and languages differ in what \s means.
const space = /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/gu;
const untypable = /[\p{Cc}\p{Surrogate}]/u;
// Past 30 marks in a row, normalisers disagree (UAX 15, Stream-Safe Text Format).
const tooManyMarks = /\p{M}{11}/u;
const longest = 1024;

export function normalise(extra: string): string {
  const one = extra.replace(space, " ").replace(/^ | $/g, "");
  if (one === "") throw new FormatError("empty", "the extra passphrase is empty");
  if (untypable.test(one) || tooManyMarks.test(one)) {
    throw new FormatError("characters", "characters that cannot be typed everywhere");
  }
  const spelled = one.normalize("NFC");
  if (utf8(spelled).length > longest) {
    throw new FormatError("too-long", "the extra passphrase is too long");
  }
  return spelled;
}

/** The age passphrase of a message: the derived one, and the extra one when there is one. */
export function agePassphrase(derived: string, extra: string | null): string {
  return extra === null ? derived : `${derived}.${normalise(extra)}`;
}
