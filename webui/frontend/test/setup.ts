// Node 18 has the web's crypto, but not as a global.
import { webcrypto } from "node:crypto";

if (globalThis.crypto === undefined) {
  Object.defineProperty(globalThis, "crypto", { value: webcrypto });
}
