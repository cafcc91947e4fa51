// A question before what cannot be undone.
import { button, byId } from "./dom";

/** The same where there are many: the button `name` of `root`, with a question in .sure and the
 * answers .yes and .no. */
export function askInside(root: HTMLElement, name: string, act: () => void): void {
  const find = (selector: string) => root.querySelector<HTMLElement>(selector)!;
  const ask = (on: boolean) => {
    find(".sure").hidden = !on;
    find(on ? ".no" : name).focus();
  };
  find(name).addEventListener("click", () => ask(true));
  find(".no").addEventListener("click", () => ask(false));
  find(".yes").addEventListener("click", () => {
    ask(false);
    act();
  });
}

/** Makes the button `id` ask first: the question is #id-ask, with the answers #id-yes and #id-no.
 * `ready` may find that there is nothing to ask. */
export function askFirst(id: string, act: () => void, ready: () => boolean = () => true): HTMLButtonElement {
  const question = byId(`${id}-ask`, HTMLElement);
  const first = button(id, () => {
    if (!ready()) return;
    question.hidden = false;
    byId(`${id}-no`, HTMLElement).focus();
  });
  const close = () => {
    question.hidden = true;
    first.focus(); // what was pressed is gone
  };
  button(`${id}-no`, close);
  button(`${id}-yes`, () => {
    close();
    act();
  });
  return first;
}
