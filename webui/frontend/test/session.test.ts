// Owner sessions against the vectors that the Go implementation wrote, and against a service
// that is made of the same parts.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Decrypter, Encrypter, generateHybridIdentity, identityToRecipient } from "age-encryption";
import { Channel, channelKeys, channelTransport, digest, directions, prefixed, type Keys } from "../src/channel";
import { join, random, text, utf8, type Bytes } from "../src/format/bytes";
import { openAll, sealInto, sealedSize } from "../src/frames";
import { accept, ownerTransport, type Owner } from "../src/session";
import type { Call, Transport } from "../src/transport";
import { hex, unhex } from "./vectors";

interface Sealed { name: string; number: number; text: string; more?: number; sealed: string }
interface Vectors {
  recipient: string; address: string; k1: string; opening: string;
  session: {
    identity: string; recipient: string; transcript: string; export: string; challenge: string;
    id: string; client_key: string; service_key: string;
    records: Sealed[]; answers: Sealed[]; bad_answers: Sealed[];
    bad_challenges: { name: string; challenge: string }[];
  };
}
const v = JSON.parse(readFileSync("../api/channel/testdata/vectors.json", "utf8")) as Vectors;
const s = v.session;

const channel = channelKeys(unhex(v.k1), v.address, v.recipient, unhex(v.opening));

function ownerOf(identity: string, recipient: string): Owner {
  const age = new Decrypter();
  age.addIdentity(identity);
  return { recipient, answer: async (challenge) => (await age.decrypt(challenge)) as Bytes };
}
const owner = ownerOf(s.identity, s.recipient);

test("what a session is bound to", () => {
  assert.deepEqual([hex(channel.transcript), hex(channel.export!)], [s.transcript, s.export]);
});

test("a session's keys, records and answers", async () => {
  const keys = await accept(channel, owner, unhex(s.challenge));
  assert.deepEqual([hex(keys.id), hex(keys.client), hex(keys.service)], [s.id, s.client_key, s.service_key]);
  for (const r of s.records) {
    const whole = utf8(r.text + r.text.slice(-1).repeat(r.more ?? 0));
    assert.equal(hex(await new Channel(keys).record(r.number, false, whole)), r.sealed, r.name);
  }
  for (const a of s.answers) {
    assert.equal(text(await openAll(keys.service, keys.id, a.number, unhex(a.sealed))), a.text);
  }
  for (const a of s.bad_answers) {
    await assert.rejects(openAll(keys.service, keys.id, a.number, unhex(a.sealed)), { code: "protocol" }, a.name);
  }
});

for (const c of s.bad_challenges) {
  test(`refused challenge: ${c.name}`, async () => {
    let asked = false;
    const watching: Owner = { ...owner, answer: (challenge) => ((asked = true), owner.answer(challenge)) };
    await assert.rejects(accept(channel, watching, unhex(c.challenge)), { code: "protocol" });
    assert.equal(asked, c.name.startsWith("a challenge "), "the identity was used");
  });
}

test("a text of another length is refused, whatever the identity says", async () => {
  const good = await owner.answer(unhex(s.challenge));
  for (const bad of [good.slice(1), good.slice(0, -1), join([good, utf8("x")]), new Uint8Array(0)]) {
    await assert.rejects(accept(channel, { ...owner, answer: async () => bad }, unhex(s.challenge)), { code: "protocol" });
  }
});

/** The service's end of channels and sessions, on one thread and without limits. */
class Service {
  readonly calls: string[] = [];
  readonly owners: string[] = [];
  began = 0;
  refusing = "";
  private known = new Map<string, { keys: Keys; owner: string }>();
  private constructor(private readonly identity: string, readonly recipient: string, private readonly address: string) {}

  static async start(address = v.address): Promise<Service> {
    const identity = await generateHybridIdentity();
    return new Service(identity, await identityToRecipient(identity), address);
  }

  forget(): void {
    this.known.clear();
  }

  readonly send: Transport = async (call) => {
    this.calls.push(call.path);
    if (call.path === "/api/v1/service") return new Response(JSON.stringify({ channel: this.recipient }));
    const record = call.body!;
    const id = record.slice(2, 18);
    let rest = record.subarray(26);
    if (record[1] === 1) {
      const opening = rest.slice(0, 1709);
      rest = rest.subarray(1709);
      if (!this.known.has(hex(id))) this.known.set(hex(id), { keys: await this.opened(opening), owner: "" });
    }
    const from = this.known.get(hex(id));
    if (!from) return new Response('{"code":"channel"}', { status: 409 });
    const number = record[25]!;
    const request = text(await openAll(from.keys.client, id, number, rest))!;
    const answer = await this.serve(from, request);
    const sealed = new Uint8Array(sealedSize(answer.length));
    await sealInto(sealed, from.keys.service, id, number, answer);
    return new Response(sealed);
  };

  private async opened(opening: Bytes): Promise<Keys> {
    const age = new Decrypter();
    age.addIdentity(this.identity);
    const k1 = (await age.decrypt(opening)).slice(18) as Bytes;
    return channelKeys(k1, this.address, this.recipient, opening);
  }

