import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, encode } from "../src/format/bytes";
import { deriveKeys, verifier } from "../src/format/derive";
import { FormatError } from "../src/format/errors";
import { controlLink, LinkError, parseControlLink, parseSecretLink, secretLink } from "../src/format/link";
import { agePassphrase, normalise } from "../src/format/passphrase";
import { hex, unhex, vectors } from "./vectors";

test("links parse and are written again", () => {
  for (const v of vectors.links) {
    const l = parseSecretLink(v.link);
    const got = [l.service, hex(l.reference), hex(l.token), l.passphrase, secretLink(l)];
    assert.deepEqual(got, [v.service, v.reference, v.secret, v.passphrase, v.canonical], v.name);
  }
  for (const v of vectors.control_links) {
    const l = parseControlLink(v.link);
    const got = [l.service, hex(l.reference), hex(l.key), controlLink(l)];
    assert.deepEqual(got, [v.service, v.reference, v.secret, v.canonical], v.name);
  }
});

test("bad links are refused with the format's fault", () => {
  const fault = (parse: (l: string) => unknown, link: string) => {
    try {
      parse(link);
    } catch (e) {
      assert.ok(e instanceof LinkError);
      assert.ok(link === "" || !e.message.includes(link), "an error repeats the link");
      return e.fault;
    }
    return "accepted";
  };
  for (const v of vectors.bad_links) assert.equal(fault(parseSecretLink, v.link), v.error, v.name);
  for (const v of vectors.bad_control_links) assert.equal(fault(parseControlLink, v.link), v.error, v.name);
});

test("keys are derived", () => {
  for (const v of vectors.keys) {
    const k = deriveKeys(unhex(v.token), unhex(v.reference));
    assert.equal(k.passphrase, v.derived);
    assert.equal(hex(k.claim), v.claim_key);
    assert.equal(hex(decode(verifier(k.claim), 32)!), v.claim_verifier);
  }
});

test("extra passphrases have one spelling", () => {
  for (const v of vectors.passphrases) {
    assert.equal(normalise(v.typed), v.normalized, v.name);
    assert.equal(agePassphrase(v.derived, v.typed), v.age_passphrase, v.name);
  }
  for (const v of vectors.bad_passphrases) {
    assert.throws(() => normalise(v.typed), (e: FormatError) => e.fault === v.error, v.name);
  }
  assert.equal(agePassphrase("derived", null), "derived");
});

test("base64url is canonical: every change of a character changes or breaks the value", () => {
  const value = encode(Uint8Array.from({ length: 32 }, (_, i) => i * 7));
  for (const c of "ABCDwxyz0189-_+/=.") {
    const changed = value.slice(0, -1) + c;
    const back = decode(changed, 32);
    assert.ok(back === null || encode(back) === changed);
  }
  assert.equal(decode(value, 31), null);
  assert.equal(decode(value + "=", 32), null);
});
