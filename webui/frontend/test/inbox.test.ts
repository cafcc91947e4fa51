// The formats of inboxes against the vectors that the Go implementation wrote.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { encode, utf8, type Bytes } from "../src/format/bytes";
import { bip39, checkAll, codenameWords, sourceIdentity } from "../src/format/codename";
import { fingerprint, generatedPassphrase, inboxFingerprint } from "../src/format/fingerprint";
import { onionKey } from "../src/format/host";
import { identityFromSeed, identityText, newIdentity, once, parseIdentity } from "../src/format/identity";
import { inboxAddress, inboxId, inboxText, newRecipients, parseInboxAddress, parseInboxText, parseRecipients, parseRequestLink, recipientsFile, requestLink } from "../src/format/inbox";
import { keyFileProtected, readKeyFile, writeKeyFile } from "../src/format/keyfile";
import { letterSize, openLetter, readLetter, replyKey, sealLetter, writeLetter, type Head, type Letter } from "../src/format/letter";
import type { LinkError } from "../src/format/link";
import { openNotebook, readNotebook, sealNotebook, writeNotebook, type Conversation, type Notebook } from "../src/format/notebook";
import type { ReceivedFile } from "../src/format/unpack";
import { requestIdentity } from "../src/request";
import { base64, collect, filled, hex, unhex, type FileVector } from "./vectors";

interface Text { name: string; text: string; error: string }
interface KeyFile { name: string; file: string; protected: boolean; passphrase: string; seed: string; error: string }
interface Link extends Text { service: string; id: string; alias: string; seed: string; canonical: string; address: string }
interface LetterVector {
  name: string; inbox: string; head_text: string; text: string; files: FileVector[];
  letter_head: { to: string; time: number; from: string; recipients: string[]; key: string };
  mac_key: string; proves: string; does_not_prove: string[]; head: string; length: number; sha256: string;
}
interface Sealed { name: string; seed: string; inbox: string; recipients: number; text: string; files: FileVector[]; ciphertext: string }
interface NotebookVector {
  name: string; seed: string; inbox: string; seen: string; before: string; json: string; tag: string; length: number; head: string;
  conversations: { inbox: string; name: string; recipients: string[]; key: string; since: string }[];
}
interface Vectors {
  identities: { seed: string; line: string; recipient: string }[]; bad_identities: Text[];
  key_files: KeyFile[]; bad_key_files: KeyFile[];
  recipients: { name: string; given: string[]; file: string; id: string; inbox: string; words: string }[];
  bad_recipients: Text[]; bad_inbox_ids: Text[];
  fingerprints: { label: string; data: string; words: string }[];
  addresses: Link[]; bad_addresses: Text[]; request_links: Link[]; bad_request_links: Text[]; bad_requests: Text[];
  codenames: { name: string; typed: string; entropy: string; words: string }[];
  bad_codenames: { name: string; typed: string; error: string; word: number }[];
  codename_keys: { entropy: string; host: string; public_key: string; seed: string; recipient: string }[];
  reply_keys: { seed: string; inbox: string; key: string }[];
  letters: LetterVector[]; bad_letters: LetterVector[]; letter_files: Sealed[]; bad_letter_files: Sealed[];
  notebooks: NotebookVector[]; bad_notebooks: NotebookVector[]; notebook_files: Sealed[]; bad_notebook_files: Sealed[];
}
const path = "../../cmd/ashpost/internal/seal/testdata/inbox.json";
const v = JSON.parse(readFileSync(path, "utf8")) as Vectors;

const fault = (parse: () => unknown) => {
  try {
    parse();
  } catch (e) {
    return (e as LinkError).fault;
  }
  return "accepted";
};
const stored = (files: FileVector[]) => files.map((f) => [f.stored, f.content]);
const received = (files: ReceivedFile[]) => files.map((f) => [f.name, Buffer.concat(f.chunks).toString("base64")]);

