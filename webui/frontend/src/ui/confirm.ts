// A question before what cannot be undone.
import { button, byId } from "./dom";

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
