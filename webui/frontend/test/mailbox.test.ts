// Inboxes from the first letter to the last answer, against a service in memory.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Group, Item, Verdict } from "../src/conversations";
import { Broken } from "../src/transport";
import { emptyNotebook, sealNotebook } from "../src/format/notebook";
import { newIdentity, type Identity } from "../src/format/identity";
import { inboxId, inboxText, newRecipients, parseInboxAddress, parseRequestLink } from "../src/format/inbox";
import { replyKey } from "../src/format/letter";
import { Mailbox } from "../src/mailbox";
import { today } from "../src/notes";
import { newRequest, openRequest, requestIdentity } from "../src/request";
import { sourceMailbox, writeAsSource } from "../src/source";
import { Unanswered } from "../src/unanswered";
import { findInbox, replyInbox, write, writeAll, writingSize, type Addressee, type WriteOptions, type Writing } from "../src/write";
import { InboxService, lettersAnswer, limits } from "./inboxservice";
import { Rounds } from "./rounds";

const host = "http://localhost";
const quick = { pause: 1 };
const say = (text: string, size = 0) => ({
  text, files: size ? [{ name: "f.bin", blob: new Blob([new Uint8Array(size).fill(5)]) }] : [],
});

interface Desk { service: InboxService; identity: Identity; kept: Identity; box: Mailbox; address: Addressee }

async function desk(service = new InboxService()): Promise<Desk> {
  const identity = await newIdentity();
  await service.session(identity.recipient).open([identity.recipient], { kind: "inbox" });
  const address = { id: replyInbox(identity), recipients: [identity.recipient] };
  const kept = { ...identity, seed: identity.seed.slice() }; // for after the box was left
  return { service, identity, kept, address, box: mailbox(service, identity) };
}

function mailbox(service: InboxService, id: Identity): Mailbox {
  return sourceMailbox(service.session(id.recipient), service.plain(), id, limits);
}

async function source(d: Desk, text: string, id?: Identity): Promise<Identity> {
  const identity = id ?? (await newIdentity());
  const letter = { content: say(text), to: [d.address], seconds: 60 };
  const noted = await writeAsSource(d.service.session(identity.recipient), d.service.plain(), limits, identity, letter, quick);
  assert.ok(noted);
  return identity;
}

const turn = () => new Promise((resolve) => setTimeout(resolve));

const told = (groups: Group[]): [string, Verdict | null][][] =>
  groups.map((g) => g.entries.map((e) => [e.item.letter?.text ?? e.item.state, e.verdict]));

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

test("a notebook that the service made up is refused, and a new one can be begun", async () => {
  const d = await desk();
  await source(d, "first");
  const inbox = d.service.inbox(d.address.id);
  const forger = { ...(await newIdentity()), recipient: d.identity.recipient };
  inbox.notebook = await sealNotebook(forger, d.address.id, emptyNotebook);
  const made = inbox.notebook;
  // Nothing is told before it: letters are judged by it.
  await d.box.open({ ...quick, changed: () => assert.ok(d.box.notebookDamaged) });
  assert.ok(d.box.notebookDamaged);
  const { partner } = d.box.conversations()[0]!;
  assert.equal((await d.box.answer(partner!, "x", say("answer"), 60, quick)).noted, false);
  await assert.rejects(d.box.name(partner!, "x", quick), { fault: "damaged" }); // or its owner would think it kept
  assert.equal(inbox.notebook, made, "overwritten without being asked");
  await d.box.renew(quick);
  const box = mailbox(d.service, d.identity);
  await box.open(quick);
  assert.ok(!box.notebookDamaged);
});

