// The client against a service that breaks connections and loses answers.
import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { after, test } from "node:test";
import type { Api } from "../src/api";
import type { ApiError } from "../src/errors";
import { random } from "../src/format/bytes";
import { parseControlLink, parseSecretLink } from "../src/format/link";
import { Receiver } from "../src/receive";
import type { Persist, Waiting } from "../src/retry";
import { send } from "../src/send";
import { browserTransport } from "../src/transport";
import { limits, Service } from "./service";

const drop = (res: ServerResponse) => void res.destroy();
const refuse = (status: number, code: string, retry = "1") => (res: ServerResponse) =>
  void res.writeHead(status, { "Retry-After": retry }).end(JSON.stringify({ code, message: "" }));

const services: Service[] = [];
async function start(): Promise<{ service: Service; api: Api }> {
  const service = new Service();
  services.push(service);
  return { service, api: await service.start() };
}
after(() => services.forEach((s) => s.server.close()));

const quick = (waits: Waiting[] = []): Persist => ({ pause: 1, waiting: (w) => void waits.push(w) });
const draft = (size: number) => ({
  text: "Meet at nine",
  files: [{ name: "f.bin", blob: new Blob([new Uint8Array(size).fill(5)]) }],
  extra: null, seconds: 60, keep: false,
});
const ask = () => Promise.reject(new Error("asked"));

for (const [name, size] of [["small", 10], ["large", 100_000]] as const) {
  test(`a ${name} message crosses connections that break everywhere`, async () => {
    const { service, api } = await start();
    service.faults = {
      reserve: [drop, refuse(429, "busy")], put: [drop, drop], "parts/1": [drop, refuse(500, "internal")],
      commit: [drop], claim: [drop], content: [drop, drop], acknowledge: [drop, refuse(503, "locked")],
    };
    const waits: Waiting[] = [];
    const sent = await send(api, "http://localhost", limits, draft(size), quick(waits));
    assert.ok(waits.some((w) => w.why === "busy") && waits.some((w) => w.why === "broken"));
    assert.ok(parseControlLink(sent.control).key.some((b) => b !== 0));
    const receiver = new Receiver(api, parseSecretLink(sent.link), random(32));
    const got = await receiver.receive(null, { ...quick(), ask });
    assert.equal(got.text, "Meet at nine");
    assert.equal(got.files[0]!.size, size);
    assert.equal(service.acknowledged, false, "acknowledged before the page decided to");
    await receiver.acknowledge(quick());
    assert.equal(service.acknowledged, true);
    const other = new Receiver(api, parseSecretLink(sent.link), random(32));
    await assert.rejects(other.receive(null, { ...quick(), ask }), { code: "gone" });
  });
}

test("a forgotten reservation is replaced, with new keys", async () => {
  const { service, api } = await start();
  service.forgetOnce = true;
  const sent = await send(api, "http://localhost", limits, draft(100_000), quick());
  assert.equal(service.calls.filter((c) => c === "reserve").length, 2);
  const receiver = new Receiver(api, parseSecretLink(sent.link), random(32));
  assert.equal((await receiver.receive(null, { ...quick(), ask })).text, "Meet at nine");
});

test("a wrong extra passphrase is asked for again, without another claim", async () => {
  const { service, api } = await start();
  const sent = await send(api, "http://localhost", limits, { ...draft(10), extra: "right words" }, quick());
  const faults: string[] = [];
  const receiver = new Receiver(api, parseSecretLink(sent.link), random(32));
  const got = await receiver.receive("wrong words", {
    ...quick(),
    ask: (e) => {
      faults.push(e.fault);
      return Promise.resolve(faults.length === 1 ? " " : " right   words ");
    },
  });
  assert.deepEqual(faults, ["wrong-passphrase", "empty"]);
  assert.equal(got.text, "Meet at nine");
  assert.equal(service.calls.filter((c) => c === "claim").length, 1);
  assert.equal(service.acknowledged, false);
});

test("refusals that time does not mend come through at once", async () => {
  for (const [status, code] of [[403, "gone"], [413, "too_large"], [507, "full"], [503, "locked"], [400, "bad_request"]] as const) {
    const { service, api } = await start();
    service.faults = { put: [refuse(status, code)] };
    const sending = send(api, "http://localhost", limits, { ...draft(10), files: [] }, quick());
    if (code === "gone") await sending; // replaced by a new reservation
    else await assert.rejects(sending, (e: ApiError) => e.code === code);
  }
});

test("stopping ends the waiting", async () => {
  const { service, api } = await start();
  service.faults = { reserve: Array.from({ length: 50 }, () => drop) };
  const stop = new AbortController();
  const sending = send(api, "http://localhost", limits, draft(10), {
    pause: 5, signal: stop.signal, waiting: (w) => w.tries === 3 && stop.abort(),
  });
  await assert.rejects(sending, { name: "AbortError" });
  assert.ok(service.calls.length <= 4);
});

test("what is stopped between two requests makes no further one", async (t) => {
  const sent: string[] = [];
  class Request {
    upload = {};
    status = 204;
    onload = () => {};
    open(_: string, path: string) { sent.push(path); }
    setRequestHeader() {}
    getResponseHeader() { return null; }
    get response() { return new ArrayBuffer(0); }
    send() { this.onload(); }
  }
  Object.assign(globalThis, { XMLHttpRequest: Request });
  t.after(() => Reflect.deleteProperty(globalThis, "XMLHttpRequest"));
  const put = { method: "PUT", body: new Uint8Array(1) } as const;
  const browser = browserTransport("");
  await browser({ ...put, path: "/1", signal: new AbortController().signal });
  await assert.rejects(browser({ ...put, path: "/2", signal: AbortSignal.abort() }), { name: "AbortError" });
  assert.deepEqual(sent, ["/1"]);
});

test("a changed ciphertext is never handed out", async () => {
  const { service, api } = await start();
  const sent = await send(api, "http://localhost", limits, draft(100_000), quick());
  service.body![60_000]! ^= 1;
  const receiver = new Receiver(api, parseSecretLink(sent.link), random(32));
  await assert.rejects(receiver.receive(null, { ...quick(), ask }), { fault: "damaged" });
  service.body![60_000]! ^= 1;
  assert.equal((await receiver.receive(null, { ...quick(), ask })).text, "Meet at nine");
});

test("an answer without an end is refused", async () => {
  const { service, api } = await start();
  const endless = (res: ServerResponse) => {
    const more = () => {
      while (!res.destroyed && res.write(Buffer.alloc(65536, "a")));
      if (!res.destroyed) res.once("drain", more);
    };
    more();
  };
  service.faults = { reserve: [endless] };
  await assert.rejects(api.reserve(), { code: "protocol" });
});
