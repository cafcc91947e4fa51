// The button that shows a QR code; the code that draws it is loaded at the first press.
import { say, type Key } from "../words";
import { button, byId } from "./dom";

/** `drawn` is called when the code is shown, `failed` when it cannot be loaded. */
export function qrButton(text: () => string, label: Key, drawn: () => void, failed: () => void): void {
  const place = byId("qr-place", HTMLElement);
  const toggle = button("qr", () => {
    if (place.firstChild) {
      place.replaceChildren();
      shown(false);
      return;
    }
    import("./qr").then((qr) => {
      place.replaceChildren(qr.draw(text(), say(label)));
      shown(true);
      drawn();
    }, failed);
  });
  const shown = (on: boolean) => {
    toggle.textContent = say(on ? "qr.hide" : "qr.show");
    toggle.setAttribute("aria-expanded", String(on));
  };
}
