// What every page has: the way out, the service's state at the foot, the preview banner.
import type { Api, ServiceState } from "../api";
import { count, say } from "../words";
import { byId } from "./dom";
import { inSeconds, moment } from "./format";

export const service = `http://${location.host}`;

const cleaners: (() => void)[] = [];

/** Registers what must be cleared when the page is left. */
export function onLeave(clean: () => void): void {
  cleaners.push(clean);
}

const reasons: (() => boolean)[] = [];
let left = false;

/** Lets the browser ask before the page is closed while `reason` holds. Leave never asks. */
export function stayWhile(reason: () => boolean): void {
  reasons.push(reason);
  besideWhile(reason);
}

const treasures: (() => boolean)[] = [];

/** Lets links open in a tab of their own while the page `has` what would be lost with it. */
export function besideWhile(has: () => boolean): void {
  treasures.push(has);
}

function clear(): void {
  for (const clean of cleaners) clean();
}

/** Sets up the frame and asks for the service's state: once, late, and nothing waits for it. */
export function frame(api: Api): Promise<ServiceState | null> {
  document.getElementById("loading")?.remove();
  byId("leave", HTMLAnchorElement).addEventListener("click", (e) => {
    e.preventDefault();
    left = true;
    clear();
    byId("main", HTMLElement).replaceChildren();
    location.replace("about:blank");
  });
  addEventListener("click", (e) => {
    const link = e.target instanceof Element ? e.target.closest("a") : null;
    if (link && link.id !== "leave") link.target = treasures.some((has) => has()) ? "_blank" : "";
  });
  addEventListener("beforeunload", (e) => {
    if (!left && reasons.some((holds) => holds())) e.preventDefault();
  });
  addEventListener("pagehide", clear);
  // A page that the browser kept and shows again has been cleared: begin anew.
  addEventListener("pageshow", (e) => {
    if (e.persisted) location.reload();
  });
  return api.service().then(
    (s) => {
      showState(s);
      return s;
    },
    () => {
      byId("proof", HTMLElement).textContent = say("proof.unknown");
      return null;
    },
  );
}

function showState(s: ServiceState): void {
  byId("preview", HTMLElement).hidden = !s.preview;
  byId("proof", HTMLElement).textContent = s.volatile ? `${proof(s)} ${say("volatile")}` : proof(s);
  if (s.state !== "locked") return;
  byId("locked", HTMLElement).hidden = false;
  const since = say("locked.since", { time: moment(inSeconds(-s.locked_for)) });
  byId("locked-since", HTMLElement).textContent =
    s.cause === "starting" ? say("locked.starting") : since;
}

/** Shows that the service turned out to be locked after the page was loaded. */
export function showLocked(): void {
  byId("locked", HTMLElement).hidden = false;
}

function proof(s: ServiceState): string {
  if (s.proved_ago < 0) return say("proof.never");
  const ago = Math.floor(s.proved_ago / 60);
  return ago < 1 ? say("proof.now") : count("proof.minutes", ago);
}
