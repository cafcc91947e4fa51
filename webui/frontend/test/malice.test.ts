// What a service may answer that follows no contract.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { Api } from "../src/api";
import { Channel, channelKeys, channelTransport } from "../src/channel";
import { sealInto, sealedSize } from "../src/frames";
import { random, utf8 } from "../src/format/bytes";
import { Inboxes } from "../src/inboxes";
import { fetchTransport, type Call, type Transport } from "../src/transport";
import { unhex } from "./vectors";

interface Vectors { recipient: string; address: string; k1: string; opening: string }
const v = JSON.parse(readFileSync("../api/channel/testdata/vectors.json", "utf8")) as Vectors;

const known = { inboxes: "anyone", links: "anyone", state: "open", proved_ago: 1, locked_for: 0 };
const limits = { message: 1e8, small: 262_144, part: 4_194_304, shortest: 300, longest: 604_800 };
const stated = (s: object) => new Api(async () => new Response(JSON.stringify(s)));

/** A body that never ends. Whoever takes more than four mebibytes of it is told. */
function endless(status: number): Response {
  let taken = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(to) {
      if ((taken += 65_536) > 1 << 22) to.error(new Error("too much was taken"));
      else to.enqueue(new Uint8Array(65_536).fill(0x20));
    },
  });
  return new Response(body, { status });
}

/** A service whose channel cannot be opened, so that it answers outside of it. */
function outside(answer: () => Response, recipient = v.recipient): { api: Api; calls: string[] } {
  const calls: string[] = [];
  const base: Transport = async (call) => {
    calls.push(call.path);
    return call.path === "/api/v1/service" ? new Response(JSON.stringify({ channel: recipient })) : answer();
  };
  return { api: new Api(channelTransport(base, v.address)), calls };
}

test("a refusal without an end is not taken in", async () => {
  const key = random(32);
  const within = new Api(async () => endless(403));
  await assert.rejects(within.content(random(16), key, 0), { code: "protocol" });
  await assert.rejects(outside(() => endless(500)).api.content(random(16), key, 0), { code: "protocol" });
});

test("limits that cannot be", async () => {
  assert.deepEqual((await stated({ ...known, limits }).service()).limits, limits);
  const bad = [{ part: 0 }, { part: -1 }, { part: 1 }, { part: 0.5 }, { part: "4194304" }, { part: null }, { part: 2 ** 40 }, { small: 2 ** 40 }, { small: -1 }, { message: "x" }];
  for (const b of bad) await assert.rejects(stated({ ...known, limits: { ...limits, ...b } }).service(), { code: "protocol" }, JSON.stringify(b));
  for (const b of [{}, { limits: null }, { limits, locked_for: 1e300 }, { limits, proved_ago: "x" }]) {
    await assert.rejects(stated({ ...known, ...b }).service(), { code: "protocol" }, JSON.stringify(b));
  }
});

test("answers that are no JSON, or nothing", async () => {
  for (const body of ["null", "1", '"x"', "", "{", "<html>"]) {
    const api = new Inboxes(async () => new Response(body));
    const [a, b] = [random(16), random(32)];
    for (const call of [api.service(), api.reserve(), api.state(a, b), api.revoke(a, b), api.alias("desk")]) {
      await assert.rejects(call, { code: "protocol" }, body);
    }
    const channel = channelTransport(async () => new Response(body), v.address);
    await assert.rejects(new Api(channel).reserve(), { code: "protocol" }, body);
  }
});

test("times that are none", async () => {
  const json = (v: unknown) => () => new Response(JSON.stringify(v));
  const head = (name: string, value: string) => () => new Response("x", { headers: { "Ashpost-Size": "1", [name]: value } });
  const asked = (answer: () => Response) => new Inboxes(async () => answer());
  const r = { reference: random(16), upload: random(32) };
  const terms = { seconds: 60, inbox: "a".repeat(52) };
  for (const bad of [undefined, null, -1, 0.5, 1e300, "60", []]) {
    const api = asked(json({ expires_in: bad, lease: 0, state: "waiting" }));
    const all = [api.putWhole(r, random(1), terms), api.commit(r, 1, 1, terms), api.state(r.reference, r.upload), api.open([v.recipient], { kind: "inbox" })];
    for (const call of all) await assert.rejects(call, { code: "protocol" }, String(bad));
  }
  for (const bad of ["-1", "1e300", "0.5", "x"]) {
    for (const name of ["Ashpost-Lease", "Ashpost-Expires-In"]) {
      await assert.rejects(asked(head(name, bad)).claim(r.reference, r.upload, random(32)), { code: "protocol" }, bad);
    }
  }
});

test("a channel opens to a hybrid key in its one spelling, and to nothing weaker", async () => {
  const weak = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
  for (const recipient of [weak, v.recipient.toUpperCase(), v.recipient + "\n", "age1pq1"]) {
    const { api, calls } = outside(() => new Response("{}"), recipient);
    await assert.rejects(api.reserve(), { code: "protocol" });
    assert.deepEqual(calls, ["/api/v1/service"]);
  }
});

test("statuses that have no body", async () => {
  const call: Call = { method: "GET", path: "/api/v1/x" };
  for (const stream of [true, false]) {
    for (const status of [204, 205, 304]) {
      const c = new Channel(channelKeys(unhex(v.k1), v.address, v.recipient, unhex(v.opening)), unhex(v.opening));
      const text = utf8(`${status}\n\nx`);
      const sealed = new Uint8Array(sealedSize(text.length));
      await sealInto(sealed, c.keys.service, c.keys.id, 0, text);
      await assert.rejects(c.send(async () => new Response(sealed), { ...call, stream }, utf8("x")), { code: "protocol" }, `${status}`);
    }
  }
});

test("statuses that are none", async () => {
  let status = 0;
  const server = createServer((_, res) => void res.writeHead(status).end());
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  try {
    for (status of [205, 304, 700]) {
      await assert.rejects(fetchTransport(`http://127.0.0.1:${port}`)({ method: "GET", path: "/" }), { code: "protocol" }, `${status}`);
    }
  } finally {
    server.close();
  }
});