test("what is noted while the mailbox is left is noted with its key", async () => {
  const d = await desk();
  await source(d, "first");
  let go = () => {};
  const held = new Promise<void>((resolve) => (go = resolve));
  d.service.wrap = (t) => async (call) => {
    if (call.method === "PUT" && call.path.endsWith("notebook")) await held;
    return t(call);
  };
  const left = mailbox(d.service, d.identity);
  await left.open(quick);
  const { partner } = left.conversations()[0]!;
  const saved = [left.name(partner!, "one", quick), left.name(partner!, "two", quick)];
  await turn(); // the second waits for the first
  left.forget();
  go();
  await Promise.all(saved);
  const box = new Mailbox(d.service.session(d.identity.recipient), d.service.plain(), d.kept, d.address.id, limits);
  await box.open(quick);
  assert.ok(!box.notebookDamaged, "sealed with a key that was wiped");
  assert.equal(box.notebook.conversations[0]!.name, "two");
});

test("an answer that is still on its way when the mailbox is left writes nothing with a wiped key", async () => {
  const d = await desk();
  const other = await desk(d.service);
  let go = () => {};
  const held = new Promise<void>((resolve) => (go = resolve));
  d.service.wrap = (t) => async (call) => {
    if (call.path.endsWith("reservations")) await held;
    return t(call);
  };
  const left = mailbox(d.service, d.identity);
  await left.open(quick);
  const partner = { inbox: other.address.id, recipients: other.address.recipients, key: null };
  const answered = left.answer(partner, "", say("too late"), 60, quick);
  await turn();
  const noted = d.service.inbox(d.address.id).notebook;
  left.forget();
  go();
  await assert.rejects(answered, { fault: "no-key" });
  assert.equal(d.service.inbox(other.address.id).letters.length, 0);
  assert.equal(d.service.inbox(d.address.id).notebook, noted);
});

test("an answer that went is told to have gone, whatever becomes of the notebook", async () => {
  const d = await desk();
  const id = await source(d, "first");
  await d.box.open(quick);
  const stop = new AbortController();
  const locked = () => (d.service.faults.push(fault), new Response('{"code":"locked","message":""}', { status: 503 }));
  const broken = () => {
    d.service.faults.push({ path: /notebook$/, answer: broken });
    stop.abort(); // the person gives up
    throw new Broken();
  };
  const fault = { path: /notebook$/, answer: locked };
  const then = (answer: () => Response) => () => {
    d.service.faults.push({ path: /notebook$/, answer });
    return new Response('{"code":"gone","message":""}', { status: 403 });
  };
  for (const answer of [locked, then(locked), then(broken)]) {
    d.service.faults = [{ path: /notebook$/, answer }];
    const { expires, noted } = await d.box.answer(
      d.box.conversations()[0]!.partner!, "Blue", say("answer"), 60, { ...quick, signal: stop.signal });
    assert.ok(expires > 0 && !noted);
  }
  d.service.faults = [];
  const back = mailbox(d.service, id);
  await back.open(quick);
  assert.equal(back.items.length, 3);
});

test("Stop ends the waiting for a turn to write the notebook", async () => {
  const d = await desk();
  await source(d, "first");
  const stop = new AbortController();
  d.service.wrap = (t) => async (call) => {
    // The note of the visit, for which a busy service has no time.
    if (call.method === "PUT" && call.path.endsWith("notebook")) return new Promise<never>(() => {});
    const answer = await t(call);
    if (/messages\/[^/]+$/.test(call.path)) setTimeout(() => stop.abort());
    return answer;
  };
  d.box = mailbox(d.service, d.identity);
  await d.box.open(quick);
  const o = { ...quick, signal: stop.signal };
  const { expires, noted } = await d.box.answer(d.box.conversations()[0]!.partner!, "Blue", say("answer"), 60, o);
  assert.ok(expires > 0 && !noted);
});

test("what another tab wrote into the notebook stays", async () => {
  const d = await desk();
  await source(d, "one");
  await source(d, "two");
  const tabs = [d.box, mailbox(d.service, d.identity)];
  for (const tab of tabs) await tab.open(quick);
  const [one, two] = d.box.conversations();
  await tabs[0]!.name(one!.partner!, "One", quick);
  await tabs[1]!.answer(two!.partner!, "Two", say("answer"), 60, quick);
  await tabs[0]!.name(one!.partner!, "First", quick);
  const box = mailbox(d.service, d.identity);
  await box.open(quick);
  assert.deepEqual(box.notebook.conversations.map((c) => c.name).sort(), ["First", "Two"]);
});

