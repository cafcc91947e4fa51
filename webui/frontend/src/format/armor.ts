// ASCII armor of age files. typage's is a namespace of its own, which keeps a bundle with late
// imports from being one file.
import { base64 } from "@scure/base";
import { damaged } from "./errors";
import { text, utf8, type Bytes } from "./bytes";

export const firstLine = "-----BEGIN AGE ENCRYPTED FILE-----";
const lastLine = "-----END AGE ENCRYPTED FILE-----";
const width = 64;

export function armored(file: Bytes): Bytes {
  const lines = base64.encode(file).match(new RegExp(`.{1,${width}}`, "g")) ?? [];
  return utf8([firstLine, ...lines, lastLine, ""].join("\n"));
}

/** Takes the armor off. White space around it does not matter, nor CRLF for LF. */
export function unarmored(file: Bytes): Bytes {
  const lines = (text(file) ?? "").trim().split(/\r?\n/);
  const [first, last] = [lines.shift(), lines.pop()];
  const even = lines.every((l, i) => l.length === width || (i === lines.length - 1 && l.length > 0 && l.length < width));
  if (first !== firstLine || last !== lastLine || !even) throw damaged("the armor was changed");
  try {
    return Uint8Array.from(base64.decode(lines.join("")));
  } catch {
    throw damaged("the armor was changed");
  }
}
