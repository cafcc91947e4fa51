// Chromium over an http onion and Onion Browser have no crypto.subtle. typage asks it first
// and falls back to its own code only when the answer is NotSupportedError, so give that answer.
// Import this before anything of typage. getRandomValues is there everywhere.
const source = globalThis.crypto;
if (source.subtle === undefined) {
  const refuse = (): Promise<never> =>
    Promise.reject(new DOMException("no subtle crypto on this origin", "NotSupportedError"));
  Object.defineProperty(source, "subtle", { value: { importKey: refuse } });
}

export {};