/** Runs `meanwhile` once, before the next write of a notebook is answered. */
function before(d: Desk, meanwhile: () => Promise<unknown>): void {
  let first = true;
  d.service.wrap = (t) => async (call) => {
    if (first && call.method === "PUT" && call.path.endsWith("notebook")) {
      first = false;
      await meanwhile();
    }
    return t(call);
  };
}

/** Opens the mailbox, and waits until the day is noted: nothing is on its way then. */
async function used(d: Desk): Promise<Mailbox> {
  const box = mailbox(d.service, d.identity);
  await box.open(quick);
  while (!d.service.inbox(d.address.id).notebook) await new Promise((resolve) => setImmediate(resolve));
  return mailbox(d.service, d.identity);
}

/** What the notebook says now, name by name; "key" where there is one. */
async function kept(d: Desk): Promise<string[]> {
  const box = new Mailbox(d.service.session(d.kept.recipient), d.service.plain(), { ...d.kept, seed: d.kept.seed.slice() }, d.address.id, limits);
  await box.open(quick);
  assert.ok(!box.notebookDamaged);
  return box.notebook.conversations.map((c) => `${c.name} ${c.key ? "key" : ""}`).sort();
}

test("what two tabs write at the same time stays", async () => {
  const d = await desk();
  for (const text of ["one", "two", "three"]) await source(d, text);
  await used(d);
  before(d, async () => {
    const tab = mailbox(d.service, d.identity);
    await tab.open(quick);
    const [one, two] = tab.conversations();
    await tab.name(one!.partner!, "One", quick);
    await tab.answer(two!.partner!, "Two", say("answer"), 60, quick);
  });
  d.box = mailbox(d.service, d.identity);
  await d.box.open(quick);
  const [one, two, three] = d.box.conversations();
  await Promise.all([d.box.name(three!.partner!, "Three", quick), d.box.answer(one!.partner!, "", say("answer"), 60, quick)]);
  assert.deepEqual(await kept(d), ["One key", "Three key", "Two key"]);
  assert.deepEqual(d.box.notebook.conversations.map((c) => c.name).sort(), ["One", "Three", "Two"]);
  // The same one in both: the key that was noted first stays, and the name that was given last.
  const forged = { ...two!.partner!, key: new Uint8Array(32) };
  await d.box.name(forged, "Second", quick);
  assert.deepEqual(await kept(d), ["One key", "Second key", "Three key"]);
  assert.deepEqual(told(d.box.conversations()).flat(2).filter((v) => v === "conversation").length, 3);
});

test("whoever writes while the notebook is written waits for their turn, and writes no more than needed", async () => {
  const d = await desk();
  await source(d, "first");
  await used(d);
  const partner = async (box: Mailbox) => (await box.open(quick), box.conversations()[0]!.partner!);
  before(d, async () => {
    const tab = mailbox(d.service, d.identity);
    await tab.name(await partner(tab), "theirs", quick);
  });
  d.box = mailbox(d.service, d.identity);
  const p = await partner(d.box);
  await Promise.all(["a", "b", "c"].map((name) => d.box.name(p, name, quick)));
  assert.deepEqual(await kept(d), ["c key"]);
  const writes = d.service.calls.filter((c) => c.startsWith("PUT") && c.includes("notebook"));
  assert.ok(writes.length <= 7, String(writes));
});

test("a lost answer is no conflict with oneself", async () => {
  const d = await desk();
  await source(d, "first");
  await used(d);
  let lost = 0;
  d.service.wrap = (t) => async (call) => {
    const answer = await t(call);
    if (call.method === "PUT" && call.path.endsWith("notebook") && lost++ === 0) throw new Broken();
    return answer;
  };
  d.box = mailbox(d.service, d.identity);
  await d.box.open(quick);
  d.service.calls = [];
  await d.box.name(d.box.conversations()[0]!.partner!, "Blue", quick);
  assert.deepEqual(await kept(d), ["Blue key"]);
  assert.equal(d.service.calls.filter((c) => c.startsWith("PUT") && c.includes("notebook")).length, 2, String(d.service.calls));
});

