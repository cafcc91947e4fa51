// A question before what cannot be undone.
import { button, byId } from "./dom";

/** Makes the button `id` ask first: the question is #id-ask, with the answers #id-yes and #id-no. */
export function askFirst(id: string, act: () => void): HTMLButtonElement {
  const question = byId(`${id}-ask`, HTMLElement);
  const first = button(id, () => {
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
