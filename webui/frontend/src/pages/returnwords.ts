// Typing return words: checked on the spot, with the words that begin alike.
import { between, bip39, checkAll, checkWord, type WordList } from "../format/codename";
import type { Bytes } from "../format/bytes";
import { byId, put, submits } from "../ui/dom";
import { count, say } from "../words";

const needed = 12;
const offers = 4;
const field = byId("words", HTMLTextAreaElement);

let list: Promise<WordList> | null = null;

/** Sets the form up; `typed` gets what the words stand for. */
export function wordsForm(typed: (entropy: Bytes) => void): void {
  field.addEventListener("focus", () => void words().catch(() => undefined), { once: true });
  field.addEventListener("input", () => void check());
  submits("enter-form", "show", () => submit(typed));
}

export function clearWords(): void {
  field.value = "";
  put("words-state", "");
  byId("words-near", HTMLElement).replaceChildren();
}

/** The list is loaded when it is needed; a load that failed is tried again. */
function words(): Promise<WordList> {
  list ??= bip39().catch((e: unknown) => {
    list = null;
    throw e;
  });
  return list;
}

/** Says how many words are there, and which one is in no list. The word that is being typed is
 * left alone until it has four letters. */
async function check(): Promise<void> {
  problem("");
  const all = await words().catch(() => null);
  if (!all) return;
  const parts = split(field.value).filter((p) => p.word);
  const typing = /[\p{L}]$/u.test(field.value);
  const wrong = parts.findIndex((p, i) => !checkWord(p.text, all) && !(typing && i === parts.length - 1 && begins(p.text, all)));
  byId("words-near", HTMLElement).replaceChildren(...(wrong < 0 ? [] : near(parts[wrong]!, all)));
  field.toggleAttribute("aria-invalid", wrong >= 0);
  const known = wrong < 0 && parts.length === needed ? say("enter.ready") : count("enter.count", parts.length);
  put("words-state", wrong < 0 ? (parts.length === 0 ? "" : known) : say("enter.word", { n: wrong + 1 }));
}

interface Part {
  text: string;
  word: boolean;
  at: number;
}

function split(typed: string): Part[] {
  let at = 0;
  return typed.split(between).map((text, i) => {
    const part = { text, word: i % 2 === 0 && text !== "", at };
    at += text.length;
    return part;
  });
}

function begins(start: string, all: WordList): boolean {
  return all.some((w) => w.startsWith(start.toLowerCase()));
}

/** Buttons with the words that share the most first letters; a press puts one in its place. */
function near(part: Part, all: WordList): HTMLButtonElement[] {
  for (let letters = 3; letters > 0; letters--) {
    const start = part.text.toLowerCase().slice(0, letters);
    const found = all.filter((w) => w.startsWith(start));
    if (found.length > 0) return closest(found, part.text).map((w) => offer(part, w));
  }
  return [];
}

function closest(words: readonly string[], typed: string): string[] {
  const alike = (w: string) => [...typed.toLowerCase()].filter((c) => w.includes(c)).length - Math.abs(w.length - typed.length);
  return [...words].sort((a, b) => alike(b) - alike(a)).slice(0, offers);
}

function offer(part: Part, word: string): HTMLButtonElement {
  const press = document.createElement("button");
  press.type = "button";
  press.dir = "ltr";
  press.textContent = word;
  press.addEventListener("click", () => {
    field.value = field.value.slice(0, part.at) + word + field.value.slice(part.at + part.text.length);
    field.focus();
    void check();
  });
  return press;
}

async function submit(typed: (entropy: Bytes) => void): Promise<void> {
  problem("");
  let all: WordList;
  try {
    all = await words();
  } catch {
    problem(say("fail.late"));
    return;
  }
  const result = checkAll(field.value, all);
  if (result.entropy) {
    clearWords();
    typed(result.entropy);
    return;
  }
  const fault = result.fault ?? "checksum";
  problem(say(`enter.fault.${fault}`, { n: fault === "word" ? result.word : result.words.length }));
  field.setAttribute("aria-invalid", "true");
  field.focus();
}

function problem(text: string): void {
  put("enter-problem", text);
  field.removeAttribute("aria-invalid");
}