test("a service that takes no notebook is not asked for ever", async () => {
  const d = await desk();
  await source(d, "first");
  await used(d);
  let asked = 0;
  d.service.wrap = (t) => async (call) => {
    if (call.method !== "PUT" || !call.path.endsWith("notebook")) return t(call);
    asked++;
    return new Response('{"code":"replaced","message":""}', { status: 409 });
  };
  d.box = mailbox(d.service, d.identity);
  await d.box.open(quick);
  const { partner } = d.box.conversations()[0]!;
  await assert.rejects(d.box.name(partner!, "Blue", quick), { code: "replaced" });
  assert.equal(asked, 5);
  assert.equal((await d.box.answer(partner!, "Blue", say("answer"), 60, quick)).noted, false);
});

test("what was damaged meanwhile is not overwritten, by those who wait for their turn neither", async () => {
  const d = await desk();
  await source(d, "first");
  await d.box.open(quick);
  await d.box.name(d.box.conversations()[0]!.partner!, "Blue", quick);
  const inbox = d.service.inbox(d.address.id);
  const forger = { ...(await newIdentity()), recipient: d.identity.recipient };
  const made = await sealNotebook(forger, d.address.id, emptyNotebook);
  before(d, async () => void (inbox.notebook = made));
  const tab = mailbox(d.service, d.identity);
  await tab.open(quick);
  const { partner } = tab.conversations()[0]!;
  const names = await Promise.allSettled(["one", "two"].map((name) => tab.name(partner!, name, quick)));
  assert.deepEqual(names.map((n) => n.status === "rejected" && (n.reason as { fault: string }).fault), ["damaged", "damaged"]);
  assert.equal(inbox.notebook, made);
  await tab.renew(quick);
  assert.deepEqual(await kept(d), ["two key"]);
});

test("a source's notes are kept when somebody else has the words too", async () => {
  const d = await desk();
  const other = await desk(d.service);
  const id = await source(d, "first");
  before(d, () => source(other, "second", id));
  const third = await desk(d.service);
  await source(third, "third", id);
  const box = mailbox(d.service, id);
  await box.open(quick);
  const all = [d, other, third].map((o) => inboxText(o.address.id)).sort();
  assert.deepEqual(box.notebook.conversations.map((c) => inboxText(c.inbox)).sort(), all);
});

/** Stops a writing whose last request was done and not answered. */
async function stopped(d: Desk, o: WriteOptions, w: Writing): Promise<void> {
  const stop = new AbortController();
  d.service.wrap = (t) => async (call) => {
    const answer = await t(call);
    if (!/commit$|messages\/[^/]+$/.test(call.path)) return answer;
    stop.abort();
    throw new Broken();
  };
  await assert.rejects(write(d.service.plain(), limits, w, { ...o, signal: stop.signal }), { name: "AbortError" });
  d.service.wrap = (t) => t;
}

test("what is sent again after Stop arrives once, as long as it is the same", async () => {
  const d = await desk();
  const arrived = async () => {
    const box = mailbox(d.service, d.kept);
    await box.open(quick);
    return box.items.length;
  };
  const o = { ...quick, unanswered: new Unanswered() };
  const me = await newIdentity();
  let n = 0;
  for (const size of [0, 100_000]) {
    const base: Writing = { content: say("x", size), to: d.address, seconds: 60, answers: null };
    await stopped(d, o, base);
    assert.equal(await arrived(), ++n);
    await stopped(d, o, base);
    const files = [...base.content.files];
    const expires = await write(d.service.plain(), limits, { ...base, content: { ...base.content, files } }, o);
    assert.ok(Math.abs(expires - Date.now() / 1000 - 60) < 5);
    assert.equal(await arrived(), n, "delivered twice");
    await write(d.service.plain(), limits, base, o); // sent a second time, knowing that it arrived
    assert.equal(await arrived(), ++n);
    const others: Writing[] = [
      { ...base, content: { ...base.content, text: "y" } },
      { ...base, content: { ...base.content, files: say("", 10).files } },
      { ...base, seconds: 61 },
      { ...base, answers: me },
    ];
    for (const other of others) {
      await stopped(d, o, base);
      await write(d.service.plain(), limits, other, o);
      assert.equal(await arrived(), (n += 2), "another message was not sent");
    }
    await stopped(d, o, base);
    o.unanswered.forget();
    await write(d.service.plain(), limits, base, o);
    assert.equal(await arrived(), (n += 2));
  }
});

