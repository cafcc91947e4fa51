// Inboxes from the first letter to the last answer, against a service in memory.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Broken } from "../src/transport";
import { newIdentity } from "../src/format/identity";
import { inboxId, inboxText, newRecipients, parseInboxAddress } from "../src/format/inbox";
import { replyKey } from "../src/format/letter";
import { Mailbox } from "../src/mailbox";
import { today } from "../src/notes";
import { findInbox, replyInbox, write, writingSize } from "../src/write";
import { limits } from "./inboxservice";
import { host, quick, say, desk, mailbox, source, told, type Desk } from "./desk";

test("a conversation between a source and an inbox", async () => {
  const d = await desk();
  const id = await source(d, "first");
  await d.box.open(quick);
  assert.deepEqual(told(d.box.conversations()), [[["first", "first"]]]);

  await d.box.answer(d.box.conversations()[0]!.partner!, "Blue", say("answer"), 60, quick);
  const back = mailbox(d.service, id);
  const days = [today()];
  await back.open(quick);
  days.push(today()); // midnight may have come
  assert.deepEqual(told(back.conversations()), [[["answer", "conversation"]]]);
  assert.equal(back.kind, "reply");
  assert.ok(days.includes(back.notebook.seen));
  await back.answer(back.conversations()[0]!.partner!, "", say("follow-up"), 60, quick);
  const again = mailbox(d.service, d.identity);
  await again.open(quick);
  const [g] = again.conversations();
  assert.deepEqual(told([g!]), [[["first", "conversation"], ["follow-up", "conversation"]]]);
  assert.equal(g!.name, "Blue");
});

test("whoever cannot prove it is shown as a stranger", async () => {
  const d = await desk();
  const id = await source(d, "first");
  await d.box.open(quick);
  const { partner } = d.box.conversations()[0]!;
  await d.box.answer(partner!, "Blue", say("answer"), 60, quick);
  const plain = d.service.plain();

  // Somebody who knows the source's public key, but not the conversation's: forges both ways.
  const forger = await newIdentity();
  const forged = { identity: forger, seed: forger.seed, recipient: id.recipient };
  await write(plain, limits, { content: say("not me"), to: d.address, seconds: 60, answers: forged }, quick);
  const to = { id: replyInbox(id), recipients: [id.recipient] };
  const wrongKey = { content: say("not the desk"), to, seconds: 60, from: d.address.id, key: forger.seed };
  await write(plain, limits, wrongKey, quick);

  const box = mailbox(d.service, d.identity);
  await box.open(quick);
  const [blue] = box.conversations();
  assert.deepEqual(told([blue!]), [[["first", "conversation"], ["not me", "stranger"]]]);
  assert.deepEqual(blue!.partner!.key, partner!.key, "an answer would go to the forger");

  const back = mailbox(d.service, id);
  await back.open(quick);
  assert.deepEqual(told(back.conversations()), [[["answer", "conversation"], ["not the desk", "stranger"]]]);
});

test("nobody else can give a key in the name of one whom the owner wrote to first", async () => {
  const d = await desk();
  const id = await source(d, "first");
  const to = { id: replyInbox(id), recipients: [id.recipient] };
  const forger = { ...(await newIdentity()), recipient: d.identity.recipient };
  await write(d.service.plain(), limits, { content: say("as the desk"), to, seconds: 60, answers: forger }, quick);
  const back = mailbox(d.service, id);
  await back.open(quick);
  const [g] = back.conversations();
  assert.deepEqual(told([g!]), [[["as the desk", "stranger"]]]);
  assert.equal(g!.partner!.key, null, "an answer would carry the forger's key");
});

test("two keys for one inbox are two conversations until one is chosen", async () => {
  const d = await desk();
  const id = await source(d, "one");
  const other = { ...(await newIdentity()), recipient: id.recipient };
  await write(d.service.plain(), limits, { content: say("two"), to: d.address, seconds: 60, answers: other }, quick);
  await d.box.open(quick);
  assert.deepEqual(told(d.box.conversations()), [[["two", "first"]], [["one", "first"]]]);
  await d.box.name(d.box.conversations()[1]!.partner!, "Chosen", quick);
  assert.deepEqual(told(d.box.conversations()), [[["one", "conversation"], ["two", "stranger"]]]);
});

