// A service for one message, on a real HTTP server, which breaks connections and loses answers.
import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Api } from "../src/api";
import { decode, encode, random } from "../src/format/bytes";
import { verifier } from "../src/format/derive";
import { fetchTransport } from "../src/transport";

export const limits = { small: 20_000, part: 30_000 };

/** It fails as often as `faults` says for each operation. */
export class Service {
  faults: Record<string, ((res: ServerResponse) => void)[]> = {};
  calls: string[] = [];
  forgetOnce = false;
  upload = new Uint8Array(0);
  parts = new Map<number, Buffer>();
  body: Buffer | null = null;
  claim = "";
  reader = "";
  acknowledged = false;

  readonly server = createServer((req, res) => void this.handle(req, res));

  async start(): Promise<Api> {
    await new Promise<void>((done) => this.server.listen(0, "127.0.0.1", done));
    const { port } = this.server.address() as AddressInfo;
    return new Api(fetchTransport(`http://127.0.0.1:${port}`));
  }

  private async handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const c of req) chunks.push(c as Buffer);
    const body = Buffer.concat(chunks);
    const operation = req.url!.split("/").slice(5).join("/") || (req.method === "PUT" ? "put" : "reserve");
    this.calls.push(operation);
    assert.ok(req.method === "GET" || req.headers["content-length"] !== undefined, "no Content-Length");
    const fault = this.faults[operation]?.shift();
    // A lost answer: the work is done, the answer never arrives.
    this.answer(operation, req, body, fault ? null : res);
    if (fault) fault(res);
  }

  private answer(operation: string, req: IncomingMessage, body: Buffer, res: ServerResponse | null): void {
    const json = (status: number, value: unknown) => res?.writeHead(status).end(JSON.stringify(value));
    const bearer = req.headers.authorization?.replace("Bearer ", "") ?? "";
    const proven = (hash: string) => bearer !== "" && verifier(decode(bearer, 32)!) === hash;
    if (operation === "reserve") {
      this.parts.clear();
      return void json(201, { reference: encode(random(16)), upload_key: encode(random(32)) });
    }
    if (operation.startsWith("parts/") && this.forgetOnce) {
      this.forgetOnce = false;
      return void json(403, { code: "gone", message: "" });
    }
    if (operation.startsWith("parts/")) {
      this.parts.set(Number(operation.slice(6)), body);
      return void res?.writeHead(204).end();
    }
    if (operation === "put" || operation === "commit") {
      this.body = operation === "put" ? body : Buffer.concat([...this.parts.values()]);
      const terms = operation === "put" ? {} : (JSON.parse(body.toString()) as Record<string, unknown>);
      this.claim = String(req.headers["ashpost-claim"] ?? terms["claim"]);
      assert.equal(terms["size"] ?? this.body.length, this.body.length);
      return void json(201, { expires_in: 60 });
    }
    if (operation === "claim") {
      const reader = String(req.headers["ashpost-reader"]);
      if (!proven(this.claim) || (this.reader !== "" && this.reader !== reader)) {
        return void json(403, { code: "gone", message: "" });
      }
      this.reader = reader;
      res?.writeHead(200, { "Ashpost-Size": this.body!.length, "Ashpost-Reading": "once", "Ashpost-Lease": 600 });
      return void res?.end(this.body!.length <= limits.small ? this.body : undefined);
    }
    if (!proven(this.reader)) return void json(403, { code: "gone", message: "" });
    if (operation === "acknowledge") {
      this.acknowledged = true;
      return void res?.writeHead(204).end();
    }
    const from = Number(/bytes=(\d+)-/.exec(req.headers.range!)![1]);
    const rest = this.body!.subarray(from);
    res?.writeHead(206, { "Content-Range": `bytes ${from}-${this.body!.length - 1}/${this.body!.length}` });
    // Every connection breaks after 25,000 bytes.
    if (rest.length > 25_000) res?.write(rest.subarray(0, 25_000), () => res.destroy());
    else res?.end(rest);
  }
}