test("identities", async () => {
  for (const i of v.identities) {
    const id = await identityFromSeed(unhex(i.seed));
    assert.deepEqual([identityText(id), id.recipient], [i.line, i.recipient]);
    assert.equal(hex((await parseIdentity(i.line)).seed), i.seed);
  }
  for (const b of v.bad_identities) await assert.rejects(parseIdentity(b.text), { fault: "no-key" }, b.name);
  assert.notDeepEqual((await newIdentity()).seed, (await newIdentity()).seed);
});

test("key files", async () => {
  for (const k of v.key_files) {
    assert.equal(keyFileProtected(base64(k.file)), k.protected, k.name);
    const { identity, address } = await readKeyFile(base64(k.file), k.passphrase);
    assert.equal(hex(identity.seed), k.seed, k.name);
    if (k.name === "as written") assert.equal(address, v.addresses[0]!.canonical);
  }
  // In a browser any other work factor is refused by the shape of the header.
  const same: Record<string, RegExp> = {
    "wrong-passphrase": /^wrong-passphrase$/, "passphrase-empty": /^empty$/, work: /^(work-factor|damaged)$/,
    content: /^no-key$/, "key-file": /^damaged$/,
  };
  for (const k of v.bad_key_files) {
    const failed = (e: LinkError) => same[k.error]!.test(e.fault);
    await assert.rejects(readKeyFile(base64(k.file), k.passphrase), failed, k.name);
  }
});

test("a key file is written as it is read", async () => {
  const id = await newIdentity();
  const passphrase = await generatedPassphrase();
  assert.equal(new Set([passphrase, await generatedPassphrase()]).size, 2);
  assert.match(passphrase, /^[a-z-]+$/);
  const address = v.addresses[0]!.canonical;
  const file = await writeKeyFile(id, address, passphrase);
  assert.ok(keyFileProtected(file));
  assert.deepEqual(await readKeyFile(file, ` ${passphrase}\n`), { identity: id, address });
  // age -p makes files that only the command line can bear.
  const heavy = Buffer.from(base64(v.key_files.find((k) => k.name === "binary")!.file)).toString("latin1").replace(" 10\n", " 18\n");
  await assert.rejects(readKeyFile(Uint8Array.from(Buffer.from(heavy, "latin1")), passphrase), { fault: "work-factor" });
});

test("recipients", async () => {
  for (const r of v.recipients) {
    const recipients = newRecipients(r.given);
    const file = recipientsFile(recipients);
    assert.equal(Buffer.from(file).toString(), r.file, r.name);
    assert.deepEqual(parseRecipients(file), recipients, r.name);
    const id = inboxId(recipients);
    assert.deepEqual([hex(id), inboxText(id), await inboxFingerprint(id)], [r.id, r.inbox, r.words], r.name);
    assert.deepEqual(parseInboxText(r.inbox), id);
  }
  for (const b of v.bad_recipients) assert.equal(fault(() => parseRecipients(utf8(b.text))), "damaged", b.name);
  for (const b of v.bad_inbox_ids) assert.equal(parseInboxText(b.text), null, b.name);
  for (const f of v.fingerprints) assert.equal(await fingerprint(`ashpost/v1/fingerprint/${f.label}`, unhex(f.data)), f.words);
});

test("addresses", () => {
  for (const a of v.addresses) {
    const got = parseInboxAddress(a.text);
    assert.deepEqual([got.service, got.id ? hex(got.id) : "", got.alias], [a.service, a.id, a.alias], a.name);
    assert.equal(inboxAddress(got), a.canonical, a.name);
  }
  for (const b of v.bad_addresses) assert.equal(fault(() => parseInboxAddress(b.text)), b.error, b.name);
});

test("links of requests", async () => {
  for (const r of v.request_links) {
    const link = parseRequestLink(r.text);
    assert.deepEqual([link.service, hex(link.id), hex(link.seed)], [r.service, r.id, r.seed], r.name);
    assert.equal(requestLink(link), r.canonical, r.name);
    assert.equal(inboxAddress({ ...link, alias: "" }), r.address, r.name);
    assert.equal(hex((await requestIdentity(link)).seed), r.seed);
  }
  for (const b of v.bad_request_links) assert.equal(fault(() => parseRequestLink(b.text)), b.error, b.name);
  for (const b of v.bad_requests) await assert.rejects(requestIdentity(parseRequestLink(b.text)), { fault: "token" }, b.name);
});

