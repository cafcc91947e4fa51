// The channel against the vectors that the Go implementation wrote, and against a service
// that is made of the same parts.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Channel, channelKeys, channelTransport } from "../src/channel";
import { FrameReader, openAll, sealInto, sealedSize } from "../src/frames";
import { join, random, utf8, type Bytes } from "../src/format/bytes";
import { answerHead, requestText } from "../src/heads";
import type { Call, Transport } from "../src/transport";
import { hex, unhex } from "./vectors";

interface Sealed { name: string; number: number; first?: boolean; text: string; more?: number; sealed?: string; hash?: string }
interface Vectors {
  recipient: string; address: string; k1: string; opening: string; id: string;
  client_key: string; service_key: string;
  records: Sealed[]; answers: Sealed[]; bad_answers: Sealed[];
}
const v = JSON.parse(readFileSync("../api/channel/testdata/vectors.json", "utf8")) as Vectors;

const channel = () => new Channel(channelKeys(unhex(v.k1), v.address, v.recipient, unhex(v.opening)), unhex(v.opening));
const whole = (s: Sealed) => utf8(s.text + s.text.slice(-1).repeat(s.more ?? 0));
const same = (s: Sealed, bytes: Uint8Array) =>
  assert.equal(s.hash ? createHash("sha256").update(bytes).digest("hex") : hex(bytes), s.hash ?? s.sealed, s.name);

/** Bytes as a stream, in pieces of every size. */
function pieces(bytes: Uint8Array, size: number): ReadableStreamDefaultReader<Uint8Array> {
  let at = 0;
  return new ReadableStream<Uint8Array>({
    pull(to) {
      if (at >= bytes.length) to.close();
      else to.enqueue(bytes.slice(at, (at += size)));
    },
  }).getReader();
}

async function streamed(bytes: Uint8Array, size: number, key: Bytes, id: Bytes, number: number): Promise<Bytes> {
  const frames = new FrameReader(pieces(bytes, size), key, id, number);
  const out: Uint8Array[] = [];
  for (let f = await frames.next(); f; f = await frames.next()) out.push(f);
  return Uint8Array.from(Buffer.concat(out));
}

test("keys", () => {
  const { keys } = channel();
  assert.deepEqual([hex(keys.id), hex(keys.client), hex(keys.service)], [v.id, v.client_key, v.service_key]);
});

for (const r of v.records) {
  test(`record: ${r.name}`, async () => same(r, await channel().record(r.number, r.first ?? false, whole(r))));
}

for (const a of v.answers) {
  test(`answer: ${a.name}`, async () => {
    const c = channel();
    const text = whole(a);
    const sealed = new Uint8Array(sealedSize(text.length));
    await sealInto(sealed, c.keys.service, c.keys.id, a.number, text);
    same(a, sealed);
    assert.deepEqual(await openAll(c.keys.service, c.keys.id, a.number, sealed), text);
    for (const size of [100_000, 65_552, 65_553, 7919]) {
      assert.deepEqual(await streamed(sealed, size, c.keys.service, c.keys.id, a.number), text);
    }
    assert.ok(answerHead(text).status >= 200);
  });
}

for (const a of v.bad_answers) {
  test(`refused answer: ${a.name}`, async () => {
    const c = channel();
    const sealed = unhex(a.sealed ?? "");
    await assert.rejects(openAll(c.keys.service, c.keys.id, a.number, sealed), { code: "protocol" });
    await assert.rejects(streamed(sealed, 1000, c.keys.service, c.keys.id, a.number), { code: "protocol" });
  });
}

test("frames of two lengths are not exchanged, dropped or joined", async () => {
  const c = channel();
  const text = new Uint8Array(150_000).fill(7);
  const sealed = new Uint8Array(sealedSize(text.length));
  await sealInto(sealed, c.keys.service, c.keys.id, 5, text);
  const n = 65_552;
  const frame = (i: number) => sealed.subarray(i * n, (i + 1) * n);
  for (const bad of [[0, 1], [1, 2], [0, 2], [1, 0, 2], [0, 0, 2], [2]]) {
    const bytes = Buffer.concat(bad.map(frame));
    await assert.rejects(openAll(c.keys.service, c.keys.id, 5, bytes), { code: "protocol" });
    await assert.rejects(streamed(bytes, 10_000, c.keys.service, c.keys.id, 5), { code: "protocol" });
  }
});

test("heads", () => {
  const bad = ["", "200", "200\n", "99\n\n", "600\n\n", "200\nServer: x\n\n", "200\nAllow\n\n", "200\nAllow: a\nAllow: b\n\n", "200\r\n\n", "200\nAllow: ü\n\n"];
  for (const b of bad) assert.throws(() => answerHead(utf8(b)), { code: "protocol" }, b);
  assert.throws(() => requestText({ method: "GET", path: "/api/v1/x", headers: { Range: "a\nRange: b" } }));
  assert.equal(Buffer.from(requestText({ method: "GET", path: "/api/v1/x", headers: { Range: "a", Other: "b" } })).toString(), "GET /api/v1/x\nRange: a\n\n");
});

