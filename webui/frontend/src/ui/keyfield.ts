// The key file and its passphrase, as a person gives them.
import { FormatError } from "../format/errors";
import type { Bytes } from "../format/bytes";
import { keyFileProtected, readKeyFile, type KeyFile } from "../format/keyfile";
import { known, say, type Key } from "../words";
import { byId, painted, put } from "./dom";

const largest = 65536;

/** Reads and opens the chosen key file, or says at the field what is wrong and returns null. */
export async function openKeyFile(): Promise<KeyFile | null> {
  const field = byId("keyfile", HTMLInputElement);
  const passphrase = byId("passphrase", HTMLInputElement);
  keyProblem("");
  const file = field.files?.[0];
  if (!file) return wrong("key.none", field);
  let bytes: Bytes;
  try {
    bytes = new Uint8Array(await file.slice(0, largest + 1).arrayBuffer());
  } catch {
    return wrong("key.unreadable", field);
  }
  if (keyFileProtected(bytes) && passphrase.value.trim() === "") return wrong("key.passphrase", passphrase);
  put("key-work", say("key.opening"));
  await painted();
  try {
    return await readKeyFile(bytes, passphrase.value);
  } catch (e) {
    const fault = e instanceof FormatError ? e.fault : "damaged";
    return wrong(known(`key.${fault}`, "key.damaged"), fault === "wrong-passphrase" ? passphrase : field);
  } finally {
    put("key-work", "");
    bytes.fill(0);
  }
}

/** Empties the fields: the passphrase must not stay on the page longer than it is needed. */
export function clearKeyFile(): void {
  byId("keyfile", HTMLInputElement).value = "";
  byId("passphrase", HTMLInputElement).value = "";
}

export function keyProblem(words: string, field?: HTMLInputElement): void {
  put("key-problem", "");
  for (const id of ["keyfile", "passphrase", "address"]) document.getElementById(id)?.removeAttribute("aria-invalid");
  put("key-problem", words);
  if (!field) return;
  field.setAttribute("aria-invalid", "true");
  field.focus();
}

function wrong(key: Key, field: HTMLInputElement): null {
  keyProblem(say(key), field);
  return null;
}
