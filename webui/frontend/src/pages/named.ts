// Lists of named things, each with a button that removes it, and fields that name new ones.
import { askInside } from "../ui/confirm";
import { byId, put } from "../ui/dom";
import { say, type Key } from "../words";

export interface Named {
  name: string;
  more: string;
}

/** `remove` is called for the one whose button was pressed, after asking `sure`. */
export function drawNamed(list: string, rows: readonly Named[], sure: Key, remove: (name: string) => void): void {
  const template = byId("row", HTMLTemplateElement);
  const made = rows.map(({ name, more }) => {
    const row = (template.content.cloneNode(true) as DocumentFragment).querySelector("li")!;
    row.querySelector(".name")!.textContent = name;
    row.querySelector(".hint")!.textContent = more;
    row.querySelector(".remove")!.setAttribute("aria-label", say("operator.remove", { name }));
    row.querySelector(".what")!.textContent = say(sure, { name });
    askInside(row, ".remove", () => remove(name));
    return row;
  });
  byId(list, HTMLElement).replaceChildren(...made);
}

/** Says at `place` what is wrong with a field. */
export function wrong(place: string, key: Key, field: HTMLInputElement): void {
  put(place, say(key));
  field.setAttribute("aria-invalid", "true");
  field.addEventListener("input", () => field.removeAttribute("aria-invalid"), { once: true });
  field.focus();
}
