// The flows of inboxes against the service itself, through channels and sessions.
import assert from "node:assert/strict";
import { test } from "node:test";
import { newIdentity } from "../src/format/identity";
import { inboxId, inboxText, newRecipients, parseInboxAddress, parseRequestLink } from "../src/format/inbox";
import { Inboxes } from "../src/inboxes";
import { Mailbox } from "../src/mailbox";
import { newRequest, openRequest, requestIdentity } from "../src/request";
import { sourceMailbox, writeAsSource } from "../src/source";
import { Broken } from "../src/transport";
import { Unanswered } from "../src/unanswered";
import { findInbox, replyInbox, write } from "../src/write";
import { anonymous, plain, quick, say, service, session } from "./live";

const texts = (m: Mailbox) => m.conversations().map((g) => g.entries.map((e) => [e.item.letter?.text ?? e.item.state, e.verdict]));
const address = (id: Uint8Array<ArrayBuffer>) => parseInboxAddress(`${service}/to/${inboxText(id)}`);

test("a source and an inbox speak to each other", async () => {
  const { limits } = await plain.service();
  const desk = await newIdentity();
  await session(desk).open([desk.recipient], { kind: "inbox" });
  const to = await findInbox(plain, address(replyInbox(desk)), quick);
  const id = await newIdentity();
  assert.ok(await writeAsSource(session(id), plain, limits, id, { content: say("first"), to: [to], seconds: 3600 }, quick));

  const box = sourceMailbox(session(desk), plain, desk, limits);
  await box.open(quick);
  assert.equal(box.kind, "inbox");
  assert.deepEqual(texts(box), [[["first", "first"]]]);
  await box.answer(box.conversations()[0]!.partner!, "Blue", say("answer", 600_000), 3600, quick);

  const back = sourceMailbox(session(id), plain, id, limits);
  await back.open(quick);
  assert.equal(back.kind, "reply");
  const [answer] = back.items;
  assert.equal(answer!.state, "waiting", "larger than small");
  await back.read(answer!, quick);
  assert.deepEqual(texts(back), [[["answer", "conversation"]]]);
  await back.answer(back.conversations()[0]!.partner!, "", say("follow-up"), 3600, quick);
  assert.equal(await back.destroy(back.items, quick), "destroyed");

  const again = sourceMailbox(session(desk), plain, desk, limits);
  await again.open(quick);
  assert.deepEqual(texts(again), [[["first", "conversation"], ["follow-up", "conversation"]]]);
  assert.equal(again.conversations()[0]!.name, "Blue");
  assert.equal(await again.destroy(again.items, quick), "destroyed");
  assert.deepEqual([again.count, again.conversations()[0]!.entries.length], [0, 0]);
  const { id: inbox } = again;
  assert.equal(await again.destroyAll(quick), "destroyed");
  await assert.rejects(plain.recipients(inbox), { code: "gone" });
});

test("a message of several parts", async () => {
  const { limits } = await plain.service();
  const desk = await newIdentity();
  await session(desk).open([desk.recipient], { kind: "inbox" });
  const to = await findInbox(plain, address(replyInbox(desk)), quick);
  const size = limits.part + 100_000;
  await write(plain, limits, { content: say("parts", size), to, seconds: 3600, answers: null }, quick);
  const box = sourceMailbox(session(desk), plain, desk, limits);
  await box.open(quick);
  await box.read(box.items[0]!, quick);
  assert.equal(box.items[0]!.letter!.files[0]!.size, size);
});

test("a team reads, and nobody else", async () => {
  const { limits } = await plain.service();
  const team = [await newIdentity(), await newIdentity()];
  const recipients = newRecipients(team.map((i) => i.recipient));
  await session(team[0]!).open(recipients, { kind: "inbox" });
  const to = await findInbox(plain, address(inboxId(recipients)), quick);
  await write(plain, limits, { content: say("team"), to, seconds: 3600, answers: null }, quick);
  for (const id of [...team, await newIdentity()]) {
    const box = new Mailbox(session(id), plain, id, to.id, limits);
    await box.open(quick);
    if (team.includes(id)) assert.deepEqual(texts(box), [[["team", "anonymous"]]]);
    else assert.deepEqual([box.kind, box.items.length], [null, 0]);
  }
});

test("what was stopped before its last answer came does not arrive twice", async () => {
  const { limits } = await plain.service();
  const desk = await newIdentity();
  await session(desk).open([desk.recipient], { kind: "inbox" });
  const to = await findInbox(plain, address(replyInbox(desk)), quick);
  const unanswered = new Unanswered();
  for (const [n, size] of [0, limits.part + 100_000].entries()) {
    const w = { content: say("once", size), to, seconds: 3600, answers: null };
    const stop = new AbortController();
    const lossy = new Inboxes(async (call) => {
      const answer = await anonymous(call);
      if (!/commit$|messages\/[^/]+$/.test(call.path)) return answer;
      stop.abort();
      throw new Broken();
    });
    await assert.rejects(write(lossy, limits, w, { ...quick, unanswered, signal: stop.signal }), { name: "AbortError" });
    await write(plain, limits, w, { ...quick, unanswered });
    assert.equal((await session(desk).letters(to.id, 0, limits.small)).count, n + 1);
  }
});

test("a request takes one answer", async () => {
  const { limits } = await plain.service();
  const r = await newRequest(service);
  assert.ok((await openRequest(session(r.identity), r, { seconds: 3600 }, quick)) > 3500);
  const to = await findInbox(plain, parseInboxAddress(r.address), quick);
  assert.equal(to.kind, "request");
  const answer = { content: say("the answer"), to, seconds: 3600, answers: null };
  await write(plain, limits, answer, quick);
  await assert.rejects(write(plain, limits, answer, quick), { code: "conflict" });
  const link = parseRequestLink(r.link);
  const id = await requestIdentity(link);
  const box = new Mailbox(session(id), plain, id, link.id, limits);
  await box.open(quick);
  assert.deepEqual([box.kind, box.items[0]!.letter!.text], ["request", "the answer"]);
});

test("an inbox that is not there, or of somebody else, is answered alike", async () => {
  const { limits } = await plain.service();
  const id = await newIdentity();
  const box = sourceMailbox(session(id), plain, id, limits);
  await box.open(quick);
  assert.deepEqual([box.kind, box.items.length], [null, 0]);
  await assert.rejects(findInbox(plain, address(replyInbox(id)), quick), { code: "gone" });
  await assert.rejects(plain.letters(replyInbox(id), 0, limits.small), { code: "gone" });
  await assert.rejects(plain.alias("nobody"), { code: "gone" });
});
