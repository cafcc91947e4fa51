// How an inbox is listed: round trips, letters that come along, answers that break off.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Item } from "../src/conversations";
import { inboxText } from "../src/format/inbox";
import { write } from "../src/write";
import { lettersAnswer, limits } from "./inboxservice";
import { Rounds } from "./rounds";
import { quick, say, desk, mailbox, source } from "./desk";

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