  private async serve(from: { keys: Keys; owner: string }, request: string): Promise<Bytes> {
    if (!request.startsWith("POST /api/v1/session\n")) {
      this.owners.push(from.owner);
      return utf8(`200\n\n${request}`);
    }
    this.began++;
    if (this.refusing !== "") return utf8(this.refusing);
    const { recipient } = JSON.parse(request.slice(request.indexOf("\n\n"))) as { recipient: string };
    return join([utf8("200\nContent-Type: application/octet-stream\n\n"), await this.challenge(from.keys, recipient)]);
  }

  async challenge(keys: Keys, recipient: string): Promise<Bytes> {
    const label = "ashpost/v1/session";
    const k2 = random(32);
    const age = new Encrypter();
    age.addRecipient(recipient);
    const challenge = (await age.encrypt(join([utf8(label), k2, digest(utf8(label), keys.transcript, prefixed(recipient))]))) as Bytes;
    const transcript = digest(keys.transcript, prefixed(recipient), challenge);
    const id = digest(utf8(label + "/id"), transcript).slice(0, 16);
    const session = { id, transcript, ...directions(join([keys.export!, k2]), transcript, label) };
    this.known.set(hex(id), { keys: session, owner: recipient });
    return challenge;
  }
}

const request: Call = { method: "POST", path: "/api/v1/x", headers: { "Ashpost-Inbox": "i", "Ashpost-Kind": "inbox", "Ashpost-Invite": "j" } };
const [state, record] = ["/api/v1/service", "/api/v1/channel"];

test("the opening and the session travel together", async () => {
  const service = await Service.start();
  const send = ownerTransport(service.send, v.address, owner);
  assert.equal(await (await send(request)).text(), "POST /api/v1/x\nAshpost-Inbox: i\nAshpost-Invite: j\nAshpost-Kind: inbox\n\n");
  await send(request);
  assert.deepEqual(service.calls, [state, record, record, record]);
  assert.deepEqual(service.owners, [s.recipient, s.recipient]);
});

test("parallel requests share a session, and the owner's are not the anonymous channel's", async () => {
  const service = await Service.start();
  const [anonymous, send] = [channelTransport(service.send, v.address), ownerTransport(service.send, v.address, owner)];
  await anonymous(request);
  await Promise.all([1, 2, 3, 4, 5].map(() => send(request)));
  await anonymous(request);
  assert.equal(service.began, 1);
  assert.deepEqual(service.owners, ["", ...Array<string>(5).fill(s.recipient), ""]);
  assert.equal(service.calls.filter((c) => c === state).length, 1, "the state was asked for again");
});

test("a session that ended is begun again, once", async () => {
  const service = await Service.start();
  const send = ownerTransport(service.send, v.address, owner);
  await send(request);
  service.forget();
  await Promise.all([send(request), send(request)]);
  assert.equal(service.began, 2);
  const closed = ownerTransport((call) => {
    if (call.path === record && call.body![1] === 0) service.forget();
    return service.send(call);
  }, v.address, owner);
  await assert.rejects(closed(request), { code: "protocol" });
  assert.equal(service.began, 4);
});

test("a challenge that a service in the middle passes on is refused", async () => {
  const [middle, genuine] = [await Service.start(), await Service.start()];
  const between = channelTransport(genuine.send, v.address);
  middle.challenge = async (_, recipient) => {
    const body = utf8(JSON.stringify({ recipient }));
    return new Uint8Array(await (await between({ ...request, path: "/api/v1/session", body })).arrayBuffer());
  };
  await assert.rejects(ownerTransport(middle.send, v.address, owner)(request), { code: "protocol" });
  assert.deepEqual([genuine.began, ...middle.owners, ...genuine.owners], [1]);
});

test("a client at another address has another session", async () => {
  const service = await Service.start("another.onion");
  await assert.rejects(ownerTransport(service.send, v.address, owner)(request));
  assert.deepEqual(service.owners, []);
});

test("a refusal to begin is the answer to whoever needed the session", async () => {
  const service = await Service.start();
  const send = ownerTransport(service.send, v.address, owner);
  service.refusing = '429\nRetry-After: 7\n\n{"code":"busy"}';
  const answers = await Promise.all([send(request), send(request)]);
  for (const a of answers) assert.deepEqual([a.status, a.headers.get("Retry-After"), await a.text()], [429, "7", '{"code":"busy"}']);
  for (const status of ["201", "302", "204"]) {
    service.refusing = `${status}\n\n`;
    await assert.rejects(send(request), { code: "protocol" });
  }
  service.refusing = "";
  await send(request);
  assert.deepEqual(service.owners, [s.recipient]);
});

test("an identity that does not open the challenge begins nothing", async () => {
  const service = await Service.start();
  const send = ownerTransport(service.send, v.address, ownerOf(await generateHybridIdentity(), s.recipient));
  await assert.rejects(send(request), { code: "protocol" });
  assert.deepEqual(service.owners, []);
});