test("what the service has forgotten is sent anew, and what it refuses is not asked for again", async () => {
  const d = await desk();
  const o = { ...quick, unanswered: new Unanswered() };
  const w: Writing = { content: say("x"), to: d.address, seconds: 60, answers: null };
  const { letters } = d.service.inbox(d.address.id);
  const refusing = (code: string, status: number) =>
    d.service.faults.push({ path: /messages\/[^/]+$/, answer: () => new Response(JSON.stringify({ code, message: "" }), { status }) });
  await stopped(d, o, w);
  letters.length = 0;
  refusing("gone", 403); // it was restarted before it had all
  await write(d.service.plain(), limits, w, o);
  assert.equal(letters.length, 1);

  await stopped(d, o, w);
  refusing("locked", 503);
  await assert.rejects(write(d.service.plain(), limits, w, o), { code: "locked" });
  await write(d.service.plain(), limits, w, o);
  assert.equal(letters.length, 2);

  await stopped(d, o, w);
  letters.length = 0;
  refusing("full", 507);
  await assert.rejects(write(d.service.plain(), limits, w, o), { code: "full" });
  assert.ok(!o.unanswered.has(w));
});

test("swapped keys are found out", async () => {
  const d = await desk();
  const other = await desk(d.service);
  d.service.inbox(d.address.id).file = d.service.inbox(other.address.id).file;
  await assert.rejects(findInbox(d.service.plain(), { service: host, id: d.address.id, alias: "" }, quick), { code: "swapped" });
  d.service.aliases["desk"] = inboxText(other.address.id);
  const found = await findInbox(d.service.plain(), parseInboxAddress(`${host}/to/desk`), quick);
  assert.deepEqual(found, { ...other.address, kind: "inbox" });
});

test("an inbox of no known kind is not written to", async () => {
  const d = await desk();
  for (const kind of ["", "letter", "inbox, request"]) {
    d.service.inbox(d.address.id).kind = kind;
    await assert.rejects(findInbox(d.service.plain(), { service: host, id: d.address.id, alias: "" }, quick), { code: "protocol" });
  }
});

test("the writer's session is not used for writing", async () => {
  const d = await desk();
  await source(d, "first");
  const written = d.service.calls.filter((c) => /reservations|messages/.test(c));
  assert.ok(written.length === 2 && written.every((c) => !c.endsWith(" owner")), String(written));
});

test("several inboxes, and one that is gone", async () => {
  const d = await desk();
  const other = await desk(d.service);
  const gone = { id: replyInbox(await newIdentity()), recipients: d.address.recipients };
  const sent: string[] = [];
  const all = [d.address, other.address, gone].map((to) => ({ content: say("x"), to, seconds: 60, answers: null }));
  const o = { ...quick, sent: (w: { to: Addressee }) => void sent.push(inboxText(w.to.id)) };
  await assert.rejects(writeAll(d.service.plain(), limits, all, o), { code: "gone" });
  assert.deepEqual(sent, [inboxText(d.address.id), inboxText(other.address.id)]);
});

