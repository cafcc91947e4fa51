// The answer that gives letters, from services that lie.
import assert from "node:assert/strict";
import { test } from "node:test";
import { encode, random, type Bytes } from "../src/format/bytes";
import { carriedSize, readLetters } from "../src/letters";
import { Broken } from "../src/transport";
import { lettersAnswer, limits } from "./inboxservice";

const answer = (sizes: number[], change: (to: Bytes) => void = () => undefined): Bytes => {
  const letters = sizes.map((size, n) => ({ reference: encode(random(16)), serial: n + 1, body: new Uint8Array(size).fill(n + 1) }));
  const out = lettersAnswer({ kind: "reply", letters }, 0);
  change(out);
  return out;
};

async function read(body: BodyInit, before = 0, headers = {}): Promise<(number | null)[]> {
  const got = await readLetters(new Response(body, { headers }), before, limits.small);
  const sizes: (number | null)[] = [];
  for await (const { letter, file } of got.files) {
    assert.ok(!file || file.every((b) => b === letter.serial), "another's file");
    sizes.push(file && file.length);
  }
  return sizes;
}

test("files come with the small letters, the newest first", async () => {
  assert.deepEqual(await read(answer([])), []);
  assert.deepEqual(await read(answer([10, limits.small + 1, 20])), [20, 10]);
  assert.deepEqual(await read(answer([10, 20, 30], (a) => a.fill(0, 8 + 120 + 30, 8 + 120 + 50))), [30, null, 10]);
  const many = await read(answer(Array.from({ length: 100 }, () => limits.small)));
  assert.equal(many.length, Math.floor(carriedSize / limits.small));
});

test("lists that cannot be", async () => {
  const second = 8 + 40;
  const number = (at: number, n: number) => (a: Bytes) => new DataView(a.buffer).setBigUint64(at, BigInt(n));
  const lies: Record<string, Bytes> = {
    "no kind": answer([1], (a) => a.fill(0, 0, 1)),
    "an unknown kind": answer([1], (a) => a.fill(4, 0, 1)),
    "half more": answer([1], (a) => a.fill(2, 1, 2)),
    "a list too long": answer([1], (a) => a.fill(101, 3, 4)),
    "fewer than listed": answer([1, 2], (a) => a.fill(1, 7, 8)),
    "more of nothing": answer([], (a) => a.fill(1, 1, 2)),
    "no serial": answer([1, 2], number(second + 16, 0)),
    "twice": answer([1, 2], number(second + 16, 2)),
    "out of order": answer([1, 2], number(second + 16, 3)),
    "a huge serial": answer([1], number(8 + 16, 2 ** 60)),
    "no size": answer([1, 2], number(second + 24, 0)),
    "a huge size": answer([1, 2], number(second + 24, 2 ** 60)),
    "larger than any": answer([1, 2], number(second + 24, 2 ** 40 + 1)),
    "no reference": answer([1, 2], (a) => a.fill(0, second, second + 16)),
    "a huge time": answer([1, 2], number(second + 32, 2 ** 60)),
    "a time that is none": answer([1, 2], number(second + 32, 1e13)),
    "one reference for two": answer([1, 2], (a) => a.copyWithin(second, 8, 24)),
    "something behind": Uint8Array.from([...answer([10, 20]), 1]),
  };
  for (const [name, lie] of Object.entries(lies)) await assert.rejects(read(lie), { code: "protocol" }, name);
  await assert.rejects(read(answer([1, 2]), 2), { code: "protocol" }, "what was before");
  await assert.rejects(read(answer([1, 2]), 0, { "Content-Length": "5" }), { code: "protocol" }, "another length");
});

test("answers that end too early, at every byte", async () => {
  const whole = answer([30, 20]);
  for (let n = 0; n < whole.length; n++) await assert.rejects(read(whole.slice(0, n)), Broken, String(n));
});

test("an answer without an end is not taken in", async () => {
  let given = 0;
  let ended = false;
  const endless = new ReadableStream<Bytes>({
    start: (to) => to.enqueue(answer([10])),
    pull: (to) => {
      given++;
      to.enqueue(new Uint8Array(65536));
    },
    cancel: () => void (ended = true),
  });
  const got = await readLetters(new Response(endless), 0, limits.small);
  await assert.rejects(async () => {
    for await (const { letter } of got.files) assert.equal(letter.size, 10);
  }, { code: "protocol" });
  got.close();
  await new Promise((go) => setTimeout(go));
  assert.ok(ended && given < 5, `${given} pieces were taken`);
});