/** A service with a key that opens nothing, so that only what is outside can be told. */
function closed(answers: (call: Call) => Response): { send: Transport; calls: string[] } {
  const calls: string[] = [];
  const base: Transport = async (call) => {
    calls.push(call.path);
    if (call.path === "/api/v1/service") return new Response(JSON.stringify({ channel: v.recipient }));
    return answers(call);
  };
  return { send: channelTransport(base, v.address), calls };
}

const request: Call = { method: "POST", path: "/api/v1/reservations" };

test("a channel that does not open is opened anew, once", async () => {
  const { send, calls } = closed(() => new Response('{"code":"channel"}', { status: 409 }));
  await assert.rejects(send(request), { code: "protocol" });
  const [state, record] = ["/api/v1/service", "/api/v1/channel"];
  assert.deepEqual(calls, [state, record, state, record]);
});

test("refusals from outside", async () => {
  for (const code of ["busy", "internal"]) {
    const { send } = closed(() => new Response(JSON.stringify({ code }), { status: 429, headers: { "Retry-After": "7" } }));
    const answer = await send(request);
    assert.deepEqual([answer.status, answer.headers.get("Retry-After")], [429, "7"]);
  }
  for (const body of ['{"code":"gone"}', '{"code":"locked"}', "<html>", ""]) {
    const { send } = closed(() => new Response(body, { status: 403 }));
    await assert.rejects(send(request), { code: "protocol" });
  }
  const { send } = closed(() => new Response("200\n\n{}"));
  await assert.rejects(send(request), { code: "protocol" });
});

test("no request leaves without a channel", async () => {
  const sent: string[] = [];
  const base: Transport = async (call) => {
    sent.push(call.path);
    return new Response("{}");
  };
  await assert.rejects(channelTransport(base, "x.onion")({ ...request, headers: { Authorization: "Bearer k" } }), { code: "protocol" });
  assert.deepEqual(sent, ["/api/v1/service"]);
});

test("the state that was loaded anyway gives the recipient", async () => {
  const { send, calls } = closed(() => new Response('{"code":"busy"}', { status: 429 }));
  await send({ method: "GET", path: "/api/v1/service" });
  await send(request);
  await send(request);
  assert.deepEqual(calls, ["/api/v1/service", "/api/v1/channel", "/api/v1/channel"]);
});

test("records hold nothing readable, and a number once", async () => {
  const records: Uint8Array[] = [];
  const { send } = closed((call) => {
    records.push(call.body!);
    return new Response('{"code":"busy"}', { status: 429 });
  });
  await Promise.all([1, 2, 3].map(() => send({ ...request, headers: { Authorization: "Bearer secret" }, body: random(10) as Bytes })));
  assert.equal(new Set(records.map((r) => hex(r.subarray(18, 26)))).size, 3);
  for (const r of records) assert.ok(!Buffer.from(r).includes("secret") && !Buffer.from(r).includes("reservations"));
});

test("a refused request for the state is that refusal", async () => {
  for (const [status, code] of [[429, "busy"], [500, "internal"]] as const) {
    const base: Transport = async () => new Response(JSON.stringify({ code }), { status, headers: { "Retry-After": "7" } });
    await assert.rejects(channelTransport(base, v.address)(request), { code, retryAfter: 7 });
  }
});

/** An answer to request 0 of a channel, of which only some bytes come. */
async function cut(c: Channel, text: Bytes, bytes: number, ends: boolean): Promise<Response> {
  const sealed = new Uint8Array(sealedSize(text.length));
  await sealInto(sealed, c.keys.service, c.keys.id, 0, text);
  const body = new ReadableStream<Uint8Array>({
    start(to) {
      to.enqueue(sealed.subarray(0, bytes));
      if (ends) to.close();
    },
  });
  return new Response(body, { headers: { "Content-Length": String(sealed.length) } });
}

test("an answer that was cut is broken, and not a breach", async () => {
  const text = join([utf8("200\n\n"), new Uint8Array(100_000)]);
  for (const bytes of [0, 10, 65_552, 65_553, 80_000]) {
    const c = channel();
    const read = async () => {
      const answer = await c.send(() => cut(c, text, bytes, true), { ...request, stream: true }, utf8("x"));
      await answer!.arrayBuffer();
    };
    await assert.rejects(read(), { name: "Broken" }, `${bytes} bytes`);
  }
});

test("an answer has the length it says", async () => {
  const read = async (length: number, stream: boolean) => {
    const c = channel();
    const text = join([utf8(`200\nContent-Length: ${length}\n\n`), new Uint8Array(100_000)]);
    const answer = await c.send(() => cut(c, text, 1e6, true), { ...request, stream }, utf8("x"));
    return (await answer!.arrayBuffer()).byteLength;
  };
  for (const stream of [true, false]) {
    assert.equal(await read(100_000, stream), 100_000);
    for (const wrong of [0, 70_000, 99_999, 100_001]) await assert.rejects(read(wrong, stream), { code: "protocol" });
  }
});

test("an answer whose head does not come can be left", async () => {
  const c = channel();
  const stop = new AbortController();
  const call: Call = { ...request, stream: true, signal: stop.signal };
  const answer = c.send(() => cut(c, utf8("200\n\nx"), 5, false), call, utf8("x"));
  stop.abort();
  await assert.rejects(answer, { name: "AbortError" });
});
