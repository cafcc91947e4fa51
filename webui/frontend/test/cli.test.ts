// The pages' half and the command line, over the service: what one writes the other opens.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Bytes } from "../src/format/bytes";
import { newIdentity } from "../src/format/identity";
import { inboxAddress, parseInboxAddress, parseRequestLink } from "../src/format/inbox";
import { readKeyFile, writeKeyFile } from "../src/format/keyfile";
import { Mailbox } from "../src/mailbox";
import { requestIdentity } from "../src/request";
import { sourceMailbox, writeAsSource } from "../src/source";
import { findInbox, replyInbox, write } from "../src/write";
import { plain, quick, say, service, session } from "./live";

const dir = mkdtempSync(join(tmpdir(), "ashpost-cli-"));
after(() => rmSync(dir, { recursive: true }));
const passphrase = "aardvark-zebra-yo-yo-acid-zoom-abyss";
const secret = join(dir, "passphrase");
writeFileSync(secret, passphrase + "\n", { mode: 0o600 });

/** Runs `ashpost inbox`, and gives what it prints. */
function inbox(input: string, ...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const program = process.env["ASHPOST_TEST_PROGRAM"]!;
    const child = execFile(program, ["inbox", ...args], { cwd: dir }, (failed, out, said) =>
      failed ? reject(new Error(said)) : resolve(out),
    );
    child.stdin!.on("error", () => undefined); // one that reads nothing may have ended: its exit code tells
    child.stdin!.end(input);
  });
}

interface Printed {
  address: string; private_link: string; number: number; text: string; standing: string;
  conversations: { name: string }[];
}
const json = async (...args: string[]) => JSON.parse(await inbox("", ...args, "--json")) as Printed;
const withKey = (file: string) => ["--key", join(dir, file), "--passphrase-file", secret];

test("the command line owns an inbox, and a page writes to it", async () => {
  const { limits } = await plain.service();
  const made = await json("create", service, ...withKey("cli.key"));
  const to = await findInbox(plain, parseInboxAddress(made.address), quick);
  const id = await newIdentity();
  const letter = { content: say("پیام از مرورگر", 100_000), to: [to], seconds: 3600 };
  assert.ok(await writeAsSource(session(id), plain, limits, id, letter, quick));
  const read = await json("read", ...withKey("cli.key"), made.address, "--out", join(dir, "out"));
  assert.deepEqual([read.text, read.standing], ["پیام از مرورگر", "first-contact"]);
  assert.deepEqual(readFileSync(join(dir, "out", "f.bin")), Buffer.alloc(100_000, 5));

  await inbox("The answer", "reply", ...withKey("cli.key"), made.address, String(read.number));
  const back = sourceMailbox(session(id), plain, id, limits);
  await back.open(quick);
  const [group] = back.conversations();
  assert.deepEqual(group!.entries.map((e) => [e.item.letter!.text, e.verdict]), [["The answer", "conversation"]]);

  await back.answer(group!.partner!, "", say("follow-up"), 3600, quick);
  const follow = await json("read", ...withKey("cli.key"), made.address);
  assert.deepEqual([follow.text, follow.standing], ["follow-up", "conversation"]);
});

test("a page's key file is the command line's, and the notebook both of theirs", async () => {
  const { limits } = await plain.service();
  const id = await newIdentity();
  await session(id).open([id.recipient], { kind: "inbox" });
  const address = inboxAddress({ service, id: replyInbox(id), alias: "" });
  writeFileSync(join(dir, "page.key"), await writeKeyFile(id, address, passphrase), { mode: 0o600 });
  await json("create", service, ...withKey("writer.key"));
  await inbox("From the command line", "write", ...withKey("writer.key"), address);

  const box = sourceMailbox(session(id), plain, id, limits);
  await box.open(quick);
  const [group] = box.conversations();
  assert.deepEqual(group!.entries.map((e) => [e.item.letter!.text, e.verdict]), [["From the command line", "first"]]);
  await box.answer(group!.partner!, "Orange", say("From the page"), 3600, quick);

  const listed = await json("list", ...withKey("page.key"), address);
  assert.deepEqual(listed.conversations.map((c) => c.name), ["Orange"]);
  const key = await readKeyFile(new Uint8Array(readFileSync(join(dir, "writer.key"))) as Bytes, passphrase);
  const answer = await json("read", ...withKey("writer.key"), key.address);
  assert.deepEqual([answer.text, answer.standing], ["From the page", "conversation"]);
});

test("a request of the command line is answered by a page, and opened by one", async () => {
  const { limits } = await plain.service();
  const made = await json("request", service);
  const to = await findInbox(plain, parseInboxAddress(made.address), quick);
  await write(plain, limits, { content: say("asked for"), to, seconds: 3600, answers: null }, quick);
  const link = parseRequestLink(made.private_link);
  const id = await requestIdentity(link);
  const box = new Mailbox(session(id), plain, id, link.id, limits);
  await box.open(quick);
  assert.equal(box.items[0]!.letter!.text, "asked for");
});