test("return words", async () => {
  const list = await bip39();
  for (const c of v.codenames) {
    const { entropy, words, fault } = checkAll(c.typed, list);
    assert.deepEqual([entropy && hex(entropy), words.join(" "), fault], [c.entropy, c.words, null], c.name);
    assert.equal(codenameWords(entropy!, list), c.words);
  }
  for (const b of v.bad_codenames) {
    const { entropy, fault, word, words } = checkAll(b.typed, list);
    const where = fault === "count" ? words.length : word;
    assert.deepEqual([fault, where, entropy], [b.error, b.word, null], b.name);
  }
  for (const k of v.codename_keys) {
    assert.equal(hex(onionKey(k.host)), k.public_key);
    const id = await sourceIdentity(unhex(k.entropy), k.host);
    assert.deepEqual([hex(id.seed), id.recipient], [k.seed, k.recipient]);
  }
  const { host } = v.codename_keys[0]!;
  await assert.rejects(sourceIdentity(new Uint8Array(16), host), { fault: "no-key" }, "wiped");
  for (const host of ["localhost", "127.0.0.1:8080"]) assert.throws(() => onionKey(host), { fault: "host" });
});

test("reply keys", async () => {
  for (const r of v.reply_keys) {
    assert.equal(hex(replyKey(await identityFromSeed(unhex(r.seed)), unhex(r.inbox))), r.key);
  }
});

function letter(l: LetterVector): Letter {
  const h = l.letter_head;
  const reply = h.key === "" ? null : { recipients: h.recipients, key: unhex(h.key) };
  const head: Head = { to: unhex(h.to), time: h.time, from: h.from === "" ? null : unhex(h.from), reply };
  const files = l.files.map((f) => ({ name: f.name, blob: new Blob([base64(f.content)]) }));
  return { content: { text: l.text, files }, head, key: l.mac_key === "" ? null : unhex(l.mac_key) };
}

test("letters are written byte for byte, and read back", async () => {
  for (const l of v.letters) {
    const bytes = await collect(writeLetter(letter(l)));
    assert.equal(bytes.length, l.length, l.name);
    assert.equal(createHash("sha256").update(bytes).digest("hex"), l.sha256, l.name);
    const got = await readLetter(filled(l.head, l.length), unhex(l.inbox));
    assert.deepEqual(got.head, letter(l).head, l.name);
    assert.deepEqual([got.text ?? "", received(got.files)], [l.text, stored(l.files)], l.name);
    if (l.proves !== "") assert.ok(got.proves(unhex(l.proves)), l.name);
    for (const key of l.does_not_prove) assert.ok(!got.proves(unhex(key)), l.name);
  }
});

test("bad letters are refused", async () => {
  for (const b of v.bad_letters) {
    const elsewhere = b.name === "to another inbox";
    await assert.rejects(readLetter(filled(b.head, b.length), unhex(b.inbox)), { fault: elsewhere ? "elsewhere" : "damaged" }, b.name);
  }
});

test("files of letters", async () => {
  for (const s of v.letter_files) {
    const got = await openLetter(once(base64(s.ciphertext)), await identityFromSeed(unhex(s.seed)), unhex(s.inbox));
    assert.deepEqual([got.text ?? "", received(got.files)], [s.text, stored(s.files)], s.name);
  }
  for (const s of v.bad_letter_files) {
    const open = openLetter(once(base64(s.ciphertext)), await identityFromSeed(unhex(s.seed)), unhex(s.inbox));
    await assert.rejects(open, { fault: "damaged" }, s.name);
  }
});

test("every flipped bit of a letter's structure is refused", async () => {
  const l = letter(v.letters.find((l) => l.name === "answer")!);
  const good = await collect(writeLetter(l));
  const key = unhex(v.letters.find((l) => l.name === "answer")!.proves);
  for (let at = 0; at < 4600; at += 3) {
    const bad = good.slice();
    bad[at]! ^= 1 << at % 8;
    const proven = await readLetter(once(bad), l.head.to).then((got) => got.proves(key), () => false);
    assert.ok(!proven, `byte ${at}`);
  }
});

