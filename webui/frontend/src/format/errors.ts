/** Why something cannot be sealed or opened. Never carries content or secrets. */
export type Fault =
  | "damaged"
  | "wrong-passphrase"
  | "passphrase-missing" // it needs an extra one, the link does not say so
  | "elsewhere" // a letter for another inbox than it lies in
  | "no-key" // a file without exactly one key in it
  | "work-factor" // a key file whose passphrase a browser cannot stretch
  | "empty" // the rest is about an extra passphrase as typed
  | "characters"
  | "too-long";

export class FormatError extends Error {
  constructor(
    readonly fault: Fault,
    message: string,
  ) {
    super(message);
    this.name = "FormatError";
  }
}

export function damaged(why: string): FormatError {
  return new FormatError("damaged", why);
}
