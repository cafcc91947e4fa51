// The routes of inboxes in memory, at the transport's edge. Whose session a call travels in is
// said by the transport it comes through.
import { createHash } from "node:crypto";
import { decode, encode, random, type Bytes } from "../src/format/bytes";
import { inboxId, inboxText, parseRecipients } from "../src/format/inbox";
import { Inboxes } from "../src/inboxes";
import type { Call, Transport } from "../src/transport";

export const limits = { small: 20_000, part: 30_000 };

/** The largest letter for a mailbox for answers. */
export const replyMost = 90_000;

/** `lost` is destroyed while its answer is on its way. */
interface Letter { reference: string; serial: number; body: Bytes; lost?: boolean }
interface Inbox { kind: string; file: Bytes; members: readonly string[]; letters: Letter[]; notebook: Bytes | null }

const refuse = (status: number, code: string) => new Response(JSON.stringify({ code, message: "" }), { status });
const json = (value: unknown, status = 200) => new Response(JSON.stringify(value), { status });

export class InboxService {
  inboxes = new Map<string, Inbox>();
  aliases: Record<string, string> = {};
  calls: string[] = [];
  /** Answers instead of the service, by what a path ends in; taken once each. */
  faults: { path: RegExp; answer: (call: Call) => Response }[] = [];
  wrap: (t: Transport) => Transport = (t) => t;
  private parts = new Map<string, Bytes[]>();
  private announced = new Map<string, number>();
  private serial = 0;

  plain(): Inboxes {
    return new Inboxes(this.wrap((call) => this.handle(call, "")));
  }

  /** As session.ts does it: the session is opened before the first call, once. */
  session(recipient: string): Inboxes {
    const send = this.wrap((call) => this.handle(call, recipient));
    let opened: Promise<Response> | null = null;
    return new Inboxes(async (call) => {
      await (opened ??= send({ method: "POST", path: "/api/v1/session" }));
      return send(call);
    });
  }

  inbox(id: Bytes): Inbox {
    return this.inboxes.get(inboxText(id))!;
  }

  private async handle(call: Call, owner: string): Promise<Response> {
    const path = call.path.replace("/api/v1/", "");
    this.calls.push(`${call.method} ${path}${owner ? " owner" : ""}`);
    const at = this.faults.findIndex((f) => f.path.test(path));
    if (at >= 0) return this.faults.splice(at, 1)[0]!.answer(call);
    const [kind, name, ...rest] = path.split("/");
    if (kind === "session") return json({});
    if (kind === "aliases") return this.aliases[name!] ? json({ inbox: this.aliases[name!] }) : refuse(403, "gone");
    if (kind === "reservations") return this.reserve(call);
    if (kind === "messages") return this.write(call, name!, rest);
    return this.read(call, name!, rest, owner);
  }

  private reserve(call: Call): Response {
    const announced = Number(call.headers!["Ashpost-Size"]);
    const inbox = this.inboxes.get(call.headers!["Ashpost-Inbox"]!);
    if (!inbox) return refuse(403, "gone");
    if (inbox.kind === "reply" && announced > replyMost) return refuse(413, "too_large");
    const reference = encode(random(16));
    this.announced.set(reference, announced);
    return json({ reference, upload_key: encode(random(32)) }, 201);
  }

  private write(call: Call, reference: string, rest: string[]): Response {
    const body = call.body ?? new Uint8Array(0);
    if (rest[0] === "parts") {
      const parts = this.parts.get(reference) ?? [];
      parts[Number(rest[1])] = body;
      this.parts.set(reference, parts);
      return new Response(null, { status: 204 });
    }
    const whole = call.method === "PUT";
    const terms = whole ? null : (JSON.parse(Buffer.from(body).toString()) as { inbox: string; size: number });
    const inbox = this.inboxes.get(terms?.inbox ?? call.headers!["Ashpost-Inbox"]!);
    if (!inbox) return refuse(403, "gone");
    const content = whole ? body : Uint8Array.from(Buffer.concat(this.parts.get(reference)!));
    if (terms && terms.size !== content.length) return refuse(409, "incomplete");
    const done = inbox.letters.find((l) => l.reference === reference);
    if (done) return Buffer.compare(done.body, content) === 0 ? json({ expires_in: 60 }, 201) : refuse(409, "conflict");
    if (content.length !== this.announced.get(reference)) return refuse(400, "bad_request");
    inbox.letters.push({ reference, serial: ++this.serial, body: content });
    return json({ expires_in: 60 }, 201);
  }

