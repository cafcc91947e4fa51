// Writing: stopped and sent again, to several inboxes, to swapped keys, to a request.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Broken } from "../src/transport";
import { newIdentity } from "../src/format/identity";
import { inboxText, parseInboxAddress, parseRequestLink } from "../src/format/inbox";
import { newRequest, openRequest, requestIdentity } from "../src/request";
import { sourceMailbox, writeAsSource } from "../src/source";
import { Unanswered } from "../src/unanswered";
import { findInbox, replyInbox, write, writeAll, type Addressee, type WriteOptions, type Writing } from "../src/write";
import { InboxService, limits } from "./inboxservice";
import { host, quick, say, desk, mailbox, source, type Desk } from "./desk";

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
