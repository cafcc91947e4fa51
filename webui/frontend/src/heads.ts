// What the frames of a request and of an answer begin with.
import { ApiError } from "./errors";
import { join, text, utf8, type Bytes } from "./format/bytes";
import type { Call } from "./transport";

const longest = 4096;
const requestHeaders = [
  "Authorization", "Content-Type", "Range",
  "Ashpost-Expires-In", "Ashpost-Reading", "Ashpost-Claim", "Ashpost-Manage", "Ashpost-Reader",
  "Ashpost-Inbox", "Ashpost-Invite", "Ashpost-Kind", "Ashpost-Replaces", "Ashpost-Size",
];
const answerHeaders = [
  "Allow", "Content-Length", "Content-Range", "Content-Type", "Retry-After",
  "Ashpost-Expires-In", "Ashpost-Kind", "Ashpost-Lease", "Ashpost-Reading", "Ashpost-Size",
];

const printable = /^[\x20-\x7e]*$/;

/** A request's first line, its headers and its body. */
export function requestText(call: Call): Bytes {
  const lines = [`${call.method} ${call.path}`];
  for (const name of requestHeaders) {
    const value = call.headers?.[name];
    if (value !== undefined) lines.push(`${name}: ${value}`);
  }
  if (!lines.every((line) => printable.test(line))) throw new ApiError("protocol");
  const head = utf8(lines.join("\n") + "\n\n");
  if (head.length > longest) throw new ApiError("protocol");
  return call.body ? join([head, call.body]) : head;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  rest: Bytes;
  /** That the body says it has. */
  length: number | null;
}

/** Takes the head off an answer. */
export function answerHead(plain: Bytes): Answer {
  const end = emptyLine(plain);
  const lines = end < 0 ? null : (text(plain.subarray(0, end))?.split("\n") ?? null);
  if (lines === null || !lines.every((line) => printable.test(line))) throw new ApiError("protocol");
  const status = /^[2-5]\d\d$/.test(lines[0]!) ? Number(lines[0]) : 0;
  const headers: Record<string, string> = {};
  for (const line of lines.slice(1)) {
    const at = line.indexOf(": ");
    const name = line.slice(0, Math.max(at, 0));
    if (!answerHeaders.includes(name) || name in headers) throw new ApiError("protocol");
    headers[name] = line.slice(at + 2);
  }
  if (status === 0) throw new ApiError("protocol");
  const length = headers["Content-Length"];
  return { status, headers, rest: plain.subarray(end + 2) as Bytes, length: length === undefined ? null : Number(length) };
}

function emptyLine(plain: Bytes): number {
  for (let at = 0; at < Math.min(plain.length, longest) - 1; at++) {
    if (plain[at] === 10 && plain[at + 1] === 10) return at;
  }
  return -1;
}