  private read(call: Call, name: string, rest: string[], owner: string): Response {
    const inbox = this.inboxes.get(name);
    if (call.method === "PUT" && rest.length === 0) return this.open(call, name, inbox);
    const sole = parse(owner) === name;
    if (call.method === "PUT" && !inbox && sole) {
      if (call.headers!["Ashpost-Replaces"] !== "none") return refuse(409, "replaced");
      this.inboxes.set(name, { kind: "reply", file: file(owner), members: [owner], letters: [], notebook: call.body! });
      return new Response(null, { status: 204 });
    }
    if (!inbox) return refuse(403, "gone");
    if (rest.length === 0) return new Response(inbox.file, { headers: { "Ashpost-Kind": inbox.kind } });
    if (!inbox.members.includes(owner)) return refuse(403, "gone");
    return this.owned(call, name, inbox, rest);
  }

  private open(call: Call, name: string, inbox: Inbox | undefined): Response {
    const kind = call.headers!["Ashpost-Kind"]!;
    if (inbox && inbox.kind !== kind) return refuse(409, "conflict");
    const members = parseRecipients(call.body!);
    if (inboxText(inboxId(members)) !== name) return refuse(400, "bad_request");
    if (!inbox) this.inboxes.set(name, { kind, file: call.body!, members, letters: [], notebook: null });
    return json({ expires_in: 1000 }, 201);
  }

  private owned(call: Call, name: string, inbox: Inbox, [what, which, then]: string[]): Response {
    const gone = () => new Response(null, { status: 204 });
    if (what === "destroy") return this.inboxes.delete(name), gone();
    if (what === "notebook" && call.method === "PUT") {
      const [there, put] = [inbox.notebook, call.body!].map((b) => (b ? hash(b) : "none"));
      if (there !== put && there !== call.headers!["Ashpost-Replaces"]) return refuse(409, "replaced");
      return (inbox.notebook = call.body!), gone();
    }
    if (what === "notebook") return inbox.notebook ? new Response(inbox.notebook) : refuse(403, "gone");
    if (what === "letters") return new Response(lettersAnswer(inbox, Number(which)));
    const doomed = what === "destroy-messages"
      ? (JSON.parse(Buffer.from(call.body!).toString()) as { messages: string[] }).messages
      : then === "destroy" ? [which!] : [];
    if (doomed.length > 0) {
      inbox.letters = inbox.letters.filter((l) => !doomed.includes(l.reference));
      return what === "destroy-messages" ? json({ destroyed: doomed.length }) : gone();
    }
    const letter = inbox.letters.find((l) => l.reference === which && decode(which!, 16));
    if (!letter) return refuse(403, "gone");
    const range = /bytes=(\d+)-/.exec(call.headers?.["Range"] ?? "");
    if (!range) return new Response(letter.body);
    // Every connection ends after 25,000 bytes.
    const from = Number(range[1]);
    const headers = { "Content-Range": `bytes ${from}-${letter.body.length - 1}/${letter.body.length}` };
    return new Response(letter.body.slice(from, from + 25_000), { status: 206, headers });
  }
}

/** The answer as it is drawn in the Go package api. */
export function lettersAnswer(inbox: Pick<Inbox, "kind" | "letters">, before: number): Bytes {
  const all = inbox.letters.filter((l) => before === 0 || l.serial < before).sort((a, b) => b.serial - a.serial);
  const listed = all.slice(0, 100);
  const facts = Buffer.alloc(8 + listed.length * 40);
  facts.set([1 + ["inbox", "request", "reply"].indexOf(inbox.kind), all.length > 100 ? 1 : 0]);
  facts.writeUInt16BE(listed.length, 2);
  facts.writeUInt32BE(inbox.letters.length, 4);
  listed.forEach((l, i) => {
    const at = 8 + i * 40;
    facts.set(decode(l.reference, 16)!, at);
    [l.serial, l.body.length, 60].forEach((n, k) => facts.writeBigUInt64BE(BigInt(n), at + 16 + k * 8));
  });
  const files: Bytes[] = [];
  let size = 0;
  for (const l of listed.filter((l) => l.body.length <= limits.small)) {
    if ((size += l.body.length) > 1 << 20) break;
    files.push(l.lost ? new Uint8Array(l.body.length) : l.body);
  }
  return Uint8Array.from(Buffer.concat([facts, ...files]));
}

function hash(b: Bytes): string {
  return createHash("sha256").update(b).digest("base64url");
}

function file(recipient: string): Bytes {
  return Uint8Array.from(Buffer.from(recipient + "\n"));
}

function parse(recipient: string): string {
  return recipient === "" ? "" : inboxText(inboxId([recipient]));
}
