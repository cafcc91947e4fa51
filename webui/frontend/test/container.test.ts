import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { containerSize, FileChanged, writeContainer } from "../src/format/container";
import { cleanNames } from "../src/format/names";
import { padded } from "../src/format/padme";
import { readContainer } from "../src/format/unpack";
import { base64, collect, filled, vectors } from "./vectors";

function content(v: { text: string; files: { name: string; content: string }[] }) {
  return { text: v.text, files: v.files.map((f) => ({ name: f.name, blob: new Blob([base64(f.content)]) })) };
}

test("lengths are padded", () => {
  for (const v of vectors.padding) assert.equal(padded(v.length), v.padded, String(v.length));
});

test("names are cleaned", () => {
  for (const v of vectors.names) assert.deepEqual(cleanNames(v.given), v.stored, v.name);
});

test("containers are written byte for byte, and read back", async () => {
  for (const v of vectors.containers) {
    const bytes = await collect(writeContainer(content(v)));
    assert.equal(bytes.length, v.length, v.name);
    assert.equal(containerSize(content(v)), v.length, v.name);
    assert.equal(createHash("sha256").update(bytes).digest("hex"), v.sha256, v.name);
    const got = await readContainer(filled(v.head, v.length));
    assert.equal(got.text ?? "", v.text, v.name);
    const files = got.files.map((f) => [f.name, Buffer.concat(f.chunks).toString("base64")]);
    assert.deepEqual(files, v.files.map((f) => [f.stored, f.content]), v.name);
  }
});

test("bad containers are refused", async () => {
  for (const v of vectors.bad_containers) {
    await assert.rejects(readContainer(filled(v.head, v.length)), { fault: "damaged" }, v.name);
  }
});

test("every flipped bit of a small container's structure is refused", async () => {
  const good = await collect(writeContainer({ text: "t", files: [{ name: "n", blob: new Blob(["x"]) }] }));
  const free = new Set([512, 1536]); // the two bytes of content
  for (let at = 0; at < 3200; at++) {
    if (free.has(at)) continue;
    const bad = good.slice();
    bad[at]! ^= 1 << at % 8;
    const read = readContainer((async function* () {
      yield bad;
    })());
    await assert.rejects(read, { fault: "damaged" }, `byte ${at}`);
  }
});

test("what goes in comes out, whatever the sizes", async () => {
  for (const n of [0, 1, 511, 512, 513, 65535, 65536, 65537, 200_000]) {
    const body = Uint8Array.from({ length: n }, (_, i) => (i * 31) % 251);
    const text = "سلام ".repeat(n % 700);
    const bytes = await collect(writeContainer({ text, files: [{ name: "گزارش.pdf", blob: new Blob([body]) }] }));
    const got = await readContainer((async function* () {
      yield bytes;
    })());
    assert.equal(got.text ?? "", text);
    assert.deepEqual(Buffer.concat(got.files[0]!.chunks), Buffer.from(body));
    assert.equal(got.files[0]!.name, "گزارش.pdf");
  }
});

test("a file that is shorter than it said ends the writing", async () => {
  const blob = new Blob(["short"]);
  Object.defineProperty(blob, "size", { value: 9 });
  await assert.rejects(collect(writeContainer({ text: "", files: [{ name: "n", blob }] })), FileChanged);
});
