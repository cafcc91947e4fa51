// "Destroy it now", in two steps, for the link view and the control page.
import { ApiError } from "../errors";
import type { ControlLink } from "../format/link";
import { persist } from "../retry";
import { say, type Key } from "../words";
import { askFirst } from "./confirm";
import { byId } from "./dom";
import { showLocked } from "./frame";
import { api } from "./service";

export function destroyButton(link: () => ControlLink, done: () => void): HTMLButtonElement {
  const result = byId("revoked", HTMLElement);
  const first = askFirst("destroy", () => {
    first.disabled = true;
    result.focus(); // the button that had the focus is gone
    result.textContent = say("revoke.working");
    void revoke(link(), (n) => (result.textContent = say("wait.broken", { n }))).then((key) => {
      result.textContent = say(key);
      const final = key === "revoke.unread" || key === "revoke.read" || key === "revoke.gone";
      first.disabled = final;
      if (final) done();
    });
  });
  return first;
}

async function revoke(link: ControlLink, waiting: (seconds: number) => void): Promise<Key> {
  try {
    const attempt = () => api.revoke(link.reference, link.key);
    const result = await persist(attempt, { waiting: (w) => waiting(w.seconds) });
    if (result === null) showLocked();
    return result === null ? "revoke.unproven" : result.claimed ? "revoke.read" : "revoke.unread";
  } catch (e) {
    if (e instanceof ApiError && e.code === "gone") return "revoke.gone";
    if (e instanceof ApiError && e.code === "locked") {
      showLocked();
      return "revoke.locked";
    }
    return "revoke.failed";
  }
}
