// The service that the test runner started, spoken to as pages do.
import { channelTransport } from "../src/channel";
import { owner, type Identity } from "../src/format/identity";
import { Inboxes } from "../src/inboxes";
import { ownerTransport } from "../src/session";
import { fetchTransport } from "../src/transport";

export const service = process.env["ASHPOST_TEST_SERVICE"]!;
const { host } = new URL(service);
const base = fetchTransport(service);

export const anonymous = channelTransport(base, host);
export const plain = new Inboxes(anonymous);
export const session = (id: Identity) => new Inboxes(ownerTransport(base, host, owner(id)));
export const quick = { pause: 1 };
export const say = (text: string, size = 0) => ({
  text, files: size ? [{ name: "f.bin", blob: new Blob([new Uint8Array(size).fill(5)]) }] : [],
});