test("a source whose message did not reach all notes those whom it reached", async () => {
  const d = await desk();
  const gone = { id: replyInbox(await newIdentity()), recipients: d.address.recipients };
  const id = await newIdentity();
  const session = d.service.session(id.recipient);
  const letter = { content: say("x"), to: [d.address, gone], seconds: 60 };
  await assert.rejects(writeAsSource(session, d.service.plain(), limits, id, letter, quick), { code: "gone" });
  while (!d.service.inbox(replyInbox(id))) await new Promise((resolve) => setImmediate(resolve));
  const other = await desk(d.service);
  const rest = { ...letter, to: [other.address], reached: [d.address] };
  assert.ok(await writeAsSource(session, d.service.plain(), limits, id, rest, quick));
  const box = sourceMailbox(session, d.service.plain(), id, limits);
  await box.open(quick);
  const all = [d.address, other.address].map((a) => inboxText(a.id)).sort();
  assert.deepEqual(box.notebook.conversations.map((c) => inboxText(c.inbox)).sort(), all);
  assert.deepEqual([d, other].map((o) => o.service.inbox(o.address.id).letters.length), [1, 1]);
});

test("a request, its answer, and a link whose halves do not belong together", async () => {
  const service = new InboxService();
  const r = await newRequest(host);
  await openRequest(service.session(r.identity.recipient), r, { seconds: 60 }, quick);
  const to = await findInbox(service.plain(), parseInboxAddress(r.address), quick);
  assert.equal(to.kind, "request");
  await write(service.plain(), limits, { content: say("the answer"), to, seconds: 60, answers: null }, quick);
  const link = parseRequestLink(r.link);
  const box = mailbox(service, await requestIdentity(link));
  await box.open(quick);
  assert.equal(box.kind, "request");
  assert.equal(box.items[0]!.letter!.text, "the answer");
  assert.equal(service.inbox(to.id).notebook, null);
  const seed = (await newIdentity()).seed;
  await assert.rejects(requestIdentity({ ...link, seed }), { fault: "token" });
});

test("return words that nobody used open nothing and leave nothing", async () => {
  const service = new InboxService();
  const box = mailbox(service, await newIdentity());
  await box.open(quick);
  assert.deepEqual([box.kind, box.items.length, service.inboxes.size], [null, 0, 0]);
});

test("round trips", async () => {
  const d = await desk();
  const rounds = new Rounds();
  d.service.wrap = (t) => rounds.through(t);
  const counted = async (work: () => Promise<unknown>): Promise<number> => {
    rounds.count = 0;
    rounds.paths = [];
    await work();
    return rounds.count;
  };
  assert.ok((await counted(() => source(d, "first"))) <= 3, JSON.stringify(rounds.paths));
  const inbox = d.service.inbox(d.address.id);
  const written = inbox.letters[0]!;
  let box = d.box;
  // The last of them is for the day of use, for which nobody waits.
  for (const [letters, most] of [[8, 3], [100, 3]] as const) {
    copies(inbox.letters, written, letters);
    box = mailbox(d.service, d.identity);
    assert.ok((await counted(() => box.open(quick))) <= most, JSON.stringify(rounds.paths));
    assert.equal(box.items.filter((i) => i.state === "open").length, letters);
  }
  // Reserving does not wait for the inbox to be opened, unless it was not there.
  d.service.inboxes.delete(inboxText(box.conversations()[0]!.inbox!));
  for (const most of [4, 3]) {
    const partner = box.conversations()[0]!.partner!;
    assert.ok((await counted(() => box.answer(partner, "", say("answer"), 60, quick))) <= most, JSON.stringify(rounds.paths));
  }
});

test("more than one answer carries", async () => {
  const d = await desk();
  await write(d.service.plain(), limits, { content: say("n", 9000), to: d.address, seconds: 60, answers: null }, quick);
  const inbox = d.service.inbox(d.address.id);
  assert.ok(inbox.letters[0]!.body.length * 100 > 1 << 20);
  copies(inbox.letters, inbox.letters[0]!, 100);
  const order: number[] = [];
  const changed = () => {
    for (const i of d.box.items) if (i.state === "open" && !order.includes(i.serial)) order.push(i.serial);
  };
  await d.box.open({ ...quick, changed });
  assert.deepEqual(order, Array.from({ length: 100 }, (_, n) => 100 - n), "another order than the newest first");
  assert.equal(d.service.calls.filter((c) => c.includes("/letters/")).length, 2);
  await d.box.open(quick);
  assert.equal(d.service.calls.filter((c) => c.includes("/letters/")).length, 3, "fetched again");
});

