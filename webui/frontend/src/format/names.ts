// Names of attachments inside a container. A sender's name is cleaned, a reader's is checked:
// it must never be a path, hide its ending, or stand for two files.
import { utf8 } from "./bytes";
import { nameLimit } from "./ustar";

// Path separators, control characters, and the marks that turn text around to fake an ending.
const unsafe = /[/\\\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;
const loneSurrogate = /\p{Surrogate}/gu;
const fallback = "file";

export function cleanNames(names: readonly string[]): string[] {
  const used = new Set<string>();
  return names.map((raw) => {
    const name = cleanName(raw);
    let unique = name;
    for (let n = 2; used.has(unique); n++) unique = fit(name, ` (${n})`);
    used.add(unique);
    return unique;
  });
}

function cleanName(raw: string): string {
  const name = raw.replace(loneSurrogate, "_").replace(unsafe, "_");
  return fit(name === "" || name === "." || name === ".." ? fallback : name, "");
}

/** Whether a received name is one that cleaning leaves as it is. */
export function isClean(name: string): boolean {
  return cleanName(name) === name;
}

/** Puts `mark` before the ending and shortens the stem, at a code point, to fit the field. */
function fit(name: string, mark: string): string {
  const dot = name.lastIndexOf(".");
  const ending = dot > 0 && utf8(name.slice(dot)).length <= 20 ? name.slice(dot) : "";
  const stem = Array.from(ending ? name.slice(0, dot) : name);
  while (utf8(stem.join("") + mark + ending).length > nameLimit) stem.pop();
  return stem.join("") + mark + ending;
}