test("letters have the announced size and open for each of a team, and nobody else", async () => {
  const team = await Promise.all([newIdentity(), newIdentity(), newIdentity()]);
  const recipients = newRecipients(team.slice(0, 2).map((i) => i.recipient));
  const to = inboxId(recipients);
  const reply = { recipients: [team[2]!.recipient], key: replyKey(team[2]!, to) };
  for (const size of [0, 8192, 100_000]) {
    const content = { text: "", files: [{ name: "f", blob: new Blob([new Uint8Array(size).fill(7)]) }] };
    const l: Letter = { content, head: { to, time: 1, from: null, reply }, key: null };
    const file = await collect(sealLetter(recipients, l));
    assert.equal(file.length, letterSize(2, l));
    for (const id of team.slice(0, 2)) {
      const got = await openLetter(once(file), id, to);
      assert.deepEqual([got.files[0]!.size, got.proves(reply.key)], [size, true]);
    }
    await assert.rejects(openLetter(once(file), team[2]!, to), { fault: "damaged" });
  }
});

function notebook(n: NotebookVector): Notebook {
  const conversations = n.conversations.map(
    (c): Conversation => ({ ...c, inbox: unhex(c.inbox), key: c.key === "" ? null : unhex(c.key) }),
  );
  return { seen: n.seen, before: n.before, conversations };
}

test("notebooks", async () => {
  for (const n of v.notebooks) {
    const [id, inbox] = [await identityFromSeed(unhex(n.seed)), unhex(n.inbox)];
    const plain = Buffer.concat([unhex(n.tag), Buffer.from(n.json)]);
    const whole = Uint8Array.from(Buffer.concat([plain, Buffer.alloc(n.length - plain.length, " ")]));
    assert.deepEqual(readNotebook(id, inbox, whole), notebook(n), n.name);
    assert.deepEqual(writeNotebook(id, inbox, notebook(n)), whole, n.name);
    const file = await sealNotebook(id, inbox, notebook(n));
    assert.deepEqual(await openNotebook(id, inbox, file), notebook(n), n.name);
  }
  for (const n of v.bad_notebooks) {
    const id = await identityFromSeed(unhex(n.seed));
    assert.equal(fault(() => readNotebook(id, unhex(n.inbox), spaced(n.head, n.length))), "damaged", n.name);
  }
});

test("files of notebooks", async () => {
  for (const s of v.notebook_files) {
    const got = await openNotebook(await identityFromSeed(unhex(s.seed)), unhex(s.inbox), base64(s.ciphertext));
    assert.equal(got.conversations.length, 1, s.name);
  }
  for (const s of v.bad_notebook_files) {
    const id = await identityFromSeed(unhex(s.seed));
    await assert.rejects(openNotebook(id, unhex(s.inbox), base64(s.ciphertext)), { fault: "damaged" }, s.name);
  }
});

test("the oldest conversations of a notebook give way", async () => {
  const [id, inbox] = [await identityFromSeed(unhex(v.identities[0]!.seed)), unhex(v.recipients[0]!.id)];
  const { recipients } = notebook(v.notebooks.find((n) => n.conversations.length > 0)!).conversations[0]!;
  const conversations = Array.from({ length: 1200 }, (_, n): Conversation => ({
    inbox: inboxId(recipients), name: encode(Uint8Array.of(n >> 8, n & 255)), recipients, key: null,
    since: `2026-01-${String(1 + (n * 5) % 28).padStart(2, "0")}`,
  }));
  const plain = writeNotebook(id, inbox, { seen: "", before: "", conversations });
  const kept = readNotebook(id, inbox, plain).conversations;
  assert.ok(kept.length > 400 && kept.length < 600, String(kept.length));
  assert.ok(kept.every((c) => c.since > "2026-01-15"));
});

/** `head`, then spaces up to `length`. */
function spaced(head: string, length: number): Bytes {
  const out = new Uint8Array(length).fill(0x20);
  out.set(base64(head).subarray(0, length));
  return out;
}