test("an answer is read to its end, unless nothing in it is new", async () => {
  const d = await desk();
  await write(d.service.plain(), limits, { content: say("n"), to: d.address, seconds: 60, answers: null }, quick);
  const inbox = d.service.inbox(d.address.id);
  copies(inbox.letters, inbox.letters[0]!, 3);
  const ends: string[] = [];
  const watched = () => {
    const whole = lettersAnswer(inbox, 0);
    let at = 0;
    return new Response(new ReadableStream<Uint8Array>({
      pull: (to) => {
        if (at >= whole.length) return ends.push("read"), to.close();
        to.enqueue(whole.slice(at, (at += 1000)));
      },
      cancel: () => void ends.push("cut"),
    }, { highWaterMark: 0 }));
  };
  for (let n = 0; n < 3; n++) {
    d.service.faults.push({ path: /letters/, answer: watched });
    if (n === 2) copies(inbox.letters, inbox.letters[0]!, 4);
    await d.box.open(quick);
  }
  assert.deepEqual(ends, ["read", "cut", "cut"]);
  assert.deepEqual(d.box.items.map((i) => [i.serial, i.state]), [[3, "open"], [2, "open"], [1, "open"], [4, "open"]]);
});

test("an answer that breaks off is gone on with", async () => {
  const d = await desk();
  await write(d.service.plain(), limits, { content: say("n"), to: d.address, seconds: 60, answers: null }, quick);
  const inbox = d.service.inbox(d.address.id);
  copies(inbox.letters, inbox.letters[0]!, 10);
  const before = (path: string) => Number(/letters\/(\d+)/.exec(path)![1]);
  for (const length of [35_000, 1000]) {
    d.service.faults.push({ path: /letters/, answer: (call) => new Response(lettersAnswer(inbox, before(call.path)).slice(0, length)) });
  }
  await d.box.open(quick);
  assert.ok(d.box.items.every((i) => i.state === "open"));
  const asked = d.service.calls.filter((c) => c.includes("/letters/")).map(before);
  assert.deepEqual(asked, [0, 8, 8], "what had come was asked for again");
});

test("what is destroyed before it came is not waited for", async () => {
  const d = await desk();
  await write(d.service.plain(), limits, { content: say("n"), to: d.address, seconds: 60, answers: null }, quick);
  const inbox = d.service.inbox(d.address.id);
  copies(inbox.letters, inbox.letters[0]!, 3);
  const answer = lettersAnswer(inbox, 0);
  d.service.faults.push({ path: /letters/, answer: () => {
    inbox.letters.splice(1, 1);
    return new Response(answer.slice(0, 400));
  } });
  await d.box.open(quick);
  assert.deepEqual(d.box.items.map((i) => i.state), ["open", "gone", "open"]);
});

test("what is destroyed while letters are opened is let go", async () => {
  const d = await desk();
  await write(d.service.plain(), limits, { content: say("n"), to: d.address, seconds: 60, answers: null }, quick);
  const inbox = d.service.inbox(d.address.id);
  copies(inbox.letters, inbox.letters[0]!, 5);
  let all: readonly Item[] = [];
  let destroyed: Promise<unknown> | null = null;
  const changed = () => {
    if (destroyed || !d.box.items.some((i) => i.state === "open")) return;
    all = d.box.items;
    destroyed = d.box.destroy(all, quick);
  };
  await d.box.open({ ...quick, changed });
  await destroyed;
  assert.deepEqual([d.box.items.length, inbox.letters.length], [0, 0]);
  assert.ok(all.length === 5 && all.every((i) => i.state === "gone" && !i.letter));
});

function copies(letters: { reference: string; serial: number; body: Uint8Array<ArrayBuffer> }[], of: (typeof letters)[number], all: number): void {
  for (let n = letters.length + 1; n <= all; n++) {
    letters.push({ ...of, serial: n, reference: Buffer.alloc(16, n).toString("base64url") });
  }
}
