// What is noted about conversations, by several at once and over a service that fails.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Broken } from "../src/transport";
import { emptyNotebook, sealNotebook } from "../src/format/notebook";
import { newIdentity } from "../src/format/identity";
import { inboxText } from "../src/format/inbox";
import { Mailbox } from "../src/mailbox";
import { limits } from "./inboxservice";
import { quick, say, desk, mailbox, source, turn, told, type Desk } from "./desk";

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
