// The little of DOM work the pages share. Text only ever enters as textContent.

export function byId<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`page lacks #${id}`);
  return found;
}

export function button(id: string, press: () => void): HTMLButtonElement {
  const b = byId(id, HTMLButtonElement);
  b.addEventListener("click", press);
  b.disabled = false;
  return b;
}

/** Runs `run` when the form is sent by its button `press`. Not again while it runs: who presses
 * twice would get two keys, of which only one opens anything. */
export function submits(form: string, press: string, run: () => Promise<void>): void {
  let running = false;
  byId(form, HTMLFormElement).addEventListener("submit", (e) => {
    e.preventDefault();
    if (running) return;
    running = true;
    void run().finally(() => (running = false));
  });
  byId(press, HTMLButtonElement).disabled = false;
}

/** Shows one view of the page and hides the others; the focus goes to its heading, so that
 * a screen reader begins there and the keyboard goes on from there. */
export function view(id: string): void {
  for (const s of document.querySelectorAll<HTMLElement>("main > section")) s.hidden = s.id !== id;
  const heading = byId(id, HTMLElement).querySelector<HTMLElement>("h1");
  heading?.focus();
  document.title = `${heading?.textContent ?? ""} – Ashpost`;
  scrollTo(0, 0);
}

export function put(id: string, text: string): void {
  byId(id, HTMLElement).textContent = text;
}

/** Lets the browser paint before work that holds the page. */
export function painted(): Promise<void> {
  return new Promise((resolve) => {
    // A hidden page has no frames; the timer keeps it going.
    const timer = setTimeout(resolve, 200);
    requestAnimationFrame(() =>
      setTimeout(() => {
        clearTimeout(timer);
        resolve();
      }, 0),
    );
  });
}
