// An inbox with its owner, and sources who write to it, for the tests of both.
import assert from "node:assert/strict";
import type { Group, Verdict } from "../src/conversations";
import { newIdentity, type Identity } from "../src/format/identity";
import { Mailbox } from "../src/mailbox";
import { sourceMailbox, writeAsSource } from "../src/source";
import { replyInbox, type Addressee } from "../src/write";
import { InboxService, limits } from "./inboxservice";

export const host = "http://localhost";
export const quick = { pause: 1 };
export const say = (text: string, size = 0) => ({
  text, files: size ? [{ name: "f.bin", blob: new Blob([new Uint8Array(size).fill(5)]) }] : [],
});

export interface Desk { service: InboxService; identity: Identity; kept: Identity; box: Mailbox; address: Addressee }

export async function desk(service = new InboxService()): Promise<Desk> {
  const identity = await newIdentity();
  await service.session(identity.recipient).open([identity.recipient], { kind: "inbox" });
  const address = { id: replyInbox(identity), recipients: [identity.recipient] };
  const kept = { ...identity, seed: identity.seed.slice() }; // for after the box was left
  return { service, identity, kept, address, box: mailbox(service, identity) };
}

export function mailbox(service: InboxService, id: Identity): Mailbox {
  return sourceMailbox(service.session(id.recipient), service.plain(), id, limits);
}

export async function source(d: Desk, text: string, id?: Identity): Promise<Identity> {
  const identity = id ?? (await newIdentity());
  const letter = { content: say(text), to: [d.address], seconds: 60 };
  const noted = await writeAsSource(d.service.session(identity.recipient), d.service.plain(), limits, identity, letter, quick);
  assert.ok(noted);
  return identity;
}

export const turn = () => new Promise((resolve) => setTimeout(resolve));

export const told = (groups: Group[]): [string, Verdict | null][][] =>
  groups.map((g) => g.entries.map((e) => [e.item.letter?.text ?? e.item.state, e.verdict]));
