// A question before what cannot be undone.
import { button, byId } from "./dom";

/** The same where there are many: the button `name` of `root`, with a question in .sure and the
 * answers .yes and .no. `act` finds the question gone, and has to put the focus somewhere. */
export function askInside(root: HTMLElement, name: string, act: () => void): void {
  const find = (selector: string) => root.querySelector<HTMLElement>(selector)!;
  const ask = (on: boolean) => {
    find(".sure").hidden = !on;
    find(on ? ".no" : name).focus();
  };
  find(name).addEventListener("click", () => ask(true));
  find(".no").addEventListener("click", () => ask(false));
  find(".yes").addEventListener("click", () => {
    find(".sure").hidden = true;
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
  button(`${id}-no`, () => {
    question.hidden = true;
    first.focus();
  });
  button(`${id}-yes`, () => {
    question.hidden = true;
    act();
  });
  return first;
}