test("the key of one who asked stays when they are asked as well", async () => {
  const [d, other] = await two();
  await d.box.open(quick);
  await d.box.answer(d.box.conversations()[0]!.partner!, "", say("answer"), 60, quick);
  // The owner writes as well, and is answered.
  const to = { id: other.address.id, recipients: other.address.recipients };
  await write(d.service.plain(), limits, { content: say("question"), to, seconds: 60, answers: d.identity }, quick);
  const from = { from: other.address.id, key: replyKey(d.identity, other.address.id) };
  await write(d.service.plain(), limits, { content: say("reply"), to: d.address, seconds: 60, ...from }, quick);
  const box = mailbox(d.service, d.identity);
  await box.open(quick);
  await box.answer(box.conversations()[0]!.partner!, "", say("thanks"), 60, quick);
  assert.deepEqual(told(box.conversations()), [[["asked", "conversation"], ["reply", "conversation"]]]);
});

/** Two desks, of which the second wrote to the first. */
async function two(): Promise<[Desk, Desk]> {
  const d = await desk();
  const other = await desk(d.service);
  await write(d.service.plain(), limits, { content: say("asked"), to: d.address, seconds: 60, answers: other.identity }, quick);
  return [d, other];
}

test("anonymous, misdirected, damaged and vanished letters", async () => {
  const d = await desk();
  const plain = d.service.plain();
  const other = await desk(d.service);
  for (const text of ["hello", "changed", "vanished"]) {
    await write(plain, limits, { content: say(text), to: d.address, seconds: 60, answers: null }, quick);
  }
  // For the same key, but written to an inbox of two.
  const team = newRecipients([d.identity.recipient, other.identity.recipient]);
  await plain.open(team, { kind: "inbox" });
  const to = await findInbox(plain, parseInboxAddress(`${host}/to/${inboxText(inboxId(team))}`), quick);
  await write(plain, limits, { content: say("team"), to, seconds: 60, answers: null }, quick);
  const { letters } = d.service.inbox(d.address.id);
  letters.push({ ...d.service.inbox(to.id).letters[0]!, serial: 99 });
  letters[1]!.body[5000]! ^= 1;
  letters[2]!.lost = true;
  await d.box.open(quick);
  assert.deepEqual(d.box.items.map((i) => i.state), ["elsewhere", "gone", "damaged", "open"]);
  assert.deepEqual(told(d.box.conversations()).at(-1), [["hello", "anonymous"]]);
  assert.equal(d.box.conversations().at(-1)!.partner, null);

  const members = [d, other].map((m) => new Mailbox(d.service.session(m.identity.recipient), plain, m.identity, to.id, limits));
  for (const m of members) {
    await m.open(quick);
    assert.deepEqual(told(m.conversations()), [[["team", "anonymous"]]]);
  }
});

test("a team that follows up is answered at its own inbox", async () => {
  const d = await desk();
  const [one, two] = [await newIdentity(), await newIdentity()];
  const plain = d.service.plain();
  const team = newRecipients([one.recipient, two.recipient]);
  const id = inboxId(team);
  await d.service.session(one.recipient).open(team, { kind: "inbox" });
  const box = new Mailbox(d.service.session(one.recipient), plain, one, id, limits);
  await box.open(quick);
  const partner = { inbox: d.address.id, recipients: d.address.recipients, key: null };
  await box.answer(partner, "", say("from the team"), 60, quick);
  await d.box.open(quick);
  const [asked] = d.box.conversations();
  assert.deepEqual(asked!.inbox, id, "answers go to one member, where nobody looks");
  await d.box.answer(asked!.partner!, "", say("answer"), 60, quick);
  await box.open(quick);
  assert.deepEqual(told(box.conversations()), [[["answer", "conversation"]]]);
});

test("a list of a kind that there is not is refused", async () => {
  const d = await desk();
  d.service.inbox(d.address.id).kind = "constructor";
  await assert.rejects(d.box.open(quick), { code: "protocol" });
});

