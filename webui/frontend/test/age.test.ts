import assert from "node:assert/strict";
import { test } from "node:test";
import { decrypt, encrypt, sealedSize, unlock } from "../src/format/age";
import { containerSize, writeContainer } from "../src/format/container";
import { deriveKeys, extraWork, plainWork } from "../src/format/derive";
import { FormatError } from "../src/format/errors";
import { headerSize } from "../src/format/header";
import { parseSecretLink } from "../src/format/link";
import { agePassphrase } from "../src/format/passphrase";
import { readContainer, type Received } from "../src/format/unpack";
import { base64, collect, vectors, type CipherVector } from "./vectors";

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value;
}

async function open(v: CipherVector): Promise<Received> {
  const link = parseSecretLink(v.link);
  const extra = link.passphrase ? v.passphrase : null;
  const passphrase = agePassphrase(deriveKeys(link.token, link.reference).passphrase, extra);
  if (v.age_passphrase) assert.equal(passphrase, v.age_passphrase);
  const file = base64(v.ciphertext);
  const key = await unlock(file.slice(0, headerSize), passphrase, link.passphrase ? extraWork : plainWork);
  return readContainer(decrypt(once(file), key));
}

test("ciphertexts of the Go implementation open", async () => {
  for (const v of vectors.ciphertexts) {
    const got = await open(v);
    assert.equal(got.text ?? "", v.text, v.name);
    const files = got.files.map((f) => [f.name, Buffer.concat(f.chunks).toString("base64")]);
    assert.deepEqual(files, v.files.map((f) => [f.stored, f.content]), v.name);
  }
});

test("bad ciphertexts are refused", async () => {
  for (const v of vectors.bad_ciphertexts) {
    const fault = await open(v).then(
      () => "accepted",
      (e: FormatError) => (e instanceof FormatError ? e.fault : String(e)),
    );
    // Without an extra passphrase a wrong file key means damage; receive.ts says so.
    const plain = fault === "wrong-passphrase" && !parseSecretLink(v.link).passphrase;
    assert.equal(plain ? "damaged" : fault, v.error, v.name);
  }
});

test("headers are refused before any key work", async () => {
  const good = base64(vectors.ciphertexts[0]!.ciphertext).slice(0, headerSize);
  let used = false;
  const look = () => {
    used = true;
    return null;
  };
  const watched = new Proxy({}, { get: look, getPrototypeOf: look }) as unknown as string;
  await assert.rejects(unlock(good, watched, plainWork));
  assert.ok(used, "key work does not show");
  used = false;
  for (let at = 0; at < headerSize; at++) {
    const bad = good.slice();
    bad[at] = 0x21; // "!" is in no field
    await assert.rejects(unlock(bad, watched, plainWork), { fault: "damaged" }, `byte ${at}`);
  }
  assert.ok(!used, "key work was begun");
});

test("what is sealed has the announced size and opens again", async () => {
  for (const n of [0, 70_000, 300_000]) {
    const content = { text: "hello", files: [{ name: "f", blob: new Blob([new Uint8Array(n).fill(7)]) }] };
    const file = await collect(encrypt(writeContainer(content), "passphrase", plainWork));
    assert.equal(file.length, sealedSize(containerSize(content)));
    const key = await unlock(file.slice(0, headerSize), "passphrase", plainWork);
    const got = await readContainer(decrypt(once(file), key));
    assert.equal(got.text, "hello");
    assert.equal(Buffer.concat(got.files[0]!.chunks).length, n);
    await assert.rejects(unlock(file.slice(0, headerSize), "wrong", plainWork), { fault: "wrong-passphrase" });
  }
});

test("an error of the source is not taken for damage", async () => {
  const file = base64(vectors.ciphertexts[0]!.ciphertext);
  const key = await unlock(file.slice(0, headerSize), vectors.ciphertexts[0]!.age_passphrase, plainWork);
  const source = (async function* () {
    yield file.slice(0, 1000);
    throw new Error("circuit");
  })();
  await assert.rejects(collect(decrypt(source, key)), { message: "circuit" });
});