test("large letters wait until asked for, and cross connections that break", async () => {
  const d = await desk();
  const w = { content: say("large", 100_000), to: d.address, seconds: 60, answers: null };
  const progress: number[] = [];
  const drop = () => { throw new Broken(); };
  for (const path of [/reservations$/, /parts\/1$/, /commit$/]) d.service.faults.push({ path, answer: drop });
  await write(d.service.plain(), limits, w, { ...quick, progress: (done, total) => progress.push(done / total) });
  assert.equal(progress.at(-1), 1);
  assert.equal(d.service.inbox(d.address.id).letters[0]!.body.length, writingSize(w));
  await d.box.open(quick);
  const [item] = d.box.items;
  assert.equal(item!.state, "waiting");
  d.service.faults.push({ path: /messages/, answer: drop });
  let got = 0;
  await d.box.read(item!, { ...quick, progress: (done) => (got = done) });
  assert.equal(got, item!.size);
  assert.equal(item!.letter!.files[0]!.size, 100_000);
});

test("an answer that a mailbox never takes is refused before any of it goes", async () => {
  const d = await desk();
  const id = await source(d, "first");
  await d.box.open(quick);
  const { partner } = d.box.conversations()[0]!;
  const from = d.service.calls.length;
  let progress = 0;
  const large = d.box.answer(partner!, "", say("large", 100_000), 60, { ...quick, progress: () => progress++ });
  await assert.rejects(large, { code: "too_large" });
  assert.equal(progress, 0, "it was encrypted");
  assert.ok(!d.service.calls.slice(from).some((c) => c.includes("messages/")), "some of it was sent");
  assert.equal(d.service.inbox(replyInbox(id)).letters.length, 0);
  await d.box.answer(partner!, "", say("less", 60_000), 60, quick);
  assert.equal(d.service.inbox(replyInbox(id)).letters.length, 1);
});

test("pages, destroying one, many and all", async () => {
  const d = await desk();
  const plain = d.service.plain();
  await write(plain, limits, { content: say("n"), to: d.address, seconds: 60, answers: null }, quick);
  const inbox = d.service.inbox(d.address.id);
  const [one] = inbox.letters;
  for (let n = 2; n <= 130; n++) inbox.letters.push({ ...one!, serial: n, reference: Buffer.alloc(16, n).toString("base64url") });
  // Opening is not the point here: what does not open is destroyed as well.
  for (const l of inbox.letters) l.body = l.body.slice(0, 1000 + l.serial);
  await d.box.open(quick);
  assert.deepEqual([d.box.items.length, d.box.count, d.box.more], [100, 130, true]);
  await d.box.older(quick);
  assert.deepEqual([d.box.items.length, d.box.more], [130, false]);
  await d.box.destroy([d.box.items[0]!], quick);
  await d.box.destroy(d.box.items.slice(0, 120), quick);
  assert.deepEqual([inbox.letters.length, d.box.items.length, d.box.count], [9, 9, 9]);
  d.service.faults.push({ path: /destroy$/, answer: () => new Response("{}", { status: 202 }) });
  assert.equal(await d.box.destroyAll(quick), "not-proven");
  const box = mailbox(d.service, d.identity);
  assert.ok(box.identity.seed.every((b) => b === 0), "the key is still there");
});

test("an inbox whose destruction was answered in vain is destroyed, and not somebody else's doing", async () => {
  const d = await desk();
  await d.box.open(quick);
  let lost = false;
  d.service.wrap = (t) => async (call) => {
    const answer = await t(call);
    if (lost || !call.path.endsWith("/destroy")) return answer;
    lost = true;
    throw new Broken();
  };
  const box = mailbox(d.service, d.identity);
  await box.open(quick);
  assert.equal(await box.destroyAll(quick), "destroyed");
  const again = new Mailbox(d.service.session(d.kept.recipient), d.service.plain(), d.kept, d.address.id, limits);
  await assert.rejects(again.destroyAll(quick), { code: "gone" });
});
